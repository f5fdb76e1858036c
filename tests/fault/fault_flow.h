/*
 * A flow through the whole library, played again and again with another allocation that fails: two streams of one
 * account, binds, stanzas, an unbind, an eviction, a disconnect.
 */
#ifndef XMPPBIND_TESTS_FAULT_FAULT_FLOW_H
#define XMPPBIND_TESTS_FAULT_FAULT_FLOW_H

#include "tests/support/test_text.h"

#include <stddef.h>

/* How the host talks to the library. */
enum fault_way { FAULT_STRINGS, FAULT_NODES, FAULT_OCTETS, FAULT_SESSIONS /* octets, with sessions */, FAULT_WAYS };

enum fault_storage {
    FAULT_STORAGE_SAFE,   /* answers at once, from memory that does not fail */
    FAULT_STORAGE_LATER,  /* answers after each step, from memory that does not fail */
    FAULT_STORAGE_SHARED, /* answers at once, from the memory that fails: a bind may be refused, and is made again */
    FAULT_STORAGES
};

enum fault_mode {
    FAULT_ONCE,       /* one allocation fails; the call that says so is repeated */
    FAULT_RECOVERING, /* all fail from then on; the call is repeated once in vain, then there is memory again */
    FAULT_FINAL,      /* all fail from then on; everything is freed */
    FAULT_MODES
};

struct fault_plan {
    enum fault_way way;
    enum fault_storage storage;
    enum fault_mode mode;
    size_t fail_at; /* counted from 1; 0: none */
};

/* Plays the flow; `lines` gets what came out, step by step. Returns how many allocations failed. */
size_t fault_play(const struct fault_plan *plan, struct test_text *lines);
/* Plays it for every allocation until none fails any more, and compares with the flow that nothing disturbs. */
void fault_play_all(enum fault_way way, enum fault_storage storage, enum fault_mode mode);

/* 1 when this allocation is the one that fails. */
int fault_refuses(void);

/* Whose allocations fail: those of the library's allocator (0), or those of libxml2 (1). */
extern int fault_of_libxml2;

#endif
