/* What clients, and contacts outside, do at random; the model and the library are told both. */
#ifndef XMPPBIND_TESTS_SESSIONS_STEPS_H
#define XMPPBIND_TESTS_SESSIONS_STEPS_H

#include "world.h"

void step(struct world *world);
/* All streams go, one by one. */
void steps_end(struct world *world);

#endif
