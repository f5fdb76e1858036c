#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_done(struct answer answer) {
    assert_int_equal(answer.condition, XMPPBIND_CONDITION_NONE);
}

static void assert_refused(struct answer answer, int condition) {
    assert_int_equal(answer.condition, condition);
    assert_int_equal(answer.version, 0);
}

void at_first_there_is_nothing(void **state) {
    struct fixture *fixture = *state;
    struct answer answer = ask_for(fixture, XMPPBIND_STORE_ROSTER_LOAD, JULIET, NULL);
    assert_done(answer);
    assert_int_equal(answer.version, 0);
    assert_int_equal(answer.floor, 0);
    assert_int_equal(answer.items + answer.removals, 0);
    assert_string_equal(lists_text(fixture, JULIET), "");
    assert_done(ask_for(fixture, XMPPBIND_STORE_LIST_DEFAULT, JULIET, NULL));
    assert_refused(ask_for(fixture, XMPPBIND_STORE_LIST_DEFAULT, JULIET, "public"), XMPPBIND_CONDITION_ITEM_NOT_FOUND);
    assert_refused(ask_for(fixture, XMPPBIND_STORE_LIST_REMOVE, JULIET, "public"), XMPPBIND_CONDITION_ITEM_NOT_FOUND);
    assert_refused(ask_for(fixture, XMPPBIND_STORE_ROSTER_REMOVE, JULIET, ROMEO), XMPPBIND_CONDITION_ITEM_NOT_FOUND);
    assert_string_equal(roster_text(fixture, JULIET), "");
}

static xmppbind_roster_item *full_item(void) {
    static const char stanza[] = "<presence from='" ROMEO "' to='" JULIET "' type='subscribe' id='1'/>";
    xmppbind_roster_item *item = new_item(ROMEO);
    assert_int_equal(xmppbind_roster_item_set_name(item, "Rom\xC3\xA9o", 6), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_add_group(item, "Verona", 6), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_add_group(item, "Friends", 7), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_subscription(item, XMPPBIND_SUBSCRIPTION_TO), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_flags(item, XMPPBIND_ROSTER_LISTED | XMPPBIND_ROSTER_APPROVED |
                                                              XMPPBIND_ROSTER_PENDING_IN | XMPPBIND_ROSTER_ASK),
                     XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_stanza(item, stanza, sizeof stanza - 1), XMPPBIND_OK);
    return item;
}

void a_contact_comes_back_as_it_was_stored(void **state) {
    struct fixture *fixture = *state;
    xmppbind_roster_item *item = full_item();
    struct answer answer = put_item(fixture, JULIET, item);
    xmppbind_roster_item_free(item);
    assert_done(answer);
    assert_true(answer.version > 0);
    assert_string_equal(roster_text(fixture, JULIET),
                        "+1 " ROMEO " name=[Rom\xC3\xA9o] groups=[Verona][Friends] subscription=1 flags=15"
                        " stanza=[<presence from='" ROMEO "' to='" JULIET "' type='subscribe' id='1'/>]\n");
    struct answer loaded = count_contacts(fixture, JULIET);
    assert_int_equal(loaded.version, answer.version);
    assert_int_equal(loaded.floor, answer.version - 1);
}

/* RFC 6121 section 2.4.1: a contact is updated exactly as provided. */
void a_contact_is_stored_in_place_of_what_was_known(void **state) {
    struct fixture *fixture = *state;
    xmppbind_roster_item *item = full_item();
    assert_done(put_item(fixture, JULIET, item));
    xmppbind_roster_item_clear_groups(item);
    assert_int_equal(xmppbind_roster_item_add_group(item, "Lovers", 6), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_name(item, "", 0), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_stanza(item, NULL, 0), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_subscription(item, XMPPBIND_SUBSCRIPTION_BOTH), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_flags(item, XMPPBIND_ROSTER_LISTED), XMPPBIND_OK);
    assert_done(put_item(fixture, JULIET, item));
    xmppbind_roster_item_free(item);
    assert_string_equal(roster_text(fixture, JULIET), "+2 " ROMEO " name=[] groups=[Lovers] subscription=3\n");
    assert_done(put_named(fixture, JULIET, ROMEO, NULL));
    assert_string_equal(roster_text(fixture, JULIET), "+3 " ROMEO "\n");
}

/* RFC 6121 section 2.6.3: pushes occur in order of modification, so that is the order of a load. */
void versions_grow_and_order_the_load(void **state) {
    struct fixture *fixture = *state;
    uint64_t version = put_named(fixture, JULIET, ROMEO, NULL).version;
    static const char *const jids[] = {NURSE, "tybalt@capulet.example", ROMEO, NURSE};
    for (size_t i = 0; i < sizeof jids / sizeof jids[0]; i++) {
        struct answer answer = put_named(fixture, JULIET, jids[i], NULL);
        assert_int_equal(answer.version, version + i + 1);
    }
    assert_string_equal(roster_text(fixture, JULIET), "+3 tybalt@capulet.example\n+4 " ROMEO "\n+5 " NURSE "\n");
}

void a_removed_contact_leaves_its_version(void **state) {
    struct fixture *fixture = *state;
    uint64_t version = put_named(fixture, JULIET, ROMEO, "Romeo").version;
    assert_done(put_named(fixture, JULIET, NURSE, NULL));
    struct answer answer = ask_for(fixture, XMPPBIND_STORE_ROSTER_REMOVE, JULIET, ROMEO);
    assert_done(answer);
    assert_int_equal(answer.version, version + 2);
    assert_string_equal(roster_text(fixture, JULIET), "+2 " NURSE "\n+3 " ROMEO " flags=16\n");
    assert_done(put_named(fixture, JULIET, NURSE, "Angelica"));
    assert_string_equal(roster_text(fixture, JULIET), "+3 " ROMEO " flags=16\n+4 " NURSE " name=[Angelica]\n");
    assert_done(put_named(fixture, JULIET, ROMEO, NULL)); /* and back again */
    assert_string_equal(roster_text(fixture, JULIET), "+4 " NURSE " name=[Angelica]\n+5 " ROMEO "\n");
}

/* ROST-3: item-not-found; the version stays. */
void what_is_not_there_cannot_be_removed(void **state) {
    struct fixture *fixture = *state;
    assert_done(put_named(fixture, JULIET, ROMEO, NULL));
    assert_refused(ask_for(fixture, XMPPBIND_STORE_ROSTER_REMOVE, JULIET, NURSE), XMPPBIND_CONDITION_ITEM_NOT_FOUND);
    uint64_t version = ask_for(fixture, XMPPBIND_STORE_ROSTER_REMOVE, JULIET, ROMEO).version;
    assert_refused(ask_for(fixture, XMPPBIND_STORE_ROSTER_REMOVE, JULIET, ROMEO), XMPPBIND_CONDITION_ITEM_NOT_FOUND);
    assert_int_equal(count_contacts(fixture, JULIET).version, version);
    assert_string_equal(roster_text(fixture, JULIET), "+2 " ROMEO " flags=16\n");
}

/* SUB-2 and RFC 6121 section 3.1.3: it is stored with its stanza, and is no part of the roster. */
void a_pending_request_is_kept_out_of_the_roster(void **state) {
    struct fixture *fixture = *state;
    xmppbind_roster_item *item = new_item(ROMEO);
    assert_int_equal(xmppbind_roster_item_set_flags(item, XMPPBIND_ROSTER_PENDING_IN), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_stanza(item, "<presence type='subscribe'/>", 28), XMPPBIND_OK);
    assert_done(put_item(fixture, JULIET, item));
    xmppbind_roster_item_free(item);
    assert_string_equal(roster_text(fixture, JULIET), "+1 " ROMEO " flags=4 stanza=[<presence type='subscribe'/>]\n");
}

/* ROST-6: an owner is an account, or one of its resources. */
void owners_have_nothing_in_common(void **state) {
    struct fixture *fixture = *state;
    xmppbind_privacy_list *list = new_list(ROMEO); /* as a contact is called */
    assert_done(put_named(fixture, JULIET, ROMEO, "account"));
    assert_done(put_named(fixture, BALCONY, ROMEO, "resource"));
    assert_done(put_list(fixture, JULIET, list));
    assert_done(put_named(fixture, NURSE, JULIET, NULL));
    assert_done(ask_for(fixture, XMPPBIND_STORE_ROSTER_REMOVE, BALCONY, ROMEO));
    xmppbind_privacy_list_free(list);
    assert_string_equal(roster_text(fixture, JULIET), "+1 " ROMEO " name=[account]\n");
    assert_string_equal(roster_text(fixture, BALCONY), "+2 " ROMEO " flags=16\n");
    assert_string_equal(roster_text(fixture, NURSE), "+1 " JULIET "\n");
    assert_string_equal(lists_text(fixture, JULIET), ROMEO ":\n");
    assert_string_equal(lists_text(fixture, BALCONY), "");
    assert_refused(ask_for(fixture, XMPPBIND_STORE_LIST_REMOVE, NURSE, ROMEO), XMPPBIND_CONDITION_ITEM_NOT_FOUND);
}

static const char *numbered(char *text, size_t size, unsigned number) {
    (void)snprintf(text, size, "contact%u@verona.example", number);
    return text;
}

void the_oldest_removals_are_forgotten(void **state) {
    enum { MORE = 5, ALL = XMPPBIND_STORE_REMOVALS + MORE };
    struct fixture *fixture = *state;
    char jid[64];
    uint64_t removed[ALL];
    uint64_t first = put_named(fixture, JULIET, ROMEO, NULL).version;
    for (unsigned i = 0; i < ALL; i++) {
        assert_done(put_named(fixture, JULIET, numbered(jid, sizeof jid, i), NULL));
        removed[i] = ask_for(fixture, XMPPBIND_STORE_ROSTER_REMOVE, JULIET, jid).version;
        uint64_t floor = i < XMPPBIND_STORE_REMOVALS ? first - 1 : removed[i - XMPPBIND_STORE_REMOVALS];
        if (i % 100 == 0 || i >= XMPPBIND_STORE_REMOVALS)
            assert_int_equal(count_contacts(fixture, JULIET).floor, floor);
    }
    struct answer answer = count_contacts(fixture, JULIET);
    assert_int_equal(answer.version, removed[ALL - 1]);
    assert_int_equal(answer.items, 1);
    assert_int_equal(answer.removals, XMPPBIND_STORE_REMOVALS);
    assert_done(put_named(fixture, JULIET, jid, NULL)); /* the youngest of them is back */
    assert_int_equal(count_contacts(fixture, JULIET).removals, XMPPBIND_STORE_REMOVALS - 1);
}

void a_roster_of_ten_thousand(void **state) {
    enum { CONTACTS = 10000 };
    struct fixture *fixture = *state;
    char jid[64];
    xmppbind_roster_item *item;
    uint64_t version = 0;
    for (unsigned i = 0; i < CONTACTS; i++) {
        item = new_item(numbered(jid, sizeof jid, i));
        assert_int_equal(xmppbind_roster_item_add_group(item, "Verona", 6), XMPPBIND_OK);
        if (i % 2 == 0)
            assert_int_equal(xmppbind_roster_item_add_group(item, "Even", 4), XMPPBIND_OK);
        version = put_item(fixture, JULIET, item).version;
        xmppbind_roster_item_free(item);
    }
    struct answer answer = count_contacts(fixture, JULIET);
    assert_done(answer);
    assert_int_equal(answer.items, CONTACTS);
    assert_int_equal(answer.version, version);
    const char *text = roster_text(fixture, JULIET);
    assert_int_equal(strncmp(text, "+1 contact0@verona.example groups=[Verona][Even]\n", 49), 0);
    assert_non_null(strstr(text, "\n+9999 contact9998@verona.example groups=[Verona][Even]\n"
                                 "+10000 contact9999@verona.example groups=[Verona]\n"));
}

/* Nothing that a text holds means anything to what stores it. */
void any_text_is_kept(void **state) {
    enum { LONG = 100000 };
    static const char hostile[] = "'\"`;--%_\\?1:a@b$c\t\r\n</presence>\x01 '); DROP TABLE contact;--";
    struct fixture *fixture = *state;
    char *text = test_memory_get(LONG + 1);
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    xmppbind_roster_item *item = new_item(hostile);
    xmppbind_privacy_list *list = new_list(hostile);
    assert_int_equal(xmppbind_roster_item_set_name(item, text, LONG), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_add_group(item, hostile, sizeof hostile - 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_stanza(item, hostile, sizeof hostile - 1), XMPPBIND_OK);
    add_rule(list, UINT32_MAX, XMPPBIND_PRIVACY_GROUP, hostile, XMPPBIND_PRIVACY_DENY, 0);
    assert_done(put_item(fixture, hostile, item));
    assert_done(put_list(fixture, hostile, list));
    xmppbind_roster_item_free(item);
    xmppbind_privacy_list_free(list);
    struct test_text expected = {NULL, 0, 0};
    test_text_format(&expected, "+1 %s name=[%s] groups=[%s] stanza=[%s]\n", hostile, text, hostile, hostile);
    assert_string_equal(roster_text(fixture, hostile), test_text_get(&expected));
    test_text_clear(&expected);
    test_text_format(&expected, "%s: 4294967295 2 [%s] 2 0;\n", hostile, hostile);
    assert_string_equal(lists_text(fixture, hostile), test_text_get(&expected));
    test_text_free(&expected);
    free(text);
}

static void put_public(struct fixture *fixture) {
    xmppbind_privacy_list *list = new_list("public");
    add_rule(list, 30, XMPPBIND_PRIVACY_ANY, NULL, XMPPBIND_PRIVACY_ALLOW, 0);
    add_rule(list, 5, XMPPBIND_PRIVACY_JID, "tybalt@capulet.example", XMPPBIND_PRIVACY_DENY,
             XMPPBIND_PRIVACY_MESSAGE | XMPPBIND_PRIVACY_IQ);
    add_rule(list, 0, XMPPBIND_PRIVACY_GROUP, "Enemies", XMPPBIND_PRIVACY_DENY, XMPPBIND_PRIVACY_PRESENCE_OUT);
    add_rule(list, 7, XMPPBIND_PRIVACY_SUBSCRIPTION, "both", XMPPBIND_PRIVACY_ALLOW, XMPPBIND_PRIVACY_PRESENCE_IN);
    assert_done(put_list(fixture, JULIET, list));
    xmppbind_privacy_list_free(list);
}

static const char public_text[] =
    "public: 0 2 [Enemies] 2 8; 5 1 [tybalt@capulet.example] 2 3; 7 3 [both] 1 4; 30 0 [] 1 0;\n";

static void put_empty(struct fixture *fixture, const char *name) {
    xmppbind_privacy_list *list = new_list(name);
    assert_done(put_list(fixture, JULIET, list));
    xmppbind_privacy_list_free(list);
}

void lists_come_back_as_they_were_stored(void **state) {
    struct fixture *fixture = *state;
    put_public(fixture);
    assert_string_equal(lists_text(fixture, JULIET), public_text);
    put_empty(fixture, "private");
    const char *text = lists_text(fixture, JULIET); /* in any order */
    assert_non_null(strstr(text, public_text));
    assert_non_null(strstr(text, "private:\n"));
    assert_int_equal(strlen(text), strlen(public_text) + strlen("private:\n"));
    assert_done(ask_for(fixture, XMPPBIND_STORE_LIST_REMOVE, JULIET, "public"));
    assert_string_equal(lists_text(fixture, JULIET), "private:\n");
    assert_refused(ask_for(fixture, XMPPBIND_STORE_LIST_REMOVE, JULIET, "public"), XMPPBIND_CONDITION_ITEM_NOT_FOUND);
    assert_string_equal(roster_text(fixture, JULIET), ""); /* of which they are no part */
}

void a_list_is_stored_in_place_of_the_one_with_its_name(void **state) {
    struct fixture *fixture = *state;
    put_public(fixture);
    put_empty(fixture, "public");
    assert_string_equal(lists_text(fixture, JULIET), "public:\n");
    put_public(fixture);
    assert_string_equal(lists_text(fixture, JULIET), public_text);
}

/* PRIV-1: the default belongs to the account. */
void the_default_list(void **state) {
    struct fixture *fixture = *state;
    put_empty(fixture, "a");
    put_empty(fixture, "b");
    assert_done(ask_for(fixture, XMPPBIND_STORE_LIST_DEFAULT, JULIET, "a"));
    assert_non_null(strstr(lists_text(fixture, JULIET), "default a\n"));
    assert_done(ask_for(fixture, XMPPBIND_STORE_LIST_DEFAULT, JULIET, "b"));
    assert_non_null(strstr(lists_text(fixture, JULIET), "default b\n"));
    assert_refused(ask_for(fixture, XMPPBIND_STORE_LIST_DEFAULT, JULIET, "c"), XMPPBIND_CONDITION_ITEM_NOT_FOUND);
    assert_refused(ask_for(fixture, XMPPBIND_STORE_LIST_DEFAULT, NURSE, "b"), XMPPBIND_CONDITION_ITEM_NOT_FOUND);
    put_empty(fixture, "b"); /* an edit leaves it the default */
    assert_non_null(strstr(lists_text(fixture, JULIET), "default b\n"));
    assert_done(ask_for(fixture, XMPPBIND_STORE_LIST_REMOVE, JULIET, "b"));
    put_empty(fixture, "b"); /* another one */
    assert_null(strstr(lists_text(fixture, JULIET), "default"));
    assert_done(ask_for(fixture, XMPPBIND_STORE_LIST_DEFAULT, JULIET, "b"));
    assert_done(ask_for(fixture, XMPPBIND_STORE_LIST_DEFAULT, JULIET, NULL));
    assert_null(strstr(lists_text(fixture, JULIET), "default"));
}

/* All there is, as text. */
static void dump(struct fixture *fixture, struct test_text *text) {
    test_text_clear(text);
    test_text_format(text, "%s", roster_text(fixture, JULIET));
    test_text_format(text, "%s", lists_text(fixture, JULIET));
    test_text_format(text, "%s", roster_text(fixture, NURSE));
    test_text_format(text, "%s", lists_text(fixture, NURSE));
}

/* The changes that are tried without memory, one after the other, and the loads. */
static struct answer step(struct fixture *fixture, int number) {
    xmppbind_roster_item *item = full_item();
    xmppbind_privacy_list *list = new_list("other");
    struct answer answer;
    add_rule(list, 1, XMPPBIND_PRIVACY_GROUP, "Enemies", XMPPBIND_PRIVACY_DENY, 0);
    switch (number) {
    case 0:
        answer = put_item(fixture, JULIET, item);
        break;
    case 1:
        answer = put_item(fixture, NURSE, item); /* an owner that is not known */
        break;
    case 2:
        answer = ask_for(fixture, XMPPBIND_STORE_ROSTER_REMOVE, JULIET, ROMEO);
        break;
    case 3:
        answer = put_list(fixture, JULIET, list);
        break;
    case 4:
        answer = ask_for(fixture, XMPPBIND_STORE_LIST_DEFAULT, JULIET, "other");
        break;
    case 5:
        answer = ask_for(fixture, XMPPBIND_STORE_LIST_REMOVE, JULIET, "other");
        break;
    case 6:
        answer = ask_for(fixture, XMPPBIND_STORE_LISTS_LOAD, JULIET, NULL);
        break;
    default:
        answer = ask_for(fixture, XMPPBIND_STORE_ROSTER_LOAD, JULIET, NULL);
        break;
    }
    xmppbind_roster_item_free(item);
    xmppbind_privacy_list_free(list);
    return answer;
}

void without_memory_nothing_changes(void **state) {
    enum { STEPS = 8, MOST = 200 };
    struct fixture *fixture = *state;
    struct test_text former = {NULL, 0, 0}, now = {NULL, 0, 0};
    put_public(fixture);
    assert_done(ask_for(fixture, XMPPBIND_STORE_LIST_DEFAULT, JULIET, "public"));
    assert_done(put_named(fixture, JULIET, ROMEO, "Romeo"));
    for (int number = 0; number < STEPS; number++) {
        int refused = 0;
        dump(fixture, &former);
        for (size_t n = 1;; n++) {
            assert_in_range(n, 1, MOST);
            size_t failures = atomic_load(&fixture->source.refused);
            test_allocator_fail(&fixture->source, n, 0);
            struct answer answer = step(fixture, number);
            test_allocator_fail(&fixture->source, 0, 0);
            int failed = atomic_load(&fixture->source.refused) != failures;
            if (answer.condition == XMPPBIND_CONDITION_NONE)
                break; /* the growth of a table may have failed, and nothing else */
            assert_true(failed);
            assert_refused(answer, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
            refused++;
            dump(fixture, &now);
            assert_string_equal(test_text_get(&now), test_text_get(&former));
        }
        assert_true(refused > 0);
    }
    test_text_free(&former);
    test_text_free(&now);
}

void two_stores_share_the_records(void **state) {
    struct fixture *fixture = *state;
    xmppbind_store *first = fixture->store;
    assert_done(put_named(fixture, JULIET, ROMEO, "first"));
    fixture_open(fixture);
    assert_done(put_named(fixture, JULIET, NURSE, "second"));
    assert_string_equal(roster_text(fixture, JULIET), "+1 " ROMEO " name=[first]\n+2 " NURSE " name=[second]\n");
    fixture_close(fixture);
    fixture->store = first;
    assert_string_equal(roster_text(fixture, JULIET), "+1 " ROMEO " name=[first]\n+2 " NURSE " name=[second]\n");
}

/* Passes a request on in the name of another store, then answers it. */
struct misled {
    struct fixture *fixture;
    xmppbind_store *store;
    int result, calls;
};

static int answer_for_another(const xmppbind_store_request *request, void *user_data) {
    struct misled *misled = user_data;
    struct fixture *fixture = misled->fixture;
    xmppbind_store *own = fixture->store, *other = NULL; /* which knows of no such request */
    assert_int_equal(xmppbind_store_new(&other, NULL), XMPPBIND_OK);
    fixture->store = other;
    misled->result = fixture->answer(fixture, request);
    fixture->store = own;
    xmppbind_store_free(other);
    return xmppbind_store_reject(misled->store, xmppbind_store_request_id(request), XMPPBIND_CONDITION_NOT_ALLOWED);
}

static void note_not_allowed(struct xmppbind_store_result *result, void *user_data) {
    ((struct misled *)user_data)->calls++;
    assert_int_equal(result->condition, XMPPBIND_CONDITION_NOT_ALLOWED);
    assert_null(result->items);
    assert_null(result->lists);
}

/* As when somebody else was quicker: the answer goes nowhere, and the store says so. */
void who_was_answered_already_is_not_answered_again(void **state) {
    struct misled misled = {.fixture = *state};
    put_public(misled.fixture);
    assert_done(put_named(misled.fixture, JULIET, ROMEO, NULL));
    assert_int_equal(xmppbind_store_new(&misled.store, NULL), XMPPBIND_OK);
    assert_int_equal(
        xmppbind_store_set_roster(misled.store, answer_for_another, answer_for_another, answer_for_another, &misled),
        XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_lists(misled.store, answer_for_another, answer_for_another, answer_for_another,
                                              answer_for_another, &misled),
                     XMPPBIND_OK);
    static const int kinds[] = {XMPPBIND_STORE_ROSTER_LOAD, XMPPBIND_STORE_LISTS_LOAD};
    for (int i = 0; i < 2; i++) {
        struct xmppbind_store_question question = {
            .kind = kinds[i], .owner = JULIET, .owner_length = sizeof JULIET - 1};
        assert_int_equal(xmppbind_store_ask(misled.store, &question, note_not_allowed, &misled, NULL), XMPPBIND_OK);
        assert_int_equal(misled.calls, i + 1);
        assert_int_equal(misled.result, XMPPBIND_ERROR_UNKNOWN_REQUEST);
    }
    xmppbind_store_free(misled.store);
}
