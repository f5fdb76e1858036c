/* What records ask of Redis, and what its answers mean. */
#ifndef XMPPBIND_STORAGE_REDIS_CLAIMS_H
#define XMPPBIND_STORAGE_REDIS_CLAIMS_H

#include "record.h"

/* Sends what can be sent: what waits, and then what is to be checked. */
void xmppbind_redis_dispatch(struct xmppbind_redis *redis);
/* Ends what has waited too long. */
void xmppbind_redis_expire(struct xmppbind_redis *redis);
/* When there is something to dispatch that is not waiting for a connection. */
uint64_t xmppbind_redis_claims_deadline(const struct xmppbind_redis *redis);

#endif
