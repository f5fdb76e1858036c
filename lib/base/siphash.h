/*
 * SipHash-1-3 (Aumasson and Bernstein), keyed at random per object, so that nobody can choose names that fall into one
 * chain.
 */
#ifndef XMPPBIND_BASE_SIPHASH_H
#define XMPPBIND_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct xmppbind_hash_key {
    uint64_t first;
    uint64_t second;
};

uint64_t xmppbind_siphash(const struct xmppbind_hash_key *key, const void *octets, size_t length);

#endif
