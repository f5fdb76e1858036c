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
        "<a><b></a\x80>", /* libxml2 calls it an error of its own, as when it finds no memory */
        "<message><body></messag\xef>",
        "<message from='a:b'><a: xmlns:a='urn:a'/></message>",
        "<message a:b='1' xmlns:a=''/>",
        "<message xmlns:a='urn:x' xmlns:b='urn:x' a:c='1' b:c='2'/>",
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
        {"<message><x xmlns='no URI: &quot;]'/><y xmlns:z='../z' z:a='1'/></message>", "message(x)(y{a=1})"},
        {"\xef\xbb\xbf<message/>", "message"},
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

/* JID-5: what is not UTF-8 is an error wherever it stands. */
static void octets_are_utf8(void **state) {
    static const char *const octets[] = {"\xc0\x80", "\xff",         "\xc3(",        "\xc3",
                                         "\xe2\x82", "\xed\xa0\x80", "\xef\xbf\xbe", "\xf4\x90\x80\x80"};
    static const char *const places[][2] = {
        {"<message>", "</message>"},       {"<message>a&lt;", "</message>"},   {"<message a='", "'/>"},
        {"<message a='&lt;", "'/>"},       {"<message a", "='1'/>"},           {"<message", "/>"},
        {"<message xmlns:a='", "'/>"},     {"<message><!--", "--></message>"}, {"<message/><!--", "-->"},
        {"<message><?a ", "?></message>"}, {"<?a ", "?><message/>"},           {"<message><![CDATA[", "]]></message>"}};
    xmlNode *element;
    (void)state;
    for (size_t i = 0; i < sizeof octets / sizeof octets[0]; i++) {
        for (size_t j = 0; j < sizeof places / sizeof places[0]; j++) {
            struct test_text text = {NULL, 0, 0};
            test_text_format(&text, "%s%s%s", places[j][0], octets[i], places[j][1]);
            if (parse(test_text_get(&text), &element) != XMPPBIND_ERROR_NOT_WELL_FORMED)
                fail_msg("taken: %s", test_text_get(&text));
            assert_null(element);
            test_text_free(&text);
        }
    }
}

static void write_element(xmlNode *element, struct test_text *text) {
    xmlBuffer *buffer = xmlBufferCreate();
    assert_true(xmlNodeDump(buffer, NULL, element, 0, 0) >= 0);
    test_text_format(text, "%s", (const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
}

/* Whether the failure was reached; what was parsed in spite of it says octet by octet what it says without. */
static int parse_in_need(const char *text, const char *expected, size_t failing) {
    struct test_text written = {NULL, 0, 0};
    xmlNode *element;
    stanza_fail_at = failing;
    int result = parse(text, &element);
    int reached = failing > 0 && stanza_fail_at == 0;
    stanza_fail_at = 0;
    assert_int_equal(element != NULL, result == XMPPBIND_OK);
    assert_true(result == XMPPBIND_OK || (reached && result == XMPPBIND_ERROR_NO_MEMORY));
    if (element != NULL) {
        write_element(element, &written);
        assert_string_equal(test_text_get(&written), expected);
    }
    xmlFreeNode(element);
    test_text_free(&written);
    return reached;
}

/* Each piece of content alone, and behind one that is like it. */
static void no_piece_is_lost_without_memory(void **state) {
    static const char *const pieces[] = {
        "<![CDATA[a]]>",
        "<![CDATA[a]]><![CDATA[b]]>",
        "a<![CDATA[b]]>c<![CDATA[d]]><![CDATA[e]]>",
        "a&lt;b&gt;c&#228;",
        "a<!--b-->c<!--d-->e<?f g?>h<?i j?>",
        "<a b=\"c\"/> <a b=\"c\"/>",
        "<a xml:b=\"1\"/><a xml:b=\"1\"/>",
        "<a b=\"&lt;\" c=\"&amp;&lt;\" d=\"e&#10;f\" g=\"\"/>",
        "<a xmlns:b=\"urn:b\" xmlns:c=\"urn:c\" b:d=\"1\" c:d=\"1\"><c:e/></a>",
    };
    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct test_text text = {NULL, 0, 0}, expected = {NULL, 0, 0};
        xmlNode *element;
        test_text_format(&text, "<message>%s</message>", pieces[i]);
        assert_int_equal(parse(test_text_get(&text), &element), XMPPBIND_OK);
        write_element(element, &expected);
        xmlFreeNode(element);
        for (size_t failing = 1; parse_in_need(test_text_get(&text), test_text_get(&expected), failing);)
            failing++;
        test_text_free(&text);
        test_text_free(&expected);
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
        cmocka_unit_test(one_element_is_wanted),  cmocka_unit_test(what_is_well_formed_comes_whole),
        cmocka_unit_test(octets_are_utf8),        cmocka_unit_test(no_piece_is_lost_without_memory),
        cmocka_unit_test(it_has_a_deepest_level), cmocka_unit_test(what_is_wrong_is_not_made_right),
    };
    if (stanza_play_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
