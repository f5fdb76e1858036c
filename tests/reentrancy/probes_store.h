/* The probes of stores, and of what they keep: store.h and roster.h of the public headers. */
#ifndef XMPPBIND_TESTS_REENTRANCY_PROBES_STORE_H
#define XMPPBIND_TESTS_REENTRANCY_PROBES_STORE_H

#include "scene.h"

int probe_new_memory_store(void);
int probe_new_sqlite_store(void);
int probe_new_store(void);
int probe_new_item(void);
int probe_new_list(void);
int probe_add_group(struct scene *scene);
int probe_add_rule(struct scene *scene);
int probe_set_roster(struct scene *scene);
int probe_set_lists(struct scene *scene);
int probe_new_sessions(void);
int probe_sessions_event(struct scene *scene, int as_bytes);
/* Answers the request of the store's callback, if it is there. */
int probe_answer_store(struct scene *scene);

#define STORE scene->kept.store
#define ITEM scene->kept.item
#define LIST scene->kept.list
#define REQUEST scene->kept.request
#define UNKNOWN XMPPBIND_ERROR_UNKNOWN_REQUEST

#define STORE_PROBES(PROBE)                                                                                            \
    PROBE(memory_store_answer, XMPPBIND_OK, probe_answer_store(scene))                                                 \
    PROBE(memory_store_free, EXPECT_ANYTHING, VALUE(xmppbind_memory_store_free(NULL)))                                 \
    PROBE(memory_store_new, XMPPBIND_OK, probe_new_memory_store())                                                     \
    PROBE(privacy_list_action, XMPPBIND_PRIVACY_DENY, xmppbind_privacy_list_action(LIST, 0))                           \
    PROBE(privacy_list_add, XMPPBIND_OK, probe_add_rule(scene))                                                        \
    PROBE(privacy_list_count, EXPECT_ANYTHING, VALUE(xmppbind_privacy_list_count(LIST)))                               \
    PROBE(privacy_list_free, EXPECT_ANYTHING, VALUE(xmppbind_privacy_list_free(NULL)))                                 \
    PROBE(privacy_list_kinds, 0, (int)xmppbind_privacy_list_kinds(LIST, 0))                                            \
    PROBE(privacy_list_name, 1, xmppbind_privacy_list_name(LIST, NULL) != NULL)                                        \
    PROBE(privacy_list_new, XMPPBIND_OK, probe_new_list())                                                             \
    PROBE(privacy_list_order, 1, (int)xmppbind_privacy_list_order(LIST, 0))                                            \
    PROBE(privacy_list_type, XMPPBIND_PRIVACY_ANY, xmppbind_privacy_list_type(LIST, 0))                                \
    PROBE(privacy_list_value, 1, xmppbind_privacy_list_value(LIST, 0, NULL) == NULL)                                   \
    PROBE(roster_item_add_group, XMPPBIND_OK, probe_add_group(scene))                                                  \
    PROBE(roster_item_clear_groups, EXPECT_ANYTHING, VALUE(xmppbind_roster_item_clear_groups(ITEM)))                   \
    PROBE(roster_item_flags, XMPPBIND_ROSTER_LISTED, (int)xmppbind_roster_item_flags(ITEM))                            \
    PROBE(roster_item_free, EXPECT_ANYTHING, VALUE(xmppbind_roster_item_free(NULL)))                                   \
    PROBE(roster_item_group, 1, xmppbind_roster_item_group(ITEM, 0, NULL) == NULL)                                     \
    PROBE(roster_item_group_count, 0, (int)xmppbind_roster_item_group_count(ITEM))                                     \
    PROBE(roster_item_jid, 1, xmppbind_roster_item_jid(ITEM, NULL) != NULL)                                            \
    PROBE(roster_item_name, 1, xmppbind_roster_item_name(ITEM, NULL) == NULL)                                          \
    PROBE(roster_item_new, XMPPBIND_OK, probe_new_item())                                                              \
    PROBE(roster_item_set_flags, XMPPBIND_OK, xmppbind_roster_item_set_flags(ITEM, XMPPBIND_ROSTER_LISTED))            \
    PROBE(roster_item_set_name, XMPPBIND_OK, xmppbind_roster_item_set_name(ITEM, "Romeo", 5))                          \
    PROBE(roster_item_set_stanza, XMPPBIND_OK, xmppbind_roster_item_set_stanza(ITEM, "<presence/>", 11))               \
    PROBE(roster_item_set_subscription, XMPPBIND_OK, xmppbind_roster_item_set_subscription(ITEM, 3))                   \
    PROBE(roster_item_set_version, XMPPBIND_OK, xmppbind_roster_item_set_version(ITEM, 7))                             \
    PROBE(roster_item_stanza, 1, xmppbind_roster_item_stanza(ITEM, NULL) == NULL)                                      \
    PROBE(roster_item_subscription, XMPPBIND_SUBSCRIPTION_NONE, xmppbind_roster_item_subscription(ITEM))               \
    PROBE(roster_item_version, 0, (int)xmppbind_roster_item_version(ITEM))                                             \
    PROBE(sqlite_store_answer, XMPPBIND_ERROR_INVALID_ARGUMENT, xmppbind_sqlite_store_answer(NULL, STORE, REQUEST))    \
    PROBE(sqlite_store_free, EXPECT_ANYTHING, VALUE(xmppbind_sqlite_store_free(NULL)))                                 \
    PROBE(sqlite_store_message, 0, (int)xmppbind_sqlite_store_message(NULL, NULL, 0))                                  \
    PROBE(sqlite_store_new, 1, probe_new_sqlite_store())                                                               \
    PROBE(store_accept, UNKNOWN, xmppbind_store_accept(STORE, UINT64_MAX, 1))                                          \
    PROBE(store_default_entry, UNKNOWN, xmppbind_store_default_entry(STORE, UINT64_MAX, "public", 6))                  \
    PROBE(store_floor, UNKNOWN, xmppbind_store_floor(STORE, UINT64_MAX, 1))                                            \
    PROBE(store_free, EXPECT_ANYTHING, VALUE(xmppbind_store_free(NULL)))                                               \
    PROBE(store_list_entry, UNKNOWN, xmppbind_store_list_entry(STORE, UINT64_MAX, LIST))                               \
    PROBE(store_new, XMPPBIND_OK, probe_new_store())                                                                   \
    PROBE(store_pending, EXPECT_ANYTHING, VALUE(xmppbind_store_pending(STORE)))                                        \
    PROBE(store_reject, UNKNOWN, xmppbind_store_reject(STORE, UINT64_MAX, 1))                                          \
    PROBE(store_request_id, EXPECT_ANYTHING, VALUE(xmppbind_store_request_id(REQUEST)))                                \
    PROBE(store_request_item, EXPECT_ANYTHING, VALUE(xmppbind_store_request_item(REQUEST)))                            \
    PROBE(store_request_kind, EXPECT_ANYTHING, VALUE(xmppbind_store_request_kind(REQUEST)))                            \
    PROBE(store_request_list, EXPECT_ANYTHING, VALUE(xmppbind_store_request_list(REQUEST)))                            \
    PROBE(store_request_name, EXPECT_ANYTHING, VALUE(xmppbind_store_request_name(REQUEST, NULL)))                      \
    PROBE(store_request_owner, EXPECT_ANYTHING, VALUE(xmppbind_store_request_owner(REQUEST, NULL)))                    \
    PROBE(store_request_session, EXPECT_ANYTHING, VALUE(xmppbind_store_request_session(REQUEST, NULL)))                \
    PROBE(store_roster_entry, UNKNOWN, xmppbind_store_roster_entry(STORE, UINT64_MAX, ITEM))                           \
    PROBE(store_set_lists, EXPECT_ANYTHING, VALUE(probe_set_lists(scene)))                                             \
    PROBE(store_set_roster, EXPECT_ANYTHING, VALUE(probe_set_roster(scene)))

#define SESSIONS scene->kept.sessions
#define FULL_JID "nurse@capulet.example/kitchen", 29

#define SESSION_PROBES(PROBE)                                                                                          \
    PROBE(sessions_deliver, XMPPBIND_ERROR_INVALID_ARGUMENT, xmppbind_sessions_deliver(SESSIONS, NULL))                \
    PROBE(sessions_deliver_bytes, XMPPBIND_OK,                                                                         \
          xmppbind_sessions_deliver_bytes(SESSIONS, PROBE_MESSAGE, sizeof PROBE_MESSAGE - 1))                          \
    PROBE(sessions_describe, XMPPBIND_OK, xmppbind_sessions_describe(SESSIONS, FULL_JID, NULL, NULL, 0))               \
    PROBE(sessions_event_bytes, XMPPBIND_OK, probe_sessions_event(scene, 1))                                           \
    PROBE(sessions_expire, XMPPBIND_OK, xmppbind_sessions_expire(SESSIONS, 1))                                         \
    PROBE(sessions_free, EXPECT_ANYTHING, VALUE(xmppbind_sessions_free(NULL)))                                         \
    PROBE(sessions_new, XMPPBIND_OK, probe_new_sessions())                                                             \
    PROBE(sessions_next_deadline, EXPECT_ANYTHING, VALUE(xmppbind_sessions_next_deadline(SESSIONS, 1)))                \
    PROBE(sessions_next_event, XMPPBIND_OK, probe_sessions_event(scene, 0))                                            \
    PROBE(sessions_set_account, XMPPBIND_ERROR_STATE, xmppbind_sessions_set_account(SESSIONS, NULL, NULL))             \
    PROBE(sessions_set_wakeup, XMPPBIND_ERROR_STATE, xmppbind_sessions_set_wakeup(SESSIONS, NULL, NULL))

#define PROBE_MESSAGE "<message to='nurse@capulet.example/kitchen' from='a@b'/>"

#endif
