/*
 * The cases that every store has to pass, whatever keeps its records: each runner (memory_test.c, sqlite_test.c) says
 * how its store is made, and runs them all.
 */
#ifndef XMPPBIND_TESTS_STORE_SUITE_H
#define XMPPBIND_TESTS_STORE_SUITE_H

#include "lib/storage/store.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_text.h"

#define JULIET "juliet@capulet.example"
#define BALCONY JULIET "/balcony"
#define ROMEO "romeo@montague.example"
#define NURSE "nurse@capulet.example"

struct fixture {
    struct test_allocator source;
    xmppbind_store *store;
    int (*answer)(struct fixture *fixture, const xmppbind_store_request *request);
    void *backend;
    char folder[64]; /* of the files, if there are any */
    char path[96];
    struct test_text text; /* what the last answer named: see suite.c */
};

/* An answer, as far as it is a number. */
struct answer {
    int calls; /* how often it came */
    int condition;
    uint64_t version, floor;
    size_t items, removals, lists;
    struct test_text *text; /* or NULL: counted only */
};

/* The store that asks `fixture->answer`. */
void fixture_open(struct fixture *fixture);
void fixture_close(struct fixture *fixture);

/* Asks, and asserts that there was one answer. */
struct answer ask(struct fixture *fixture, const struct xmppbind_store_question *question);
struct answer ask_for(struct fixture *fixture, int kind, const char *owner, const char *name);
/* A load without its text. */
struct answer count_contacts(struct fixture *fixture, const char *owner);
struct answer put_item(struct fixture *fixture, const char *owner, const xmppbind_roster_item *item);
struct answer put_list(struct fixture *fixture, const char *owner, const xmppbind_privacy_list *list);
/* A contact with a name or none; with its defaults otherwise. */
struct answer put_named(struct fixture *fixture, const char *owner, const char *jid, const char *name);
xmppbind_roster_item *new_item(const char *jid);
xmppbind_privacy_list *new_list(const char *name);
void add_rule(xmppbind_privacy_list *list, uint32_t order, int type, const char *value, int action, uint32_t kinds);
/* Loads and gives the text, valid until the next question. */
const char *roster_text(struct fixture *fixture, const char *owner);
const char *lists_text(struct fixture *fixture, const char *owner);

#define STORE_CASES(CASE)                                                                                              \
    CASE(at_first_there_is_nothing)                                                                                    \
    CASE(a_contact_comes_back_as_it_was_stored)                                                                        \
    CASE(a_contact_is_stored_in_place_of_what_was_known)                                                               \
    CASE(versions_grow_and_order_the_load)                                                                             \
    CASE(a_removed_contact_leaves_its_version)                                                                         \
    CASE(what_is_not_there_cannot_be_removed)                                                                          \
    CASE(a_pending_request_is_kept_out_of_the_roster)                                                                  \
    CASE(owners_have_nothing_in_common)                                                                                \
    CASE(the_oldest_removals_are_forgotten)                                                                            \
    CASE(a_roster_of_ten_thousand)                                                                                     \
    CASE(any_text_is_kept)                                                                                             \
    CASE(lists_come_back_as_they_were_stored)                                                                          \
    CASE(a_list_is_stored_in_place_of_the_one_with_its_name)                                                           \
    CASE(the_default_list)                                                                                             \
    CASE(without_memory_nothing_changes)                                                                               \
    CASE(two_stores_share_the_records)                                                                                 \
    CASE(who_was_answered_already_is_not_answered_again)

#define STORE_DECLARE(name) void name(void **state);
STORE_CASES(STORE_DECLARE)

#endif
