/* Privacy lists as XML, and what they deny: PRIV-2, PRIV-4 (XEP-0016 sections 2.1 and 2.2). */
#include "lib/session/privacy.h"
#include "tests/support/test_allocator.h"
#include "tests/unit/stanza_play.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define QUERY "<query xmlns='jabber:iq:privacy'>"
#define LIST QUERY "<list name='l'>"
#define END "</list></query>"

enum { MANY = 100, KINDS = 4, ALL_KINDS = 15 };

/* --- reading and writing --------------------------------------------------------------------------------------------
 */

/* The list element, which is the first child: some of these need the declaration of their parent. */
static xmlNode *query(const char *text) {
    xmlNode *node = test_node(text);
    assert_non_null(node);
    assert_non_null(node->children);
    return node;
}

/* The roster of the tests has one group; the number of questions is counted. */
static int has_group(const char *group, size_t length, void *user_data) {
    size_t *asked = user_data;
    ++*asked;
    return length == 7 && memcmp(group, "Enemies", length) == 0;
}

/* The list, or NULL and why there is none. */
static struct xmppbind_privacy_list *read_query(const xmppbind_host *host, const xmlNode *node, int *condition) {
    struct xmppbind_privacy_list *list = NULL;
    size_t asked = 0;
    assert_int_equal(xmppbind_privacy_read(host, node->children, MANY, has_group, &asked, &list, condition),
                     XMPPBIND_OK);
    assert_int_equal(*condition == XMPPBIND_CONDITION_NONE, list != NULL);
    return list;
}

static int condition_of(const xmppbind_host *host, const char *text) {
    xmlNode *node = query(text);
    int condition = -1;
    xmppbind_privacy_list_free(read_query(host, node, &condition));
    xmlFreeNode(node);
    return condition;
}

static struct xmppbind_privacy_list *list_of(const xmppbind_host *host, const char *text) {
    xmlNode *node = query(text);
    int condition = -1;
    struct xmppbind_privacy_list *list = read_query(host, node, &condition);
    assert_non_null(list);
    xmlFreeNode(node);
    return list;
}

static void expect(const xmlNode *node, const char *summary) {
    struct test_text text = {NULL, 0, 0};
    test_summary(node, &text);
    assert_string_equal(test_text_get(&text), summary);
    test_text_free(&text);
}

/* Everything that can be said, out of order, with what is none of our business in between. */
static const char everything[] =
    QUERY "<list name='Tout &amp; rien'> text <!-- comment --><other xmlns='urn:other'/><none xmlns=''/>"
          "<item action='allow' order='4294967295'/>"
          "<item type='jid' value='TYBALT@Example.COM/Pda' action='deny' order='0007' xml:lang='en' more='1'>"
          "text<iq/><iq>text</iq><item xmlns='urn:other'/><other xmlns=''/></item>"
          "<item type='group' value='Enemies' action='deny' order='0'><message/><presence-out/></item>"
          "<item type='subscription' value='both' action='allow' order='10'>"
          "<presence-out/><presence-in/><message/><iq/></item>"
          "<item type='jid' value='example.com/Pda' action='deny' order='8'><presence-in/></item>" END;

static const char written[] =
    "query(list{name=Tout & rien}"
    "(item{action=deny,order=0,type=group,value=Enemies}(message)(presence-out))"
    "(item{action=deny,order=7,type=jid,value=tybalt@example.com/Pda}(iq))"
    "(item{action=deny,order=8,type=jid,value=example.com/Pda}(presence-in))"
    "(item{action=allow,order=10,type=subscription,value=both}(message)(iq)(presence-in)(presence-out))"
    "(item{action=allow,order=4294967295}))";

/* PRIV-2, PRIV-4: by order, addresses prepared, kinds as child elements, nothing lost. */
static void a_list_is_read_and_written(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmlNode *empty = test_node("<query xmlns='jabber:iq:privacy'/>");
    struct xmppbind_privacy_list *list = list_of(host, everything);
    int condition = -1;
    (void)state;
    assert_int_equal(xmppbind_privacy_write(empty, list), XMPPBIND_OK);
    xmppbind_privacy_list_free(list);
    expect(empty, written);
    for (const xmlNode *item = empty->children->children; item != NULL; item = item->next)
        assert_ptr_equal(item->ns, empty->ns);
    list = read_query(host, empty, &condition); /* what was written is read again, and is the same */
    xmlFreeNode(empty);
    empty = test_node("<query xmlns='jabber:iq:privacy'/>");
    assert_int_equal(xmppbind_privacy_write(empty, list), XMPPBIND_OK);
    assert_int_equal(xmppbind_privacy_write(empty, list), XMPPBIND_OK); /* it is appended */
    assert_ptr_equal(empty->children->next, empty->last);
    xmlNode *first = empty->children;
    xmlUnlinkNode(first);
    xmlFreeNode(first);
    expect(empty, written);
    xmlFreeNode(empty);
    xmppbind_privacy_list_free(list);
    xmppbind_host_free(host);
}

/* PRIV-2: a list without items is a removal (XEP-0016 section 2.8). */
static void a_list_may_be_empty(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmlNode *node = test_node("<query xmlns='jabber:iq:privacy'/>");
    struct xmppbind_privacy_list *list = list_of(host, QUERY "<list name='private'> </list></query>");
    size_t length = 0;
    (void)state;
    assert_string_equal(xmppbind_privacy_list_name(list, &length), "private");
    assert_int_equal(length, 7);
    assert_int_equal(xmppbind_privacy_list_count(list), 0);
    assert_int_equal(xmppbind_privacy_write(node, list), XMPPBIND_OK);
    expect(node, "query(list{name=private})");
    xmlFreeNode(node);
    xmppbind_privacy_list_free(list);
    xmppbind_host_free(host);
}

/* PRIV-2: every error of XEP-0016 section 2.1. */
static void what_is_wrong_is_refused(void **state) {
    static const struct {
        const char *text;
        int condition;
    } refused[] = {
        {QUERY "<list/></query>", XMPPBIND_CONDITION_BAD_REQUEST},
        {QUERY "<list name=''/></query>", XMPPBIND_CONDITION_BAD_REQUEST},
        {QUERY "<list xml:name='l'/></query>", XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<rule action='deny' order='1'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item order='1'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='' order='1'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='Deny' order='1'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='denyy' order='1'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order=''/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='-1'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='+1'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order=' 1'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1:'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='0x1'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='4294967296'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='18446744073709551617'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1'/><item action='allow' order='2'/><item action='allow' order='01'/>" END,
         XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' value='both'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' value=''/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='' value='both'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type=''/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='JID' value='a@b'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='any' value='a@b'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='jid'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='jid' value=''/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='jid' value='a@'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='jid' value='@b'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='jid' value='a@b/'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='jid' value='a b@c'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='group'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='group' value=''/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='group' value='Friends'/>" END, XMPPBIND_CONDITION_ITEM_NOT_FOUND},
        {LIST "<item action='deny' order='1' type='group' value='enemies'/>" END, XMPPBIND_CONDITION_ITEM_NOT_FOUND},
        {LIST "<item action='deny' order='1' type='subscription'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='subscription' value=''/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1' type='subscription' value='remove'/>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1'><presence/></item>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1'><iq/><Message/></item>" END, XMPPBIND_CONDITION_BAD_REQUEST},
        {LIST "<item action='deny' order='1'><item action='deny' order='2'/></item>" END,
         XMPPBIND_CONDITION_BAD_REQUEST},
    };
    xmppbind_host *host = test_host(NULL);
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++)
        if (condition_of(host, refused[i].text) != refused[i].condition)
            fail_msg("%s: not %s", refused[i].text, xmppbind_condition_name(refused[i].condition));
    xmppbind_host_free(host);
}

/* PRIV-2: a namespace that libxml2 found no memory for is no namespace of ours. */
static void a_namespace_without_a_name_is_another(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmlNode *node = query(LIST "<item xmlns=''/>" END);
    xmlNs nameless = {0};
    int condition = -1;
    (void)state;
    node->children->children->ns = &nameless;
    struct xmppbind_privacy_list *list = read_query(host, node, &condition);
    assert_int_equal(xmppbind_privacy_list_count(list), 0);
    xmppbind_privacy_list_free(list);
    node->children->children->ns = NULL;
    xmlFreeNode(node);
    xmppbind_host_free(host);
}

/* PRIV-2: groups are looked up where the roster is there. */
static void groups_are_asked_for_or_not(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmlNode *node = query(LIST "<item action='deny' order='1' type='group' value='Friends'/>" END);
    struct xmppbind_privacy_list *list = NULL;
    size_t asked = 0;
    int condition = -1;
    (void)state;
    assert_int_equal(xmppbind_privacy_read(host, node->children, 1, NULL, NULL, &list, &condition), XMPPBIND_OK);
    assert_int_equal(condition, XMPPBIND_CONDITION_NONE);
    xmppbind_privacy_list_free(list);
    assert_int_equal(xmppbind_privacy_read(host, node->children, 1, has_group, &asked, &list, &condition), XMPPBIND_OK);
    assert_int_equal(condition, XMPPBIND_CONDITION_ITEM_NOT_FOUND);
    assert_null(list);
    assert_int_equal(asked, 1);
    xmlFreeNode(node);
    node = query(LIST "<item action='deny' order='1' type='jid' value='a@b'/>" END); /* nobody asks for others */
    assert_int_equal(xmppbind_privacy_read(host, node->children, 1, has_group, &asked, &list, &condition), XMPPBIND_OK);
    assert_int_equal(asked, 1);
    xmppbind_privacy_list_free(list);
    xmlFreeNode(node);
    xmppbind_host_free(host);
}

/* PRIV-2: [limit] items of a list. */
static void too_many_items_are_refused(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmlNode *node = query(LIST "<item action='deny' order='2'/><item action='deny' order='1'/>" END);
    struct xmppbind_privacy_list *list = NULL;
    (void)state;
    for (size_t most = 0; most <= 3; most++) {
        int condition = -1;
        assert_int_equal(xmppbind_privacy_read(host, node->children, most, NULL, NULL, &list, &condition), XMPPBIND_OK);
        assert_int_equal(condition, most < 2 ? XMPPBIND_CONDITION_RESOURCE_CONSTRAINT : XMPPBIND_CONDITION_NONE);
        assert_int_equal(xmppbind_privacy_list_count(list), most < 2 ? 0 : 2);
        xmppbind_privacy_list_free(list);
    }
    xmlFreeNode(node);
    xmppbind_host_free(host);
}

/* --- without memory
 * --------------------------------------------------------------------------------------------------- */

static int prepare(const char *text, size_t length, char *prepared, size_t capacity, size_t *prepared_length,
                   void *user_data) {
    const int *result = user_data;
    assert_true(length <= capacity);
    memcpy(prepared, text, length);
    *prepared_length = length;
    return *result;
}

/* PRIV-2: addresses are prepared as the host says; no memory for that is no fault of the client. */
static void the_host_prepares_addresses(void **state) {
    static const struct {
        int prepared, result, condition;
    } answers[] = {
        {XMPPBIND_OK, XMPPBIND_OK, XMPPBIND_CONDITION_NONE},
        {XMPPBIND_ERROR_ADDRESS_FORBIDDEN, XMPPBIND_OK, XMPPBIND_CONDITION_BAD_REQUEST},
        {XMPPBIND_ERROR_NO_MEMORY, XMPPBIND_ERROR_NO_MEMORY, XMPPBIND_CONDITION_NONE},
    };
    xmlNode *node = query(LIST "<item action='deny' order='1' type='jid' value='A@_B/c'/>" END);
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        xmppbind_host *host = test_host(NULL);
        struct xmppbind_privacy_list *list = NULL;
        int prepared = answers[i].prepared, condition = -1;
        assert_int_equal(xmppbind_host_set_preparation(host, prepare, prepare, prepare, &prepared), XMPPBIND_OK);
        assert_int_equal(xmppbind_privacy_read(host, node->children, 1, NULL, NULL, &list, &condition),
                         answers[i].result);
        assert_int_equal(condition, answers[i].condition);
        assert_int_equal(list != NULL, prepared == XMPPBIND_OK);
        if (list != NULL)
            assert_string_equal(xmppbind_privacy_list_value(list, 0, NULL), "A@_B/c");
        xmppbind_privacy_list_free(list);
        xmppbind_host_free(host);
    }
    xmlFreeNode(node);
}

/* PRIV-2: a list is read as a whole or not at all, also from attributes in pieces. */
static void reading_without_memory(void **state) {
    struct test_allocator source;
    struct xmppbind_privacy_list *list = NULL;
    size_t n = 0, asked = 0;
    int result = XMPPBIND_ERROR_NO_MEMORY, condition = -1;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    xmlNode *node = query(everything);
    stanza_break_up(node->children);
    for (xmlNode *item = node->children->children; item != NULL; item = item->next)
        if (item->type == XML_ELEMENT_NODE)
            stanza_break_up(item);
    for (int of_libxml2 = 0; of_libxml2 < 2; of_libxml2++) {
        for (n = 1, result = XMPPBIND_ERROR_NO_MEMORY; result == XMPPBIND_ERROR_NO_MEMORY; n++) {
            size_t blocks = source.blocks;
            test_allocator_fail(&source, of_libxml2 ? 0 : n, 0);
            stanza_fail_at = of_libxml2 ? n : 0;
            result = xmppbind_privacy_read(host, node->children, MANY, has_group, &asked, &list, &condition);
            stanza_fail_at = 0;
            assert_int_equal(condition, XMPPBIND_CONDITION_NONE);
            assert_int_equal(list == NULL, result != XMPPBIND_OK);
            assert_true(list != NULL || source.blocks == blocks);
        }
        test_allocator_fail(&source, 0, 0);
        assert_int_equal(result, XMPPBIND_OK);
        assert_int_equal(n - 2, of_libxml2 ? 17 : 7); /* texts in pieces; the list, its room twice, 4 values */
        xmlNode *empty = test_node("<query xmlns='jabber:iq:privacy'/>");
        assert_int_equal(xmppbind_privacy_write(empty, list), XMPPBIND_OK);
        expect(empty, written);
        xmlFreeNode(empty);
        xmppbind_privacy_list_free(list);
    }
    xmlFreeNode(node);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
}

/* PRIV-2: a list is written as a whole or not at all. */
static void writing_without_memory(void **state) {
    xmppbind_host *host = test_host(NULL);
    struct xmppbind_privacy_list *list = list_of(host, everything);
    xmlNode *node = test_node("<query xmlns='jabber:iq:privacy'/>");
    int result = XMPPBIND_ERROR_NO_MEMORY;
    size_t n = 0;
    (void)state;
    while (result == XMPPBIND_ERROR_NO_MEMORY) {
        assert_null(node->children);
        assert_null(node->last);
        stanza_fail_at = ++n;
        result = xmppbind_privacy_write(node, list);
        stanza_fail_at = 0;
    }
    assert_int_equal(result, XMPPBIND_OK);
    assert_true(n > MANY / 2);
    expect(node, written);
    xmlFreeNode(node);
    xmppbind_privacy_list_free(list);
    xmppbind_host_free(host);
}

/* --- the decision
 * ----------------------------------------------------------------------------------------------------- */

static void add(struct xmppbind_privacy_list *list, uint32_t order, int type, const char *value, int action,
                uint32_t kinds) {
    size_t length = value == NULL ? 0 : strlen(value);
    assert_int_equal(xmppbind_privacy_list_add(list, order, type, value, length, action, kinds), XMPPBIND_OK);
}

static struct xmppbind_privacy_list *list_with(int type, const char *value, int action, uint32_t kinds) {
    xmppbind_privacy_list *list = NULL;
    assert_int_equal(xmppbind_privacy_list_new(&list, NULL, "l", 1), XMPPBIND_OK);
    add(list, 1, type, value, action, kinds);
    return list;
}

static int denies(const struct xmppbind_privacy_list *list, uint32_t kind, const char *peer,
                  const struct xmppbind_roster_item *contact) {
    return xmppbind_privacy_denies(list, kind, peer, strlen(peer), contact);
}

static struct xmppbind_roster_item *contact_of(int subscription, uint32_t flags) {
    xmppbind_roster_item *contact = NULL;
    assert_int_equal(xmppbind_roster_item_new(&contact, NULL, "user@domain", 11), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_subscription(contact, subscription), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_flags(contact, flags), XMPPBIND_OK);
    return contact;
}

/* PRIV-4: the four forms of a JID in XEP-0016 section 2.1. */
static void jids_match_by_their_form(void **state) {
    static const char *const values[] = {"user@domain/resource", "user@domain", "domain/resource", "domain"};
    static const struct {
        const char *peer, *matched; /* by each of the values */
    } peers[] = {
        {"user@domain/resource", "1101"},
        {"user@domain", "0101"},
        {"domain/resource", "0011"},
        {"domain", "0001"},
        {"user@domain/Resource", "0101"},
        {"user@domain/resource2", "0101"},
        {"user@domain/resource/2", "0101"},
        {"other@domain/resource", "0001"},
        {"us@domain", "0001"},
        {"user2@domain", "0001"},
        {"domain/other", "0001"},
        {"domain/user@domain", "0001"},
        {"domain/resource@domain", "0001"},
        {"user@sub.domain/resource", "0000"},
        {"user@sub.domain", "0000"},
        {"sub.domain/resource", "0000"},
        {"sub.domain", "0000"},
        {"domain2", "0000"},
        {"other/domain", "0000"},
        {"user@other/user@domain", "0000"},
        {"other/user@domain/resource", "0000"},
        {"domain@other/resource", "0000"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        struct xmppbind_privacy_list *list = list_with(XMPPBIND_PRIVACY_JID, values[i], XMPPBIND_PRIVACY_DENY, 0);
        for (size_t j = 0; j < COUNT(peers); j++)
            if (denies(list, XMPPBIND_PRIVACY_IQ, peers[j].peer, NULL) != (peers[j].matched[i] == '1'))
                fail_msg("%s and %s", values[i], peers[j].peer);
        xmppbind_privacy_list_free(list);
    }
}

/* PRIV-4: the groups are those that the contact has now, whole and exact. */
static void groups_match_those_of_the_contact(void **state) {
    struct xmppbind_privacy_list *list = list_with(XMPPBIND_PRIVACY_GROUP, "Enemies", XMPPBIND_PRIVACY_DENY, 0);
    struct xmppbind_roster_item *contact = contact_of(XMPPBIND_SUBSCRIPTION_BOTH, XMPPBIND_ROSTER_LISTED);
    (void)state;
    assert_false(denies(list, 0, "user@domain", NULL));
    assert_false(denies(list, 0, "user@domain", contact));
    assert_int_equal(xmppbind_roster_item_add_group(contact, "enemies", 7), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_add_group(contact, "Enemies2", 8), XMPPBIND_OK);
    assert_false(denies(list, 0, "user@domain", contact));
    assert_int_equal(xmppbind_roster_item_add_group(contact, "Enemies", 7), XMPPBIND_OK);
    assert_true(denies(list, 0, "user@domain", contact));
    assert_int_equal(xmppbind_roster_item_set_flags(contact, XMPPBIND_ROSTER_PENDING_IN), XMPPBIND_OK);
    assert_false(denies(list, 0, "user@domain", contact)); /* in the roster it is not */
    xmppbind_roster_item_free(contact);
    xmppbind_privacy_list_free(list);
}

/* PRIV-4: subscriptions are exact; "none" is also who is not in the roster. */
static void subscriptions_match_exactly(void **state) {
    static const char *const values[] = {"none", "to", "from", "both"}; /* as enum xmppbind_subscription */
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct xmppbind_privacy_list *list =
            list_with(XMPPBIND_PRIVACY_SUBSCRIPTION, values[i], XMPPBIND_PRIVACY_DENY, 0);
        assert_int_equal(denies(list, 0, "user@domain", NULL), i == XMPPBIND_SUBSCRIPTION_NONE);
        for (int subscription = 0; subscription < 4; subscription++) {
            struct xmppbind_roster_item *contact = contact_of(subscription, XMPPBIND_ROSTER_LISTED);
            assert_int_equal(denies(list, 0, "user@domain", contact), i == subscription);
            assert_int_equal(xmppbind_roster_item_set_flags(contact, XMPPBIND_ROSTER_REMOVED), XMPPBIND_OK);
            assert_int_equal(denies(list, 0, "user@domain", contact), i == XMPPBIND_SUBSCRIPTION_NONE);
            xmppbind_roster_item_free(contact);
        }
        xmppbind_privacy_list_free(list);
    }
}

/* PRIV-4: each type with each action and each set of kinds, asked for each kind, and for what has none. */
static void rules_are_about_their_kinds(void **state) {
    static const char *const values[] = {NULL, "user@domain", "Enemies", "from"};
    struct xmppbind_roster_item *contact = contact_of(XMPPBIND_SUBSCRIPTION_FROM, XMPPBIND_ROSTER_LISTED);
    (void)state;
    assert_int_equal(xmppbind_roster_item_add_group(contact, "Enemies", 7), XMPPBIND_OK);
    for (int type = XMPPBIND_PRIVACY_ANY; type <= XMPPBIND_PRIVACY_SUBSCRIPTION; type++)
        for (uint32_t kinds = 0; kinds <= ALL_KINDS; kinds++) {
            struct xmppbind_privacy_list *deny = list_with(type, values[type], XMPPBIND_PRIVACY_DENY, kinds);
            struct xmppbind_privacy_list *allow = list_with(type, values[type], XMPPBIND_PRIVACY_ALLOW, kinds);
            add(allow, 2, XMPPBIND_PRIVACY_ANY, NULL, XMPPBIND_PRIVACY_DENY, 0);
            for (int bit = -1; bit < KINDS; bit++) {
                uint32_t kind = bit < 0 ? 0 : 1U << bit;
                int is_about = kinds == 0 || (bit >= 0 && (kinds >> bit & 1U) != 0);
                assert_int_equal(denies(deny, kind, "user@domain/r", contact), is_about);
                assert_int_equal(denies(allow, kind, "user@domain/r", contact), !is_about);
            }
            assert_int_equal(denies(deny, XMPPBIND_PRIVACY_IQ, "other", NULL),
                             type == XMPPBIND_PRIVACY_ANY && (kinds == 0 || (kinds & XMPPBIND_PRIVACY_IQ) != 0));
            xmppbind_privacy_list_free(deny);
            xmppbind_privacy_list_free(allow);
        }
    xmppbind_roster_item_free(contact);
}

/* PRIV-4: the first that matches, by order and not by how exact it is or where it stands. */
static void the_first_rule_that_matches_decides(void **state) {
    static const struct {
        const char *text, *peer;
        uint32_t kind;
        int denied;
    } asked[] = {
        {LIST "<item action='deny' order='2'/><item type='jid' value='a@b' action='allow' order='1'/>" END, "a@b/c", 0,
         0},
        {LIST "<item action='deny' order='2'/><item type='jid' value='a@b' action='allow' order='1'/>" END, "d@b", 0,
         1},
        {LIST "<item action='deny' order='1'/><item type='jid' value='a@b' action='allow' order='2'/>" END, "a@b/c", 0,
         1},
        {LIST "<item type='jid' value='b' action='allow' order='9'/>"
              "<item type='jid' value='a@b/c' action='deny' order='10'/>" END,
         "a@b/c", XMPPBIND_PRIVACY_MESSAGE, 0},
        {LIST "<item type='jid' value='b' action='allow' order='10'/>"
              "<item type='jid' value='a@b/c' action='deny' order='9'/>" END,
         "a@b/c", XMPPBIND_PRIVACY_MESSAGE, 1},
        {LIST "<item action='allow' order='1'><message/></item><item action='deny' order='2'/>" END, "a@b",
         XMPPBIND_PRIVACY_MESSAGE, 0},
        {LIST "<item action='allow' order='1'><message/></item><item action='deny' order='2'/>" END, "a@b",
         XMPPBIND_PRIVACY_PRESENCE_OUT, 1},
        {LIST "<item type='subscription' value='none' action='deny' order='437'/>" END, "a@b", XMPPBIND_PRIVACY_IQ, 1},
        {LIST "<item type='subscription' value='both' action='deny' order='437'/>" END, "a@b", XMPPBIND_PRIVACY_IQ, 0},
        {LIST "<item type='jid' value='A@B' action='deny' order='0'/>" END, "a@b", XMPPBIND_PRIVACY_IQ, 1},
        {LIST END, "a@b", XMPPBIND_PRIVACY_IQ, 0},
    };
    xmppbind_host *host = test_host(NULL);
    (void)state;
    for (size_t i = 0; i < COUNT(asked); i++) {
        struct xmppbind_privacy_list *list = list_of(host, asked[i].text);
        if (denies(list, asked[i].kind, asked[i].peer, NULL) != asked[i].denied)
            fail_msg("%s: %s", asked[i].text, asked[i].peer);
        xmppbind_privacy_list_free(list);
    }
    assert_false(denies(NULL, XMPPBIND_PRIVACY_IQ, "a@b", NULL));
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_read_and_written),
        cmocka_unit_test(a_list_may_be_empty),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(a_namespace_without_a_name_is_another),
        cmocka_unit_test(groups_are_asked_for_or_not),
        cmocka_unit_test(too_many_items_are_refused),
        cmocka_unit_test(the_host_prepares_addresses),
        cmocka_unit_test(reading_without_memory),
        cmocka_unit_test(writing_without_memory),
        cmocka_unit_test(jids_match_by_their_form),
        cmocka_unit_test(groups_match_those_of_the_contact),
        cmocka_unit_test(subscriptions_match_exactly),
        cmocka_unit_test(rules_are_about_their_kinds),
        cmocka_unit_test(the_first_rule_that_matches_decides),
    };
    if (stanza_play_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
