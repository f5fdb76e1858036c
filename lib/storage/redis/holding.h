/* What this node holds: checked now and then, claimed again after trouble, lost to others, given back. */
#ifndef XMPPBIND_STORAGE_REDIS_HOLDING_H
#define XMPPBIND_STORAGE_REDIS_HOLDING_H

#include "record.h"

/* A claim was granted: the record is held from now on, and the directory told. */
void xmppbind_redis_granted(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, uint64_t number);
/* A claim is another's now, as another node or Redis says; it may not have been granted yet. */
void xmppbind_redis_lost(struct xmppbind_redis *redis, const char *jid, size_t length, uint64_t number);
/* The host gives a record back. */
void xmppbind_redis_release(struct xmppbind_redis *redis, struct xmppbind_redis_record *record);
/* Whether a record still counts as held was answered (`lost` or not), or not answered. */
void xmppbind_redis_held(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, int lost);
void xmppbind_redis_not_held(struct xmppbind_redis *redis, struct xmppbind_redis_record *record);
/* When the next one is to be checked. */
uint64_t xmppbind_redis_holding_deadline(const struct xmppbind_redis *redis);

#endif
