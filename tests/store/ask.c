/* Asking a store and writing down what it answers: see suite.h. */
#include "suite.h"

#include <string.h>

static int pass_on(const xmppbind_store_request *request, void *user_data) {
    struct fixture *fixture = user_data;
    return fixture->answer(fixture, request) == XMPPBIND_OK ? 0 : 1;
}

void fixture_open(struct fixture *fixture) {
    assert_int_equal(xmppbind_store_new(&fixture->store, fixture->source.allocator), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_roster(fixture->store, pass_on, pass_on, pass_on, fixture), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_lists(fixture->store, pass_on, pass_on, pass_on, pass_on, fixture),
                     XMPPBIND_OK);
}

void fixture_close(struct fixture *fixture) {
    assert_int_equal(xmppbind_store_pending(fixture->store), 0);
    xmppbind_store_free(fixture->store);
    fixture->store = NULL;
    test_text_free(&fixture->text);
}

/*
 * A contact: its version, counted from the floor; its address; what differs from a new one:
 *   +2 romeo@montague.example name=[Romeo] groups=[Friends][Verona] subscription=3 flags=9 stanza=[<presence/>]
 */
static void write_item(struct test_text *text, const struct xmppbind_roster_item *item, uint64_t floor) {
    size_t length;
    const char *value;
    test_text_format(text, "+%llu %s", (unsigned long long)(item->version - floor),
                     xmppbind_roster_item_jid(item, NULL));
    if ((value = xmppbind_roster_item_name(item, &length)) != NULL) {
        assert_int_equal(strlen(value), length);
        test_text_format(text, " name=[%s]", value);
    }
    for (size_t i = 0; i < xmppbind_roster_item_group_count(item); i++)
        test_text_format(text, "%s[%s]", i == 0 ? " groups=" : "", xmppbind_roster_item_group(item, i, NULL));
    if (xmppbind_roster_item_subscription(item) != XMPPBIND_SUBSCRIPTION_NONE)
        test_text_format(text, " subscription=%d", xmppbind_roster_item_subscription(item));
    if (xmppbind_roster_item_flags(item) != XMPPBIND_ROSTER_LISTED)
        test_text_format(text, " flags=%u", (unsigned)xmppbind_roster_item_flags(item));
    if ((value = xmppbind_roster_item_stanza(item, &length)) != NULL)
        test_text_format(text, " stanza=[%s]", value);
    test_text_format(text, "\n");
}

/* A list: its name, then each rule: order type [value] action kinds. */
static void write_list(struct test_text *text, const struct xmppbind_privacy_list *list) {
    test_text_format(text, "%s:", xmppbind_privacy_list_name(list, NULL));
    for (size_t i = 0; i < xmppbind_privacy_list_count(list); i++) {
        const char *value = xmppbind_privacy_list_value(list, i, NULL);
        test_text_format(text, " %lu %d [%s] %d %u;", (unsigned long)xmppbind_privacy_list_order(list, i),
                         xmppbind_privacy_list_type(list, i), value == NULL ? "" : value,
                         xmppbind_privacy_list_action(list, i), (unsigned)xmppbind_privacy_list_kinds(list, i));
    }
    test_text_format(text, "\n");
}

static void done(struct xmppbind_store_result *result, void *user_data) {
    struct answer *answer = user_data;
    answer->calls++;
    answer->condition = result->condition;
    answer->version = result->version;
    answer->floor = result->floor;
    for (const struct xmppbind_roster_item *item = result->items; item != NULL; item = item->next) {
        int removed = (xmppbind_roster_item_flags(item) & XMPPBIND_ROSTER_REMOVED) != 0;
        answer->removals += (size_t)removed;
        answer->items += (size_t)!removed;
        if (answer->text != NULL)
            write_item(answer->text, item, result->floor);
    }
    for (const struct xmppbind_privacy_list *list = result->lists; list != NULL; list = list->next) {
        answer->lists++;
        if (answer->text != NULL)
            write_list(answer->text, list);
    }
    if (result->default_list != NULL && answer->text != NULL)
        test_text_format(answer->text, "default %s\n", result->default_list->text);
}

static void ask_once(struct fixture *fixture, const struct xmppbind_store_question *question, struct answer *answer) {
    uint64_t id = 0;
    int result = xmppbind_store_ask(fixture->store, question, done, answer, &id);
    if (result == XMPPBIND_ERROR_NO_MEMORY) { /* nothing was asked: as good as a rejection */
        answer->calls++;
        answer->condition = XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR;
    } else {
        assert_int_equal(result, XMPPBIND_OK);
        assert_int_equal(xmppbind_store_accept(fixture->store, id, 1), XMPPBIND_ERROR_UNKNOWN_REQUEST);
    }
    assert_int_equal(answer->calls, 1);
    assert_int_equal(xmppbind_store_pending(fixture->store), 0);
}

struct answer ask(struct fixture *fixture, const struct xmppbind_store_question *question) {
    struct answer answer = {.text = &fixture->text};
    test_text_clear(&fixture->text);
    ask_once(fixture, question, &answer);
    return answer;
}

static struct xmppbind_store_question question_of(int kind, const char *owner, const char *name) {
    return (struct xmppbind_store_question){.kind = kind,
                                            .owner = owner,
                                            .owner_length = strlen(owner),
                                            .session = BALCONY,
                                            .session_length = sizeof BALCONY - 1,
                                            .name = name,
                                            .name_length = name == NULL ? 0 : strlen(name)};
}

struct answer ask_for(struct fixture *fixture, int kind, const char *owner, const char *name) {
    struct xmppbind_store_question question = question_of(kind, owner, name);
    return ask(fixture, &question);
}

struct answer count_contacts(struct fixture *fixture, const char *owner) {
    struct answer answer = {.text = NULL};
    struct xmppbind_store_question question = question_of(XMPPBIND_STORE_ROSTER_LOAD, owner, NULL);
    ask_once(fixture, &question, &answer);
    return answer;
}

struct answer put_item(struct fixture *fixture, const char *owner, const xmppbind_roster_item *item) {
    struct xmppbind_store_question question = question_of(XMPPBIND_STORE_ROSTER_PUT, owner, NULL);
    question.item = item;
    return ask(fixture, &question);
}

struct answer put_list(struct fixture *fixture, const char *owner, const xmppbind_privacy_list *list) {
    struct xmppbind_store_question question = question_of(XMPPBIND_STORE_LIST_PUT, owner, NULL);
    question.list = list;
    return ask(fixture, &question);
}

struct answer put_named(struct fixture *fixture, const char *owner, const char *jid, const char *name) {
    xmppbind_roster_item *item = new_item(jid);
    assert_int_equal(xmppbind_roster_item_set_name(item, name, name == NULL ? 0 : strlen(name)), XMPPBIND_OK);
    struct answer answer = put_item(fixture, owner, item);
    xmppbind_roster_item_free(item);
    return answer;
}

xmppbind_roster_item *new_item(const char *jid) {
    xmppbind_roster_item *item = NULL;
    assert_int_equal(xmppbind_roster_item_new(&item, NULL, jid, strlen(jid)), XMPPBIND_OK);
    return item;
}

xmppbind_privacy_list *new_list(const char *name) {
    xmppbind_privacy_list *list = NULL;
    assert_int_equal(xmppbind_privacy_list_new(&list, NULL, name, strlen(name)), XMPPBIND_OK);
    return list;
}

void add_rule(xmppbind_privacy_list *list, uint32_t order, int type, const char *value, int action, uint32_t kinds) {
    assert_int_equal(
        xmppbind_privacy_list_add(list, order, type, value, value == NULL ? 0 : strlen(value), action, kinds),
        XMPPBIND_OK);
}

const char *roster_text(struct fixture *fixture, const char *owner) {
    struct answer answer = ask_for(fixture, XMPPBIND_STORE_ROSTER_LOAD, owner, NULL);
    assert_int_equal(answer.condition, XMPPBIND_CONDITION_NONE);
    return test_text_get(&fixture->text);
}

const char *lists_text(struct fixture *fixture, const char *owner) {
    struct answer answer = ask_for(fixture, XMPPBIND_STORE_LISTS_LOAD, owner, NULL);
    assert_int_equal(answer.condition, XMPPBIND_CONDITION_NONE);
    return test_text_get(&fixture->text);
}
