/* Which incarnations live: those of this node, and those of others. See node.h for the states. */
#ifndef XMPPBIND_STORAGE_REDIS_REGISTRY_H
#define XMPPBIND_STORAGE_REDIS_REGISTRY_H

#include "node.h"

/* Whether claims may be sent: there is a current incarnation, and its lease lasts by our clock. */
static inline int xmppbind_redis_is_ready(const struct xmppbind_redis *redis) {
    return redis->registry.current[0] != '\0' && redis->now < redis->registry.until;
}

/* What the scripts are told of: kept up to date with the clock. Nothing is sent before the registry has answered once.
 */
const char *xmppbind_redis_living(struct xmppbind_redis *redis);
/* The current incarnation becomes a former one, because it is not known what was done under it. */
void xmppbind_redis_retire(struct xmppbind_redis *redis);
/* A record waits until it is known whether an incarnation lives: XMPPBIND_OK, or XMPPBIND_ERROR_NO_MEMORY. */
int xmppbind_redis_ask(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, const char *incarnation,
                       size_t length);
/* Asks what is to be asked. */
void xmppbind_redis_registry_run(struct xmppbind_redis *redis);
uint64_t xmppbind_redis_registry_deadline(const struct xmppbind_redis *redis);
/* The slot that the registry lies in. */
uint16_t xmppbind_redis_registry_slot(void);
void xmppbind_redis_registry_free(struct xmppbind_redis *redis);

#endif
