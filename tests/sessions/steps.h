/* What clients, and contacts outside, do at random; the model and the library are told both. */
#ifndef XMPPBIND_TESTS_SESSIONS_STEPS_H
#define XMPPBIND_TESTS_SESSIONS_STEPS_H

#include "world.h"

void step(struct world *world);
/* A resource that the stream has, which has one. */
int steps_any_resource(struct world *world, int stream);
int steps_resource_count(const struct world *world, int stream);
/* All streams go, one by one. */
void steps_end(struct world *world);

#endif
