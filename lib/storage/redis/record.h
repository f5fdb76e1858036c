/* Records: their lists, the inbox that other threads fill, and the table of what is held. */
#ifndef XMPPBIND_STORAGE_REDIS_RECORD_H
#define XMPPBIND_STORAGE_REDIS_RECORD_H

#include "node.h"

void xmppbind_redis_list_append(struct xmppbind_redis_list *list, struct xmppbind_redis_record *record);
void xmppbind_redis_list_prepend(struct xmppbind_redis_list *list, struct xmppbind_redis_record *record);
void xmppbind_redis_list_remove(struct xmppbind_redis_list *list, struct xmppbind_redis_record *record);

/* An xmppbind_request_callback, for claims, releases and lists, on any thread. */
int xmppbind_redis_request(const xmppbind_request *request, void *user_data);
/* The loop is to take a turn, on any thread. */
void xmppbind_redis_wake(struct xmppbind_redis *redis);
/* Takes over what is in the inbox: new claims and lists wait to be sent, `release` gets each record to be released. */
void xmppbind_redis_empty_inbox(struct xmppbind_redis *redis,
                                void (*release)(struct xmppbind_redis *redis, struct xmppbind_redis_record *record));

void xmppbind_redis_held_insert(struct xmppbind_redis *redis, struct xmppbind_redis_record *record);
/* Nothing if it is not in the table. */
void xmppbind_redis_held_remove(struct xmppbind_redis *redis, struct xmppbind_redis_record *record);
struct xmppbind_redis_record *xmppbind_redis_held_find(struct xmppbind_redis *redis, const char *jid, size_t length,
                                                       uint64_t number);

/* The request of a record is answered, if it is still open: with a number, or with why not. A release is accepted. */
int xmppbind_redis_accept(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, uint64_t number);
void xmppbind_redis_reject(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, int condition);
void xmppbind_redis_record_free(struct xmppbind_redis *redis, struct xmppbind_redis_record *record);

#endif
