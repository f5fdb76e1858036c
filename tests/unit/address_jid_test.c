/* Whole addresses, through the public functions: JID-1 (splitting), JID-2 (lengths), JID-3, JID-5 (UTF-8), JID-6
 * (preparing twice), JID-7 (the fast path). */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/unit/address_reference.h"

#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static const int profiles[] = {XMPPBIND_ADDRESS_PROFILE_RFC7622, XMPPBIND_ADDRESS_PROFILE_RFC3920};

struct answer {
    int result;
    char text[XMPPBIND_JID_MAXIMUM + 1];
    size_t length;
    size_t bare_length;
};

/* From a block without a terminator, so that reading beyond the end is seen. */
static void prepare(struct answer *answer, int profile, const char *text, size_t length) {
    char *exact = test_memory_get(length + 1);
    memcpy(exact + 1, text, length);
    memset(answer->text, '~', 4);
    answer->length = answer->bare_length = 4711;
    answer->result = xmppbind_jid_prepare(profile, exact + 1, length, answer->text, sizeof answer->text,
                                          &answer->length, &answer->bare_length);
    free(exact);
}

static void check_refused(const struct answer *answer) {
    assert_memory_equal(answer->text, "~~~~", 4);
    assert_int_equal(answer->length, 4711);
    assert_int_equal(answer->bare_length, 4711);
}

/* JID-6: the prepared address is prepared to itself. */
static void check_again(const struct answer *answer, int profile) {
    struct answer again;
    prepare(&again, profile, answer->text, answer->length);
    assert_int_equal(again.result, XMPPBIND_OK);
    assert_string_equal(again.text, answer->text);
    assert_int_equal(again.length, answer->length);
    assert_int_equal(again.bare_length, answer->bare_length);
}

static void compare(const char *text, size_t length) {
    struct reference reference;
    struct answer answer;
    reference_jid(&reference, text, length);
    for (size_t i = 0; i < LENGTH(profiles); i++) {
        prepare(&answer, profiles[i], text, length);
        if (reference.result == XMPPBIND_ERROR_ADDRESS_UNSUPPORTED) { /* not ASCII: it has no opinion */
            if (answer.result == XMPPBIND_OK)
                check_again(&answer, profiles[i]);
            else
                check_refused(&answer);
            continue;
        }
        if (answer.result != reference.result)
            fail_msg("'%.*s' (%zu octets): %s instead of %s", (int)length, text, length,
                     xmppbind_error_name(answer.result), xmppbind_error_name(reference.result));
        if (answer.result != XMPPBIND_OK) {
            check_refused(&answer);
            continue;
        }
        assert_int_equal(answer.length, reference.length);
        assert_memory_equal(answer.text, reference.text, reference.length);
        assert_int_equal(answer.text[answer.length], '\0');
        assert_int_equal(answer.bare_length, reference.bare_length);
        check_again(&answer, profiles[i]);
    }
}

/* `part` in each place an address has. */
static void compare_in_all_places(const char *part, size_t length) {
    static const char *const frames[][2] = {{"", ""},     {"", "@d.e"},  {"a@", ""},
                                            {"a@", "/r"}, {"a@d", ".e"}, {"d/", ""}};
    char text[64];
    for (size_t i = 0; i < LENGTH(frames); i++) {
        size_t before = strlen(frames[i][0]), after = strlen(frames[i][1]);
        memcpy(text, frames[i][0], before);
        memcpy(text + before, part, length);
        memcpy(text + before + length, frames[i][1], after);
        compare(text, before + length + after);
    }
}

static void jid_7_all_inputs_of_one_and_two_octets(void **state) {
    (void)state;
    for (int first = 0; first < 256; first++) {
        compare_in_all_places((const char[]){(char)first}, 1);
        for (int second = 0; second < 256; second++)
            compare_in_all_places((const char[]){(char)first, (char)second}, 2);
    }
}

/* All texts up to four octets of those that mean something. */
static void jid_7_all_short_inputs_of_the_octets_that_matter(void **state) {
    static const char octets[] = {'a', 'Z', '-', '.', '@', '/', '[', ' ', '\xc3', '\xa9', '\0'};
    (void)state;
    for (size_t size = 0, count = 1; size <= 4; size++, count *= sizeof octets) {
        for (size_t number = 0; number < count; number++) {
            char text[4];
            size_t rest = number;
            for (size_t i = 0; i < size; i++, rest /= sizeof octets)
                text[i] = octets[rest % sizeof octets];
            compare(text, size);
        }
    }
}

static void jid_1_splitting(void **state) {
    static const struct {
        const char *text, *prepared;
        size_t bare_length;
    } rows[] = {
        {"juliet@example.com", "juliet@example.com", 18},
        {"Juliet@Example.COM/Balcony", "juliet@example.com/Balcony", 18},
        {"example.com", "example.com", 11},
        {"EXAMPLE.com./a", "example.com/a", 11},
        {"example.com/a@b", "example.com/a@b", 11},
        {"a@d/r/s/t@u", "a@d/r/s/t@u", 3},
        {"a@d//", "a@d//", 3},
        {"a@d/ ", "a@d/ ", 3},
        {"example.com/Foo Bar", "example.com/Foo Bar", 11},
        {"a@192.0.2.1/r", "a@192.0.2.1/r", 11},
        {"a@[2001:DB8:0:0:0:0:0:1]/R", "a@[2001:db8::1]/R", 15},
        {"a@[::1]", "a@[::1]", 7},
        {"[::1].", "[::1]", 5},
        {"a.b_c%d=e@my-server.example", "a.b_c%d=e@my-server.example", 27},
        {"xn--a@d", "xn--a@d", 7},
    };
    struct answer answer;
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        compare(rows[i].text, strlen(rows[i].text));
        prepare(&answer, profiles[0], rows[i].text, strlen(rows[i].text));
        assert_int_equal(answer.result, XMPPBIND_OK);
        assert_string_equal(answer.text, rows[i].prepared);
        assert_int_equal(answer.bare_length, rows[i].bare_length);
    }
}

static void jid_1_jid_3_jid_5_refusals(void **state) {
    static const struct {
        const char *text;
        int result;
    } rows[] = {
        {"", XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"@", XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"a@", XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"@d", XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"d/", XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"/r", XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"/", XMPPBIND_ERROR_ADDRESS_EMPTY},
        {".", XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"a@./r", XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"a@/r", XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"a@d/", XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"a@b@d", XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"a@@d", XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"a@d..", XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"a@-d/r", XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"a b@d", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"a@d/\x7f", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"a@d\x01/r", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"a@d/\xc3", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},
        {"\xff@d", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},
        {"a@-d.\xff", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},
        {"a@[\xff]", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},
        {"a@[::1%lo]", XMPPBIND_ERROR_ADDRESS_DOMAIN},
    };
    struct answer answer;
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        compare(rows[i].text, strlen(rows[i].text));
        prepare(&answer, profiles[0], rows[i].text, strlen(rows[i].text));
        assert_string_equal(xmppbind_error_name(answer.result), xmppbind_error_name(rows[i].result));
    }
}

/* `size` octets: letters, or labels of 63 letters. */
static size_t fill(char *text, size_t size, int labels) {
    for (size_t i = 0; i < size; i++)
        text[i] = labels && i % 64 == 63 && i + 1 < size ? '.' : 'a';
    return size;
}

static void check_sizes(size_t local, size_t domain, size_t resource, int result) {
    char text[4096];
    struct answer answer;
    size_t length = fill(text, local, 0);
    if (local > 0)
        text[length++] = '@';
    length += fill(text + length, domain, 1);
    if (resource > 0)
        text[length++] = '/';
    length += fill(text + length, resource, 0);
    compare(text, length);
    prepare(&answer, profiles[0], text, length);
    assert_string_equal(xmppbind_error_name(answer.result), xmppbind_error_name(result));
    assert_int_equal(answer.length, result == XMPPBIND_OK ? length : 4711);
}

static void jid_2_parts_of_1022_to_1024_octets(void **state) {
    (void)state;
    for (size_t size = 1022; size <= 1024; size++) {
        int result = size <= 1023 ? XMPPBIND_OK : XMPPBIND_ERROR_ADDRESS_TOO_LONG;
        check_sizes(size, 5, 5, result);
        check_sizes(5, size, 5, result);
        check_sizes(5, 5, size, result);
        check_sizes(0, size, 0, result);
        check_sizes(size, size, size, result);
    }
    /* around the length up to which there is a fast path (JID-7) */
    for (size_t resource = 1000; resource < 1023; resource++)
        check_sizes(5, 5, resource, XMPPBIND_OK);
}

/* Only what is left after preparation counts, and the dot is dropped first (RFC 7622 section 3.2). */
static void jid_2_dot_behind_a_domainpart_of_1023_octets(void **state) {
    char text[1025];
    (void)state;
    fill(text, 1023, 1);
    text[1023] = '.';
    struct answer answer;
    compare(text, 1024);
    prepare(&answer, profiles[0], text, 1024);
    assert_int_equal(answer.result, XMPPBIND_OK);
    assert_int_equal(answer.length, 1023);
    text[1024] = '.';
    compare(text, 1025);
}

static void room(void **state) {
    static const char *const texts[] = {"a@d/r", "a@d./r", "d", "[::1]"};
    char prepared[16];
    size_t length = 0, bare_length = 0, again = 4711;
    (void)state;
    for (size_t i = 0; i < LENGTH(texts); i++) {
        size_t size = strlen(texts[i]);
        assert_int_equal(xmppbind_jid_prepare(0, texts[i], size, prepared, sizeof prepared, &length, &bare_length),
                         XMPPBIND_OK);
        memset(prepared, '~', sizeof prepared);
        for (size_t capacity = 0; capacity <= length; capacity++)
            assert_int_equal(xmppbind_jid_prepare(0, texts[i], size, prepared, capacity, &again, &bare_length),
                             XMPPBIND_ERROR_INVALID_ARGUMENT);
        assert_int_equal(prepared[0], '~');
        assert_int_equal(again, 4711);
        assert_int_equal(xmppbind_jid_prepare(0, texts[i], size, prepared, length + 1, &length, &bare_length),
                         XMPPBIND_OK);
        assert_int_equal(strlen(prepared), length);
        assert_int_equal(prepared[length + 1], '~');
    }
}

static void in_its_place(void **state) {
    char text[] = "JULIET@EXAMPLE.COM./Balcony";
    size_t length = 0, bare_length = 0;
    (void)state;
    assert_int_equal(xmppbind_jid_prepare(0, text, sizeof text - 1, text, sizeof text, &length, &bare_length),
                     XMPPBIND_OK);
    assert_string_equal(text, "juliet@example.com/Balcony");
    assert_int_equal(xmppbind_resource_prepare(0, text + 1, length - 1, text, sizeof text, &length), XMPPBIND_OK);
    assert_string_equal(text, "uliet@example.com/Balcony");
}

static void arguments_of_jid_prepare(void **state) {
    char out[8] = "~";
    size_t length = 0, bare = 0;
    (void)state;
    const int invalid = XMPPBIND_ERROR_INVALID_ARGUMENT;
    assert_int_equal(xmppbind_jid_prepare(-1, "d", 1, out, sizeof out, &length, &bare), invalid);
    assert_int_equal(xmppbind_jid_prepare(2, "d", 1, out, sizeof out, &length, &bare), invalid);
    assert_int_equal(xmppbind_jid_prepare(0, NULL, 1, out, sizeof out, &length, &bare), invalid);
    assert_int_equal(xmppbind_jid_prepare(0, "d", 1, NULL, sizeof out, &length, &bare), invalid);
    assert_int_equal(xmppbind_jid_prepare(0, "d", 1, out, sizeof out, NULL, &bare), invalid);
    assert_int_equal(xmppbind_jid_prepare(0, "d", 1, out, sizeof out, &length, NULL), invalid);
    assert_string_equal(out, "~");
}

static void arguments_of_resource_prepare(void **state) {
    char out[8] = "~";
    size_t length = 0;
    (void)state;
    const int invalid = XMPPBIND_ERROR_INVALID_ARGUMENT;
    assert_int_equal(xmppbind_resource_prepare(-1, "r", 1, out, sizeof out, &length), invalid);
    assert_int_equal(xmppbind_resource_prepare(2, "r", 1, out, sizeof out, &length), invalid);
    assert_int_equal(xmppbind_resource_prepare(0, NULL, 1, out, sizeof out, &length), invalid);
    assert_int_equal(xmppbind_resource_prepare(0, "r", 1, NULL, sizeof out, &length), invalid);
    assert_int_equal(xmppbind_resource_prepare(0, "r", 1, out, sizeof out, NULL), invalid);
    assert_int_equal(xmppbind_resource_prepare(0, "r", 1, out, 1, &length), invalid);
    assert_string_equal(out, "~");
}

static void compare_resource(const char *text, size_t length) {
    struct reference reference = {.length = 0};
    char out[XMPPBIND_PART_MAXIMUM + 1] = "~";
    size_t out_length = 4711;
    reference.result = reference_resource(&reference, text, length);
    for (size_t i = 0; i < LENGTH(profiles); i++) {
        int result = xmppbind_resource_prepare(profiles[i], text, length, out, sizeof out, &out_length);
        if (reference.result == XMPPBIND_ERROR_ADDRESS_UNSUPPORTED) { /* not ASCII: it has no opinion */
            assert_int_not_equal(result, XMPPBIND_ERROR_ADDRESS_NOT_UTF8);
            out[0] = '~', out[1] = '\0', out_length = 4711;
            continue;
        }
        assert_int_equal(result, reference.result);
        if (result != XMPPBIND_OK) {
            assert_string_equal(out, "~");
            assert_int_equal(out_length, 4711);
            continue;
        }
        assert_int_equal(out_length, length);
        assert_memory_equal(out, reference.text, length);
        assert_int_equal(out[length], '\0');
    }
}

static void jid_2_jid_5_jid_7_resourceparts_alone(void **state) {
    char text[1024];
    (void)state;
    compare_resource("", 0);
    for (int first = 0; first < 256; first++) {
        compare_resource((const char[]){(char)first}, 1);
        for (int second = 0; second < 256; second++)
            compare_resource((const char[]){(char)first, (char)second}, 2);
    }
    for (size_t size = 1022; size <= 1024; size++)
        compare_resource(text, fill(text, size, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jid_7_all_inputs_of_one_and_two_octets),
        cmocka_unit_test(jid_7_all_short_inputs_of_the_octets_that_matter),
        cmocka_unit_test(jid_1_splitting),
        cmocka_unit_test(jid_1_jid_3_jid_5_refusals),
        cmocka_unit_test(jid_2_parts_of_1022_to_1024_octets),
        cmocka_unit_test(jid_2_dot_behind_a_domainpart_of_1023_octets),
        cmocka_unit_test(room),
        cmocka_unit_test(in_its_place),
        cmocka_unit_test(arguments_of_jid_prepare),
        cmocka_unit_test(arguments_of_resource_prepare),
        cmocka_unit_test(jid_2_jid_5_jid_7_resourceparts_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
