/* Keys and the slots of a cluster that they lie in. */
#ifndef XMPPBIND_STORAGE_REDIS_SLOTS_H
#define XMPPBIND_STORAGE_REDIS_SLOTS_H

#include <stddef.h>
#include <stdint.h>

enum {
    XMPPBIND_REDIS_SLOTS = 16384,
    XMPPBIND_REDIS_KEY_ROOM = 64 + 3 * 2047 + 8 /* octets: a prefix, an account with every octet escaped, braces */
};

/* The slot of a hash tag (Redis Cluster specification, "Hash tags"). */
uint16_t xmppbind_redis_slot(const char *tag, size_t length);
/* The slot of the keys of an account. */
uint16_t xmppbind_redis_slot_of_account(const char *account, size_t length);
/* Writes the key of an account, `prefix{account}`: its length. An account may have braces, so these are escaped. */
size_t xmppbind_redis_account_key(char *key, const char *prefix, const char *account, size_t length);

#endif
