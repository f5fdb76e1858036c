/* Hashes of names: one way to each, whoever asks. */
#include "lib/storage/name_hash.h"
#include "tests/support/test_cmocka.h"

static const struct xmppbind_hash_key key = {0x0706050403020100U, 0x0f0e0d0c0b0a0908U};

static void all_ways_agree(void **state) {
    uint32_t account = xmppbind_name_hash_account(&key, "a@b", 3);
    (void)state;
    assert_int_equal(xmppbind_name_hash_jid(&key, "a@b", 3), account);
    assert_int_equal(xmppbind_name_hash_jid(&key, "a@b/c/d", 7), xmppbind_name_hash_resource(&key, account, "c/d", 3));
}

static void accounts_do_not_share_the_hashes_of_their_resources(void **state) {
    (void)state;
    assert_int_not_equal(xmppbind_name_hash_jid(&key, "a@b/c", 5), xmppbind_name_hash_jid(&key, "b@b/c", 5));
    assert_int_not_equal(xmppbind_name_hash_jid(&key, "a@b/c", 5), xmppbind_name_hash_jid(&key, "a@b", 3));
}

static void the_key_decides(void **state) {
    const struct xmppbind_hash_key other = {key.first, key.second + 1};
    (void)state;
    assert_int_not_equal(xmppbind_name_hash_jid(&key, "a@b/c", 5), xmppbind_name_hash_jid(&other, "a@b/c", 5));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ways_agree),
        cmocka_unit_test(accounts_do_not_share_the_hashes_of_their_resources),
        cmocka_unit_test(the_key_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
