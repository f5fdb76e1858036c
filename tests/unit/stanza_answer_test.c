/* What goes back to the client, made of what came. */
#include "lib/stanza/answer.h"
#include "tests/unit/stanza_play.h"

static void expect(xmlNode *node, const char *summary) {
    struct test_text text = {NULL, 0, 0};
    test_summary(node, &text);
    assert_string_equal(test_text_get(&text), summary);
    test_text_free(&text);
    xmlFreeNode(node);
}

/* Answers with each allocation failing once; the request is as it was until it works. */
static xmlNode *answer(const struct stanza_scene *scene, const char *request, int condition, const char *jid) {
    for (size_t failing = 1;; failing++) {
        struct test_text before = {NULL, 0, 0}, after = {NULL, 0, 0};
        xmlNode *node = test_node(request);
        test_summary(node, &before);
        stanza_fail_at = failing;
        int result = xmppbind_answer_request(scene->stream, node, condition, jid, jid == NULL ? 0 : strlen(jid));
        int reached = stanza_fail_at == 0;
        stanza_fail_at = 0;
        test_summary(node, &after);
        if (reached) {
            assert_int_equal(result, XMPPBIND_ERROR_NO_MEMORY);
            assert_string_equal(test_text_get(&after), test_text_get(&before));
            xmlFreeNode(node);
        }
        test_text_free(&before);
        test_text_free(&after);
        if (!reached) {
            assert_int_equal(result, XMPPBIND_OK);
            return node;
        }
    }
}

static void a_request_is_answered_in_place(void **state) {
    struct stanza_scene scene;
    (void)state;
    stanza_set_up(&scene, RESOURCES_ONE);
    expect(answer(&scene, "<iq type='set' id='i'><bind " BIND_NS "/></iq>", XMPPBIND_CONDITION_NONE, "a@b.example/r"),
           "iq{id=i,type=result}(bind(jid[a@b.example/r]))");
    expect(answer(&scene, "<iq type='set' id='i' from='a@b.example'/>", XMPPBIND_CONDITION_NONE, NULL),
           "iq{id=i,to=a@b.example,type=result}");
    expect(answer(&scene, "<iq type='set' id='i' from='c@b.example'/>", XMPPBIND_CONDITION_CONFLICT, NULL),
           "iq{id=i,type=error}(error{type=modify}(conflict))");
    expect(answer(&scene, "<iq type='set' id='i'/>", XMPPBIND_CONDITION_RESOURCE_LIMIT, NULL),
           "iq{id=i,type=error}(error{type=wait}(resource-constraint)(resource-limit-exceeded))");
    stanza_tear_down(&scene);
}

/* BIND-6: an empty id is none, and does not go back. */
static void an_empty_id_does_not_go_back(void **state) {
    struct stanza_scene scene;
    (void)state;
    stanza_set_up(&scene, RESOURCES_ONE);
    expect(answer(&scene, "<iq type='set' id=''/>", XMPPBIND_CONDITION_BAD_REQUEST, NULL),
           "iq{type=error}(error{type=modify}(bad-request))");
    expect(answer(&scene, "<iq type='set'/>", XMPPBIND_CONDITION_BAD_REQUEST, NULL),
           "iq{type=error}(error{type=modify}(bad-request))");
    xmlNode *node = test_node("<iq type='set' id='i1'/>");
    stanza_break_up(node);
    assert_int_equal(xmppbind_answer_request(scene.stream, node, XMPPBIND_CONDITION_NONE, NULL, 0), XMPPBIND_OK);
    expect(node, "iq{id=i1,type=result}");
    stanza_tear_down(&scene);
}

/* FROM-7, FROM-11: the addresses change places. */
static void a_stanza_is_returned(void **state) {
    struct xmppbind_view view;
    xmlNode *node = test_node("<message id='i' from='f' to='t' type='chat' a='1'><body>hi</body></message>");
    (void)state;
    assert_int_equal(xmppbind_view_read(node, &view), XMPPBIND_OK);
    assert_int_equal(xmppbind_answer_return(node, &view, XMPPBIND_CONDITION_UNKNOWN_SENDER), XMPPBIND_OK);
    expect(node, "message{a=1,from=t,id=i,to=f,type=error}(body[hi])(error{type=modify}(unknown-sender))");
    node = test_node("<presence/>");
    assert_int_equal(xmppbind_view_read(node, &view), XMPPBIND_OK);
    assert_int_equal(xmppbind_answer_return(node, &view, XMPPBIND_CONDITION_JID_MALFORMED), XMPPBIND_OK);
    expect(node, "presence{type=error}(error{type=modify}(jid-malformed))");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_answered_in_place),
        cmocka_unit_test(an_empty_id_does_not_go_back),
        cmocka_unit_test(a_stanza_is_returned),
    };
    if (stanza_play_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
