/* Texts as code points: what is known at a glance to be composed is what NFC leaves as it is. */
#include "lib/address/code_points.h"
#include "tests/support/test_cmocka.h"

#include <string.h>
#include <uninorm.h>

/* Compares with libunistring's NFC. */
static int check(const uint32_t *text, size_t count) {
    struct xmppbind_code_points code_points = {.count = count};
    uint32_t room[64];
    size_t length = 64;
    memcpy(code_points.text, text, count * sizeof *text);
    assert_ptr_equal(u32_normalize(UNINORM_NFC, text, count, room, &length), room);
    int stays = length == count && memcmp(room, text, count * sizeof *text) == 0;
    int known = xmppbind_code_points_are_composed(&code_points);
    assert_true(stays || !known);
    assert_int_equal(xmppbind_code_points_compose(&code_points), XMPPBIND_OK);
    assert_int_equal(code_points.count, length);
    assert_memory_equal(code_points.text, room, length * sizeof *room);
    return known;
}

static void every_code_point(void **state) {
    unsigned known = 0;
    (void)state;
    for (uint32_t code_point = 0; code_point < 0x110000; code_point++)
        if (code_point < 0xd800 || code_point > 0xdfff)
            known += (unsigned)check(&code_point, 1);
    assert_true(known > 1100000); /* all but marks, and what NFC changes */
}

/* What combines though it is no mark, behind what it combines with and behind other things. */
static void every_pair_that_combines(void **state) {
    static const uint32_t seconds[] = {0x9be,  0x9d7,  0xb3e,  0xbbe,   0xcc2,   0xd3e,   0xdcf, 0x102e, 0x1161,
                                       0x11a8, 0x1b35, 0x3099, 0x110ba, 0x11127, 0x1133e, 0x301, 0x41};
    (void)state;
    for (uint32_t first = 0x41; first < 0x3200; first++)
        for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++)
            (void)check((const uint32_t[]){first, seconds[i]}, 2);
    for (uint32_t first = 0xac00; first < 0xd7a4; first++)
        (void)check((const uint32_t[]){first, 0x11a8}, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point),
        cmocka_unit_test(every_pair_that_combines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
