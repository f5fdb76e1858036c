/* Drafts: a stanza is changed as a whole or not at all. */
#include "lib/stanza/draft.h"
#include "tests/unit/stanza_play.h"

static void expect(const xmlNode *node, const char *summary) {
    struct test_text text = {NULL, 0, 0};
    test_summary(node, &text);
    assert_string_equal(test_text_get(&text), summary);
    test_text_free(&text);
}

/* The order in which the attributes stand, as "type id to". */
static void expect_order(const xmlNode *node, const char *order) {
    struct test_text text = {NULL, 0, 0};
    for (const xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next) {
        test_text_format(&text, text.length == 0 ? "%s" : " %s", (const char *)attribute->name);
        assert_ptr_equal(attribute->parent, node);
        assert_true(attribute->next == NULL || attribute->next->prev == attribute);
    }
    assert_string_equal(test_text_get(&text), order);
    test_text_free(&text);
}

/* BIND-7: of a request only its id goes back. */
static void a_request_becomes_its_answer(void **state) {
    xmlNode *node = test_node("<iq to='t' xml:lang='en' id='i' type='set' from='f'><child/>text</iq>"), draft, *child;
    (void)state;
    xmppbind_draft_begin(&draft, node);
    assert_int_equal(xmppbind_draft_attribute(&draft, "type", "result"), XMPPBIND_OK);
    assert_int_equal(xmppbind_draft_attribute(&draft, "to", "f"), XMPPBIND_OK);
    assert_int_equal(xmppbind_draft_child(&draft, "bind", "urn:b", &child), XMPPBIND_OK);
    assert_int_equal(xmppbind_draft_child(child, "jid", NULL, &child), XMPPBIND_OK);
    assert_int_equal(xmppbind_draft_text(child, "a@b/cdef", 5), XMPPBIND_OK);
    xmppbind_draft_commit(&draft, node, XMPPBIND_KEEP_ID);
    expect(node, "iq{id=i,to=f,type=result}(bind(jid[a@b/c]))");
    expect_order(node, "type id to");
    assert_string_equal((const char *)node->children->children->ns->href, "urn:b");
    xmlFreeNode(node);
}

/* FROM-7: of a stanza that is returned all else goes back. */
static void a_returned_stanza_keeps_its_content(void **state) {
    xmlNode *node = test_node("<message to='t' a='1' id='i' xml:to='x' type='chat' b='2'><body>hi</body></message>");
    xmlNode draft;
    (void)state;
    xmppbind_draft_begin(&draft, node);
    assert_int_equal(xmppbind_draft_attribute(&draft, "type", "error"), XMPPBIND_OK);
    assert_int_equal(xmppbind_draft_error(&draft, XMPPBIND_CONDITION_RESOURCE_LIMIT), XMPPBIND_OK);
    xmppbind_draft_commit(&draft, node, XMPPBIND_KEEP_CONTENT);
    expect_order(node, "type id a to b"); /* the 'to' that is left is that of another namespace */
    assert_non_null(node->properties->next->next->next->ns);
    assert_string_equal((const char *)node->last->name, "error");
    assert_ptr_equal(node->last->prev, node->children);
    assert_string_equal((const char *)node->last->last->name, "resource-limit-exceeded");
    xmlFreeNode(node);
}

/* Children without a namespace of their own are in that of the stanza. */
static void a_child_takes_the_namespace_of_its_stanza(void **state) {
    xmlNode *node = test_node("<message xmlns='jabber:client'/>"), draft;
    (void)state;
    xmppbind_draft_begin(&draft, node);
    assert_int_equal(xmppbind_draft_error(&draft, XMPPBIND_CONDITION_UNKNOWN_SENDER), XMPPBIND_OK);
    xmppbind_draft_move_children(&draft, node);
    assert_ptr_equal(node->children->ns, node->ns);
    assert_string_equal((const char *)node->children->children->ns->href, XMPPBIND_NS_STANZAS);
    xmlFreeNode(node);
}

static void a_draft_may_be_dropped(void **state) {
    xmlNode *node = test_node("<message id='i'/>"), draft;
    (void)state;
    xmppbind_draft_begin(&draft, node);
    xmppbind_draft_drop(&draft);
    xmppbind_draft_begin(&draft, node);
    assert_int_equal(xmppbind_draft_attribute(&draft, "type", "error"), XMPPBIND_OK);
    assert_int_equal(xmppbind_draft_error(&draft, XMPPBIND_CONDITION_CONFLICT), XMPPBIND_OK);
    xmppbind_draft_drop(&draft); /* the sanitizer finds what is left */
    xmppbind_draft_begin(&draft, node);
    xmppbind_draft_move_children(&draft, node); /* without any */
    expect(node, "message{id=i}");
    xmlFreeNode(node);
}

static void attributes_are_found_by_name(void **state) {
    xmlNode *node = test_node("<message fro='1' xml:from='2' form='3' from='4'/>");
    (void)state;
    assert_string_equal((const char *)xmppbind_draft_find(node, "from")->children->content, "4");
    assert_string_equal((const char *)xmppbind_draft_find(node, "fro")->children->content, "1");
    assert_null(xmppbind_draft_find(node, "to"));
    xmlFreeNode(node);
}

static void an_attribute_is_set_or_left(void **state) {
    xmlNode *node = test_node("<message from='old' id='i'/>");
    (void)state;
    for (size_t failing = 1;; failing++) {
        stanza_fail_at = failing;
        int replaced = xmppbind_set_attribute(node, xmppbind_draft_find(node, "from"), "from", "new");
        int reached = stanza_fail_at == 0;
        stanza_fail_at = 0;
        if (!reached)
            break;
        assert_int_equal(replaced, XMPPBIND_ERROR_NO_MEMORY);
        expect(node, "message{from=old,id=i}");
    }
    expect(node, "message{from=new,id=i}");
    for (size_t failing = 1;; failing++) {
        stanza_fail_at = failing;
        int added = xmppbind_set_attribute(node, NULL, "to", "someone");
        int reached = stanza_fail_at == 0;
        stanza_fail_at = 0;
        if (!reached)
            break;
        assert_int_equal(added, XMPPBIND_ERROR_NO_MEMORY);
        expect(node, "message{from=new,id=i}");
    }
    expect(node, "message{from=new,id=i,to=someone}");
    expect_order(node, "from id to"); /* a stamp stays where it was */
    xmlFreeNode(node);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_becomes_its_answer),
        cmocka_unit_test(a_returned_stanza_keeps_its_content),
        cmocka_unit_test(a_child_takes_the_namespace_of_its_stanza),
        cmocka_unit_test(a_draft_may_be_dropped),
        cmocka_unit_test(attributes_are_found_by_name),
        cmocka_unit_test(an_attribute_is_set_or_left),
    };
    if (stanza_play_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
