/* The loop with poll(2) of xmppbind_redis_poll(). */
#ifndef XMPPBIND_STORAGE_REDIS_POLL_H
#define XMPPBIND_STORAGE_REDIS_POLL_H

#include "node.h"

void xmppbind_redis_poll_free(struct xmppbind_redis *redis);

#endif
