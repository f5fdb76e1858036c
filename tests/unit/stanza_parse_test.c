/* One element from text: what is refused, and that nothing is lost without memory. */
#include "lib/stanza/parse.h"
#include "tests/unit/stanza_play.h"

static int parse(const char *text, xmlNode **element) {
    *element = NULL;
    return xmppbind_parse(text, strlen(text), element);
}

static void one_element_is_wanted(void **state) {
    static const char *const bad[] = {
        "",
        " ",
        "text",
        "<message>",
        "</message>",
        "<message/><message/>",
        "<message/>text",
        "<message a='1' a='2'/>",
        "<message x:a='1'/>",
        "<x:message/>",
        "<message>&nbsp;</message>",
        "<message>\x01</message>",
        "<message>\xff</message>",
        "<message from='a\xed\xa0\x80'/>",
        "<!DOCTYPE message><message/>",
        "<!DOCTYPE message [<!ENTITY a 'b'>]><message>&a;</message>",
        "<?xml version='1.0' encoding='UTF-16'?><message>",
    };
    xmlNode *element;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (parse(bad[i], &element) != XMPPBIND_ERROR_NOT_WELL_FORMED)
            fail_msg("taken: %s", bad[i]);
        assert_null(element);
    }
    assert_int_equal(xmppbind_parse("<message/>\0", 11, &element), XMPPBIND_ERROR_NOT_WELL_FORMED);
    assert_int_equal(xmppbind_parse("<message/>\0<a/>", 15, &element), XMPPBIND_ERROR_NOT_WELL_FORMED);
    assert_int_equal(xmppbind_parse("<message>\0</message>", 20, &element), XMPPBIND_ERROR_NOT_WELL_FORMED);
}

static void what_is_well_formed_comes_whole(void **state) {
    static const struct {
        const char *text, *summary;
    } good[] = {
        {"<message/>", "message"},
        {" <message/>\n", "message"},
        {"<?xml version='1.0'?><!-- c --><message/><?pi?>", "message"},
        {"<message from='a&amp;b' to=''>x&lt;<![CDATA[<y>]]><!-- c --><?pi data?><?pi?></message>",
         "message{from=a&b,to=}"},
        {"<m:message xmlns:m='urn:m' m:a='1' xmlns='urn:n' b='2'><c/> \n<m:d/></m:message>", "message{a=1,b=2}(c)(d)"},
        {"<message xml:lang='en'><body xml:lang='de'>\xc3\xa4</body></message>",
         "message{lang=en}(body{lang=de}[\xc3\xa4])"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        for (size_t failing = 0;; failing++) { /* 0: none */
            struct test_text text = {NULL, 0, 0};
            xmlNode *element;
            stanza_fail_at = failing;
            int result = parse(good[i].text, &element);
            int reached = failing == 0 || stanza_fail_at == 0;
            stanza_fail_at = 0;
            assert_true(result == XMPPBIND_OK || (failing > 0 && result == XMPPBIND_ERROR_NO_MEMORY));
            assert_int_equal(element != NULL, result == XMPPBIND_OK);
            if (element != NULL) {
                test_summary(element, &text);
                assert_string_equal(test_text_get(&text), good[i].summary);
                assert_null(element->doc);
                assert_null(element->parent);
            }
            xmlFreeNode(element);
            test_text_free(&text);
            if (!reached)
                break;
        }
    }
}

static void it_has_a_deepest_level(void **state) {
    (void)state;
    for (int depth = 2000; depth <= 2001; depth++) {
        struct test_text text = {NULL, 0, 0};
        xmlNode *element;
        for (int i = 0; i < depth; i++)
            test_text_add(&text, "<a>", 3);
        for (int i = 0; i < depth; i++)
            test_text_add(&text, "</a>", 4);
        assert_int_equal(parse(test_text_get(&text), &element),
                         depth == 2000 ? XMPPBIND_OK : XMPPBIND_ERROR_NOT_WELL_FORMED);
        xmlFreeNode(element);
        test_text_free(&text);
    }
}

/* What is wrong stays wrong when memory runs out meanwhile, or nothing is said about it. */
static void what_is_wrong_is_not_made_right(void **state) {
    static const char *const bad[] = {"<message>", "<message a='1' a='2'/>", "<x:message/>", "<!DOCTYPE m><m/>"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        for (size_t failing = 1;; failing++) {
            xmlNode *element;
            stanza_fail_at = failing;
            int result = parse(bad[i], &element);
            int reached = stanza_fail_at == 0;
            stanza_fail_at = 0;
            assert_null(element);
            assert_true(result == XMPPBIND_ERROR_NOT_WELL_FORMED || result == XMPPBIND_ERROR_NO_MEMORY);
            if (!reached)
                break;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_element_is_wanted),
        cmocka_unit_test(what_is_well_formed_comes_whole),
        cmocka_unit_test(it_has_a_deepest_level),
        cmocka_unit_test(what_is_wrong_is_not_made_right),
    };
    if (stanza_play_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
