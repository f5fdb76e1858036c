/*
 * SUB-1: RFC 6121 appendix A, written down here once more, from the RFC: each of the nine states, each of the four
 * stanzas, sent by the user and received from the contact. Checked against the tables of the library, and by a client,
 * a contact and a store that see nothing of them.
 */
#include "lib/session/subscription_table.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#define JULIET "juliet@c.example"
#define ROMEO "romeo@m.example"

enum direction { SENT, RECEIVED };

struct row {
    const char *stanza;
    const char *state;
    const char *goes; /* "must" it be routed, or delivered; "no"; "answered" in the name of the user */
    const char *next; /* "-": the state does not change */
};

/* Appendix A.2: what the user sends, and whether it is routed. */
static const struct row sent[] = {
    /* A.2.1 */
    {"subscribe", "None", "must", "None + Pending Out"},
    {"subscribe", "None + Pending Out", "must", "-"},
    {"subscribe", "None + Pending In", "must", "None + Pending Out+In"},
    {"subscribe", "None + Pending Out+In", "must", "-"},
    {"subscribe", "To", "must", "-"},
    {"subscribe", "To + Pending In", "must", "-"},
    {"subscribe", "From", "must", "From + Pending Out"},
    {"subscribe", "From + Pending Out", "must", "-"},
    {"subscribe", "Both", "must", "-"},
    /* A.2.2 */
    {"unsubscribe", "None", "must", "-"},
    {"unsubscribe", "None + Pending Out", "must", "None"},
    {"unsubscribe", "None + Pending In", "must", "-"},
    {"unsubscribe", "None + Pending Out+In", "must", "None + Pending In"},
    {"unsubscribe", "To", "must", "None"},
    {"unsubscribe", "To + Pending In", "must", "None + Pending In"},
    {"unsubscribe", "From", "must", "-"},
    {"unsubscribe", "From + Pending Out", "must", "From"},
    {"unsubscribe", "Both", "must", "From"},
    /* A.2.3; nothing is approved in advance */
    {"subscribed", "None", "no", "-"},
    {"subscribed", "None + Pending Out", "no", "-"},
    {"subscribed", "None + Pending In", "must", "From"},
    {"subscribed", "None + Pending Out+In", "must", "From + Pending Out"},
    {"subscribed", "To", "no", "-"},
    {"subscribed", "To + Pending In", "must", "Both"},
    {"subscribed", "From", "no", "-"},
    {"subscribed", "From + Pending Out", "no", "-"},
    {"subscribed", "Both", "no", "-"},
    /* A.2.4 */
    {"unsubscribed", "None", "no", "-"},
    {"unsubscribed", "None + Pending Out", "no", "-"},
    {"unsubscribed", "None + Pending In", "must", "None"},
    {"unsubscribed", "None + Pending Out+In", "must", "None + Pending Out"},
    {"unsubscribed", "To", "no", "-"},
    {"unsubscribed", "To + Pending In", "must", "To"},
    {"unsubscribed", "From", "must", "None"},
    {"unsubscribed", "From + Pending Out", "must", "None + Pending Out"},
    {"unsubscribed", "Both", "must", "To"},
};

/* Appendix A.3: what the contact sends, and whether it is delivered. */
static const struct row received[] = {
    /* A.3.1 */
    {"subscribe", "None", "must", "None + Pending In"},
    {"subscribe", "None + Pending Out", "must", "None + Pending Out+In"},
    {"subscribe", "None + Pending In", "no", "-"},
    {"subscribe", "None + Pending Out+In", "no", "-"},
    {"subscribe", "To", "must", "To + Pending In"},
    {"subscribe", "To + Pending In", "no", "-"},
    {"subscribe", "From", "answered", "-"},
    {"subscribe", "From + Pending Out", "answered", "-"},
    {"subscribe", "Both", "answered", "-"},
    /* A.3.2 */
    {"unsubscribe", "None", "no", "-"},
    {"unsubscribe", "None + Pending Out", "no", "-"},
    {"unsubscribe", "None + Pending In", "must", "None"},
    {"unsubscribe", "None + Pending Out+In", "must", "None + Pending Out"},
    {"unsubscribe", "To", "no", "-"},
    {"unsubscribe", "To + Pending In", "must", "To"},
    {"unsubscribe", "From", "must", "None"},
    {"unsubscribe", "From + Pending Out", "must", "None + Pending Out"},
    {"unsubscribe", "Both", "must", "To"},
    /* A.3.3 */
    {"subscribed", "None", "no", "-"},
    {"subscribed", "None + Pending Out", "must", "To"},
    {"subscribed", "None + Pending In", "no", "-"},
    {"subscribed", "None + Pending Out+In", "must", "To + Pending In"},
    {"subscribed", "To", "no", "-"},
    {"subscribed", "To + Pending In", "no", "-"},
    {"subscribed", "From", "no", "-"},
    {"subscribed", "From + Pending Out", "must", "Both"},
    {"subscribed", "Both", "no", "-"},
    /* A.3.4 */
    {"unsubscribed", "None", "no", "-"},
    {"unsubscribed", "None + Pending Out", "must", "None"},
    {"unsubscribed", "None + Pending In", "no", "-"},
    {"unsubscribed", "None + Pending Out+In", "must", "None + Pending In"},
    {"unsubscribed", "To", "must", "None"},
    {"unsubscribed", "To + Pending In", "must", "None + Pending In"},
    {"unsubscribed", "From", "no", "-"},
    {"unsubscribed", "From + Pending Out", "must", "From"},
    {"unsubscribed", "Both", "must", "From"},
};

enum { ROWS = 36 };
_Static_assert(sizeof sent / sizeof sent[0] == ROWS && sizeof received / sizeof received[0] == ROWS, "nine by four");

/* What a state is in the terms of a roster (appendix A.1). */
struct state {
    const char *name;
    int subscription, ask, pending_in;
};

static const struct state states[] = {
    {"None", XMPPBIND_SUBSCRIPTION_NONE, 0, 0},
    {"None + Pending Out", XMPPBIND_SUBSCRIPTION_NONE, 1, 0},
    {"None + Pending In", XMPPBIND_SUBSCRIPTION_NONE, 0, 1},
    {"None + Pending Out+In", XMPPBIND_SUBSCRIPTION_NONE, 1, 1},
    {"To", XMPPBIND_SUBSCRIPTION_TO, 0, 0},
    {"To + Pending In", XMPPBIND_SUBSCRIPTION_TO, 0, 1},
    {"From", XMPPBIND_SUBSCRIPTION_FROM, 0, 0},
    {"From + Pending Out", XMPPBIND_SUBSCRIPTION_FROM, 1, 0},
    {"Both", XMPPBIND_SUBSCRIPTION_BOTH, 0, 0},
};

static const struct state *state_of(const char *name) {
    size_t i = 0;
    while (strcmp(states[i].name, name) != 0)
        i++;
    return &states[i];
}

static const struct state *next_of(const struct row *row) {
    return state_of(strcmp(row->next, "-") == 0 ? row->state : row->next);
}

static int is(const char *text, const char *other) {
    return strcmp(text, other) == 0;
}

static xmppbind_roster_item *make_item(const struct state *state, int listed) {
    xmppbind_roster_item *item = NULL;
    uint32_t flags = (listed ? XMPPBIND_ROSTER_LISTED : 0U) | (state->ask ? XMPPBIND_ROSTER_ASK : 0U) |
                     (state->pending_in ? XMPPBIND_ROSTER_PENDING_IN : 0U);
    assert_int_equal(xmppbind_roster_item_new(&item, NULL, ROMEO, strlen(ROMEO)), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_subscription(item, state->subscription), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_flags(item, flags), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_version(item, 1), XMPPBIND_OK);
    return item;
}

/* --- the tables of the library ------------------------------------------------------------------------------------ */

static unsigned library_state(const struct state *state) {
    xmppbind_roster_item *item = make_item(state, 1);
    unsigned made = xmppbind_subscription_state_of(item);
    xmppbind_roster_item_free(item);
    return made;
}

static enum xmppbind_letter_type type_of(const char *stanza) {
    if (is(stanza, "subscribe"))
        return XMPPBIND_LETTER_SUBSCRIBE;
    if (is(stanza, "subscribed"))
        return XMPPBIND_LETTER_SUBSCRIBED;
    return is(stanza, "unsubscribe") ? XMPPBIND_LETTER_UNSUBSCRIBE : XMPPBIND_LETTER_UNSUBSCRIBED;
}

static void check_table(const struct row *rows, enum xmppbind_subscription_direction direction) {
    for (size_t i = 0; i < ROWS; i++) {
        unsigned state = library_state(state_of(rows[i].state));
        const struct xmppbind_subscription_row *row =
            xmppbind_subscription_row(direction, type_of(rows[i].stanza), state);
        if (row->state != state || row->goes != is(rows[i].goes, "must") ||
            row->next != library_state(next_of(&rows[i])))
            fail_msg("%s %s in %s: goes %d, next state %d", direction == XMPPBIND_SUBSCRIPTION_INBOUND ? "in" : "out",
                     rows[i].stanza, rows[i].state, row->goes, row->next);
    }
}

static void sub_1_tables(void **context) {
    (void)context;
    check_table(sent, XMPPBIND_SUBSCRIPTION_OUTBOUND);
    check_table(received, XMPPBIND_SUBSCRIPTION_INBOUND);
    assert_int_equal(xmppbind_subscription_state_of(NULL), library_state(state_of("None")));
}

static void sub_1_states_differ(void **context) {
    (void)context;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(library_state(&states[i]), library_state(&states[j]));
}

/* --- end to end ----------------------------------------------------------------------------------------------------
 */

/* A store that holds one contact at most. */
struct scene {
    const struct row *row;
    xmppbind_host *host;
    xmppbind_store *store;
    xmppbind_sessions *sessions;
    xmppbind_stream *stream;
    xmppbind_roster_item *first; /* what it holds before, or NULL */
    int changes;
    int is_there; /* what it holds afterwards, as of the last change */
    struct state stored;
    uint32_t listed;
    struct test_text seen;
};

static int load_roster(const xmppbind_store_request *request, void *user_data) {
    struct scene *scene = user_data;
    uint64_t id = xmppbind_store_request_id(request);
    if (scene->first != NULL)
        assert_int_equal(xmppbind_store_roster_entry(scene->store, id, scene->first), XMPPBIND_OK);
    return xmppbind_store_accept(scene->store, id, scene->first != NULL);
}

static int put(const xmppbind_store_request *request, void *user_data) {
    struct scene *scene = user_data;
    const xmppbind_roster_item *item = xmppbind_store_request_item(request);
    uint32_t flags = xmppbind_roster_item_flags(item);
    assert_string_equal(xmppbind_roster_item_jid(item, NULL), ROMEO);
    scene->is_there = 1;
    scene->stored = (struct state){NULL, xmppbind_roster_item_subscription(item), (flags & XMPPBIND_ROSTER_ASK) != 0,
                                   (flags & XMPPBIND_ROSTER_PENDING_IN) != 0};
    scene->listed = flags & XMPPBIND_ROSTER_LISTED;
    scene->changes++;
    return xmppbind_store_accept(scene->store, xmppbind_store_request_id(request), 2);
}

static int erase(const xmppbind_store_request *request, void *user_data) {
    struct scene *scene = user_data;
    assert_string_equal(xmppbind_store_request_name(request, NULL), ROMEO);
    scene->is_there = 0;
    scene->stored = (struct state){NULL, XMPPBIND_SUBSCRIPTION_NONE, 0, 0};
    scene->listed = 0;
    scene->changes++;
    return xmppbind_store_accept(scene->store, xmppbind_store_request_id(request), 2);
}

static int accept(const xmppbind_store_request *request, void *user_data) {
    const struct scene *scene = user_data;
    return xmppbind_store_accept(scene->store, xmppbind_store_request_id(request), 0);
}

static const char *attribute(const xmlNode *node, const char *name) {
    const xmlAttr *found = node->properties;
    while (found != NULL && strcmp((const char *)found->name, name) != 0)
        found = found->next;
    return found == NULL || found->children == NULL ? "" : (const char *)found->children->content;
}

/* One line for each stanza; a push by what it says. */
static void note(struct scene *scene, int kind, const xmlNode *node) {
    if (is((const char *)node->name, "iq") && is(attribute(node, "type"), "set")) {
        const xmlNode *item = node->children->children;
        assert_string_equal(attribute(item, "jid"), ROMEO);
        test_text_format(&scene->seen, "push %s%s%s\n", attribute(item, "subscription"),
                         attribute(item, "ask")[0] == '\0' ? "" : " ask ", attribute(item, "ask"));
        return;
    }
    const char *type = attribute(node, "type"), *word = kind == XMPPBIND_EVENT_SEND ? "send" : "route";
    assert_int_not_equal(kind, XMPPBIND_EVENT_HOST);
    test_text_format(&scene->seen, "%s %s %s -> %s\n", word, type[0] == '\0' ? "available" : type,
                     attribute(node, "from"), attribute(node, "to"));
}

static void drain(struct scene *scene) {
    xmppbind_event *event = NULL;
    int result;
    while ((result = xmppbind_stream_next_event(scene->stream, &event)) == 1)
        if (xmppbind_event_stanza(event) != NULL)
            note(scene, xmppbind_event_kind(event), xmppbind_event_stanza(event));
    assert_int_equal(result, 0);
    while ((result = xmppbind_sessions_next_event(scene->sessions, &event)) == 1)
        note(scene, xmppbind_event_kind(event), xmppbind_event_stanza(event));
    assert_int_equal(result, 0);
}

static void set_up(struct scene *scene, const struct state *state, int listed) {
    int held = listed || state->subscription != XMPPBIND_SUBSCRIPTION_NONE || state->ask || state->pending_in;
    memset(scene, 0, sizeof *scene);
    scene->first = held ? make_item(state, listed) : NULL;
    scene->stored = *state;
    scene->is_there = held;
    scene->listed = listed ? XMPPBIND_ROSTER_LISTED : 0;
    scene->host = test_host(NULL);
    assert_int_equal(xmppbind_store_new(&scene->store, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_roster(scene->store, load_roster, put, erase, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_lists(scene->store, accept, accept, accept, accept, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_new(&scene->sessions, scene->host, scene->store), XMPPBIND_OK);
    scene->stream = test_stream(scene->host, JULIET);
    assert_int_equal(test_bind(scene->stream, "a", 1), XMPPBIND_OK);
    assert_int_equal(test_receive(scene->stream, "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>"), 0);
    assert_int_equal(test_receive(scene->stream, "<presence/>"), XMPPBIND_OK);
    drain(scene);
    test_text_clear(&scene->seen);
}

static void tear_down(struct scene *scene) {
    assert_int_equal(xmppbind_store_pending(scene->store), 0);
    xmppbind_stream_free(scene->stream);
    xmppbind_sessions_free(scene->sessions);
    xmppbind_host_free(scene->host);
    xmppbind_store_free(scene->store);
    xmppbind_roster_item_free(scene->first);
    test_text_free(&scene->seen);
}

static void expect(const struct scene *scene, int condition, const char *what) {
    if (!condition)
        fail_msg("%s in %s (%s): %s; left: %s", scene->row->stanza, scene->row->state,
                 scene->first == NULL ? "no item" : "an item", what, test_text_get(&scene->seen));
}

/* Whether a line was seen; it is taken out. */
static int saw(struct scene *scene, const char *line) {
    const char *text = test_text_get(&scene->seen);
    const char *found = strstr(text, line);
    if (found == NULL)
        return 0;
    struct test_text rest = {NULL, 0, 0};
    test_text_add(&rest, text, (size_t)(found - text));
    test_text_add(&rest, found + strlen(line), strlen(found + strlen(line)));
    test_text_free(&scene->seen);
    scene->seen = rest;
    return 1;
}

/* What clients see of a contact: nothing of "Pending In", and nothing at all of one that is not listed. */
static void expect_push(struct scene *scene, const struct state *before, int listed, const struct state *now) {
    static const char *const words[] = {"none", "to", "from", "both"};
    int seen_after = listed || now->subscription != XMPPBIND_SUBSCRIPTION_NONE || now->ask;
    int differs = seen_after != listed || before->subscription != now->subscription || before->ask != now->ask;
    struct test_text line = {NULL, 0, 0};
    test_text_format(&line, "push %s%s\n", words[now->subscription], now->ask ? " ask subscribe" : "");
    expect(scene, (scene->listed != 0) == seen_after, "whether it is listed");
    int pushed = saw(scene, test_text_get(&line));
    if (differs || !seen_after || scene->changes == 0) /* otherwise it has a new version, and may be pushed for that */
        expect(scene, pushed == differs, "whether it is pushed");
    test_text_free(&line);
}

/* Who may see the user from now on, or no longer (RFC 6121 3.1.5, 3.2.2, 3.3.3). */
static void expect_presence(struct scene *scene, const struct state *before, const struct state *now) {
    int from_before = (before->subscription & XMPPBIND_SUBSCRIPTION_FROM) != 0;
    int from_now = (now->subscription & XMPPBIND_SUBSCRIPTION_FROM) != 0;
    int shown = saw(scene, "route available " JULIET "/a -> " ROMEO "\n");
    int hidden = saw(scene, "route unavailable " JULIET "/a -> " ROMEO "\n");
    expect(scene, shown == (from_now && !from_before), "presence");
    expect(scene, hidden == (from_before && !from_now), "unavailable presence");
}

static void play(struct scene *scene, enum direction direction, const char *stanza) {
    struct test_text text = {NULL, 0, 0};
    test_text_format(&text, "<presence type='%s' from='%s' to='%s'/>", stanza, direction == SENT ? JULIET : ROMEO,
                     direction == SENT ? ROMEO : JULIET);
    if (direction == SENT)
        assert_int_equal(test_receive_bytes(scene->stream, test_text_get(&text)), XMPPBIND_OK);
    else
        assert_int_equal(xmppbind_sessions_deliver_bytes(scene->sessions, test_text_get(&text), text.length),
                         XMPPBIND_OK);
    test_text_free(&text);
    drain(scene);
}

/* What becomes of the stanza itself. */
static void expect_stanza(struct scene *scene, enum direction direction) {
    struct test_text line = {NULL, 0, 0};
    if (direction == SENT)
        test_text_format(&line, "route %s " JULIET " -> " ROMEO "\n", scene->row->stanza);
    else
        test_text_format(&line, "send %s " ROMEO " -> " JULIET "\n", scene->row->stanza);
    int went = saw(scene, test_text_get(&line));
    int answered = saw(scene, "route subscribed " JULIET " -> " ROMEO "\n");
    expect(scene, went == is(scene->row->goes, "must"), "whether it goes");
    expect(scene, answered == is(scene->row->goes, "answered"), "whether it is answered");
    test_text_free(&line);
}

static void check_row(const struct row *row, enum direction direction, int listed) {
    const struct state *before = state_of(row->state), *now = next_of(row);
    struct scene scene;
    set_up(&scene, before, listed);
    scene.row = row;
    play(&scene, direction, row->stanza);
    expect_stanza(&scene, direction);
    expect_push(&scene, before, listed, now);
    expect_presence(&scene, before, now);
    expect(&scene, is(test_text_get(&scene.seen), ""), "nothing else");
    expect(&scene, scene.changes == (before != now), "whether it is stored");
    expect(&scene,
           scene.stored.subscription == now->subscription && scene.stored.ask == now->ask &&
               scene.stored.pending_in == now->pending_in,
           "the state that is stored");
    expect(&scene, scene.is_there == (listed || now != state_of("None")), "whether the store has it");
    tear_down(&scene);
}

static void check_rows(const struct row *rows, enum direction direction) {
    for (size_t i = 0; i < ROWS; i++) {
        check_row(&rows[i], direction, 1);
        if (is(rows[i].state, "None") || is(rows[i].state, "None + Pending In"))
            check_row(&rows[i], direction, 0);
    }
}

static void sub_1_sent(void **context) {
    (void)context;
    check_rows(sent, SENT);
}

static void sub_1_received(void **context) {
    (void)context;
    check_rows(received, RECEIVED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sub_1_tables),
        cmocka_unit_test(sub_1_states_differ),
        cmocka_unit_test(sub_1_sent),
        cmocka_unit_test(sub_1_received),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
