/*
 * What threads did to a directory, and what they were told: each thread writes its own log, so that writing it down
 * orders nothing between them but by the tickets that it takes before and after each call.
 */
#ifndef XMPPBIND_TESTS_THREADS_HISTORY_H
#define XMPPBIND_TESTS_THREADS_HISTORY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { HISTORY_THREADS = 8 };

enum history_kind {
    HISTORY_CLAIMED = 1, /* the claim `number` of `name`; it took `old_number` of `old_name` from its holder, or 0 */
    HISTORY_CONFLICT,    /* refused: `name` is held */
    HISTORY_FULL,        /* refused: the account of `name` holds as many as it may */
    HISTORY_RELEASED,    /* `number` of `name` was given back, if it was held still */
    HISTORY_LOST,        /* its holder was told that `number` of `name` was taken; `before`: when he was not yet */
    HISTORY_FOUND,       /* `number` is what holds `name`; 0: nothing */
    HISTORY_LISTED       /* the account of `name`: `old_number` entries of the log, from `number` on */
};

struct history_event {
    uint32_t before, after; /* tickets */
    uint32_t number, old_number;
    uint16_t name, old_name;
    uint8_t kind;
};

struct history_entry {
    uint32_t number;
    uint16_t name;
};

struct history_log {
    struct history_event *events;
    size_t count, capacity;
    size_t open; /* events from here on have no ticket yet for their end */
    struct history_entry *entries;
    size_t entry_count, entry_capacity;
};

/* The names of an account follow each other: name / names_per_account is the account. */
struct history {
    struct history_log logs[HISTORY_THREADS + 1]; /* one more for who looks at the end */
    unsigned accounts, names_per_account, limit;
    int evictions_are_told; /* each stands with the claim that made it; if not, it is known by who lost */
    _Atomic uint32_t clock;
};

void history_set_up(struct history *history, unsigned accounts, unsigned names_per_account, unsigned limit,
                    int evictions_are_told);
void history_tear_down(struct history *history);

/* The ticket to take before a call. */
uint32_t history_begin(struct history *history);
struct history_event *history_note(struct history_log *log, uint32_t before, int kind, unsigned name, uint64_t number);
void history_note_entry(struct history_log *log, unsigned name, uint64_t number);
/* After the call: what was noted since the last one gets its second ticket. */
void history_end(struct history *history, struct history_log *log);

/* Events of a kind in all logs; 0: all of them. */
size_t history_count(const struct history *history, int kind);

#endif
