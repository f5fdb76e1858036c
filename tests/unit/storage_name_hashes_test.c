/* Both hashes at once are those that are made one after the other. */
#include "lib/storage/name_hashes.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 40 };

/* In a block of exactly that length, so that reading beyond its ends is seen. */
static void compare(const struct xmppbind_name_key *key, size_t account_length, size_t resource_length) {
    size_t length = account_length + 1 + resource_length;
    char *jid = test_memory_get(length);
    for (size_t i = 0; i < length; i++)
        jid[i] = (char)(i * 37 + 200);
    jid[account_length] = '/';
    uint32_t account = xmppbind_name_hash_account(&key->key, jid, account_length);
    uint32_t name = xmppbind_name_hash_resource(&key->key, account, jid + account_length + 1, resource_length);
    struct xmppbind_name_hashes hashes = xmppbind_name_hashes_of(key, jid, length, account_length);
    assert_int_equal(hashes.account, account);
    assert_int_equal(hashes.name, name);
    hashes = xmppbind_name_hashes_here(key, jid, length, account_length);
    assert_int_equal(hashes.account, account);
    assert_int_equal(hashes.name, name);
    free(jid);
}

static void they_are_the_same_for_all_lengths(void **state) {
    const struct xmppbind_hash_key secret = {0x0706050403020100U, 0x0f0e0d0c0b0a0908U};
    const struct xmppbind_name_key key = {secret, xmppbind_siphash_begin(secret)};
    (void)state;
    for (size_t account_length = 1; account_length <= LONGEST; account_length++) {
        for (size_t resource_length = 1; resource_length <= LONGEST; resource_length++)
            compare(&key, account_length, resource_length);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_the_same_for_all_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
