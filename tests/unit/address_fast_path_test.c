/*
 * JID-7: ASCII takes a path of its own, with the same results as the path of everything else: for all texts of one and
 * two octets, and for random longer ones, FAST_PATH_INPUTS of them (the environment says it; 10,000,000 if not).
 */
#include "lib/address/address.h"
#include "lib/address/idn.h"
#include "lib/address/precis.h"
#include "lib/address/stringprep.h"
#include "tests/support/test_cmocka.h"

#include <stdlib.h>
#include <string.h>

enum { LOCAL, RESOURCE, DOMAIN, PARTS };

struct answer {
    int result;
    size_t length;
    char text[XMPPBIND_PART_MAXIMUM + 1];
};

/* What a localpart may not have though its profile allows it. */
static int has_excluded(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (strchr("\"&'/:<>@", text[i]) != NULL)
            return 1;
    return 0;
}

/* The way of everything that is not ASCII. */
static void prepare_slowly(int part, const char *text, size_t length, struct answer *answer) {
    struct xmppbind_code_points code_points;
    answer->result = xmppbind_code_points_decode(&code_points, text, length);
    if (answer->result == XMPPBIND_OK && part == DOMAIN) {
        answer->result = xmppbind_idn_prepare(text, length, answer->text, &answer->length);
        return;
    }
    if (answer->result == XMPPBIND_OK)
        answer->result = part == LOCAL ? xmppbind_precis_username(&code_points) : xmppbind_precis_opaque(&code_points);
    if (answer->result == XMPPBIND_OK)
        answer->result = xmppbind_code_points_encode(&code_points, answer->text, &answer->length);
    if (answer->result == XMPPBIND_OK && part == LOCAL && has_excluded(answer->text, answer->length))
        answer->result = XMPPBIND_ERROR_ADDRESS_FORBIDDEN;
}

static void prepare(int part, int profile, const char *text, size_t length, struct answer *answer) {
    switch (part) {
    case LOCAL:
        answer->result = xmppbind_address_prepare_local(profile, text, length, answer->text, &answer->length);
        break;
    case RESOURCE:
        answer->result = xmppbind_address_prepare_resource(profile, text, length, answer->text, &answer->length);
        break;
    default:
        answer->result = xmppbind_address_prepare_domain(profile, text, length, answer->text, &answer->length);
        break;
    }
}

static void compare_part(int part, const char *text, size_t length) {
    struct answer fast, slow;
    if (part == DOMAIN && (text[length - 1] == '.' || text[0] == '[')) /* decided before either path */
        return;
    prepare(part, XMPPBIND_ADDRESS_PROFILE_RFC7622, text, length, &fast);
    prepare_slowly(part, text, length, &slow);
    /* Which error a name has depends on where one looks first. */
    int same =
        part == DOMAIN ? (fast.result == XMPPBIND_OK) == (slow.result == XMPPBIND_OK) : fast.result == slow.result;
    if (!same)
        fail_msg("part %d, '%.*s': %s, slowly %s", part, (int)length, text, xmppbind_error_name(fast.result),
                 xmppbind_error_name(slow.result));
    if (fast.result != XMPPBIND_OK)
        return;
    assert_int_equal(fast.length, slow.length);
    assert_memory_equal(fast.text, slow.text, slow.length);
}

/* The same with the profiles of RFC 3920, for localparts and resourceparts: in ASCII they say what PRECIS says. */
static void compare_stringprep(int part, const char *text, size_t length) {
    struct answer fast, slow = {0, 0, ""};
    prepare(part, XMPPBIND_ADDRESS_PROFILE_RFC3920, text, length, &fast);
    slow.result = (part == LOCAL ? xmppbind_stringprep_local : xmppbind_stringprep_resource)(text, length, slow.text,
                                                                                             &slow.length);
    if (fast.result != slow.result)
        fail_msg("part %d, '%.*s': %s, slowly %s", part, (int)length, text, xmppbind_error_name(fast.result),
                 xmppbind_error_name(slow.result));
    if (fast.result != XMPPBIND_OK)
        return;
    assert_int_equal(fast.length, slow.length);
    assert_memory_equal(fast.text, slow.text, slow.length);
}

static void compare(const char *text, size_t length) {
    for (int part = 0; part < PARTS; part++)
        compare_part(part, text, length);
    for (int part = LOCAL; part < DOMAIN && xmppbind_address_has_profile(XMPPBIND_ADDRESS_PROFILE_RFC3920); part++)
        compare_stringprep(part, text, length);
}

static void all_of_one_and_two_octets(void **state) {
    (void)state;
    for (int first = 0; first < 0x80; first++) {
        compare((const char[]){(char)first}, 1);
        for (int second = 0; second < 0x80; second++)
            compare((const char[]){(char)first, (char)second}, 2);
    }
}

static uint64_t next_random(uint64_t *seed) {
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return *seed >> 33;
}

/* Mostly letters, digits and hyphens, so that long texts are not all refused for one octet. */
static char random_octet(uint64_t *seed) {
    static const char common[] = "abcxyzABCXYZ0189--..";
    uint64_t number = next_random(seed);
    return number % 16 == 0 ? (char)(number / 16 % 0x80) : common[number / 16 % (sizeof common - 1)];
}

static void random_longer_ones(void **state) {
    const char *wanted = getenv("FAST_PATH_INPUTS");
    unsigned long count = wanted == NULL ? 10000000 : strtoul(wanted, NULL, 10);
    uint64_t seed = 7;
    char text[80];
    (void)state;
    for (unsigned long i = 0; i < count; i++) {
        size_t length = 3 + next_random(&seed) % (i % 64 == 0 ? sizeof text - 3 : 6);
        for (size_t j = 0; j < length; j++)
            text[j] = random_octet(&seed);
        compare_part((int)(i % PARTS), text, length);
        if (i % 500 == 0)
            compare(text, length);
    }
    print_message("# %lu random texts\n", count);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_one_and_two_octets),
        cmocka_unit_test(random_longer_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
