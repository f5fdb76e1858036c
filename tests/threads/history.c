#include "history.h"

#include "tests/support/test_allocator.h"

#include <stdlib.h>
#include <string.h>

/* Under ThreadSanitizer the tickets must not order anything: they would hide from it that the library orders too
 * little. What it makes of an atomic addition is a barrier to the processor all the same. */
#if defined(__SANITIZE_THREAD__)
#define TICKET_ORDER memory_order_relaxed
#else
#define TICKET_ORDER memory_order_seq_cst
#endif

void history_set_up(struct history *history, unsigned accounts, unsigned names_per_account, unsigned limit,
                    int evictions_are_told) {
    memset(history, 0, sizeof *history);
    history->accounts = accounts;
    history->names_per_account = names_per_account;
    history->limit = limit;
    history->evictions_are_told = evictions_are_told;
}

void history_tear_down(struct history *history) {
    for (int i = 0; i <= HISTORY_THREADS; i++) {
        free(history->logs[i].events);
        free(history->logs[i].entries);
    }
}

static uint32_t ticket(struct history *history) {
    return atomic_fetch_add_explicit(&history->clock, 1, TICKET_ORDER) + 1;
}

uint32_t history_begin(struct history *history) {
    return ticket(history);
}

struct history_event *history_note(struct history_log *log, uint32_t before, int kind, unsigned name, uint64_t number) {
    if (log->count == log->capacity) {
        log->capacity = log->capacity * 2 + 1024;
        log->events = test_memory_resize(log->events, log->capacity * sizeof log->events[0]);
    }
    struct history_event *event = &log->events[log->count++];
    memset(event, 0, sizeof *event);
    event->before = before;
    event->kind = (uint8_t)kind;
    event->name = (uint16_t)name;
    event->number = (uint32_t)number;
    return event;
}

void history_note_entry(struct history_log *log, unsigned name, uint64_t number) {
    if (log->entry_count == log->entry_capacity) {
        log->entry_capacity = log->entry_capacity * 2 + 1024;
        log->entries = test_memory_resize(log->entries, log->entry_capacity * sizeof log->entries[0]);
    }
    log->entries[log->entry_count++] = (struct history_entry){(uint32_t)number, (uint16_t)name};
}

void history_end(struct history *history, struct history_log *log) {
    uint32_t after = ticket(history);
    while (log->open < log->count)
        log->events[log->open++].after = after;
}

size_t history_count(const struct history *history, int kind) {
    size_t count = 0;
    for (int i = 0; i <= HISTORY_THREADS; i++) {
        for (size_t j = 0; j < history->logs[i].count; j++)
            count += kind == 0 || history->logs[i].events[j].kind == kind;
    }
    return count;
}
