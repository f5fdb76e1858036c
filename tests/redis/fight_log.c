#include "fight.h"

#include <string.h>
#include <time.h>

uint64_t fight_clock(void) {
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* SplitMix64 */
uint64_t fight_random(uint64_t *state, uint64_t below) {
    uint64_t mixed = *state += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return (mixed ^ (mixed >> 31)) % below;
}

/* Accounts that lie on all three masters of a cluster whose slots are parted evenly. */
const char *fight_name(unsigned name, size_t *account_length) {
    static const char *const names[FIGHT_NAMES] = {
        "juliet@capulet.example/balcony",    "juliet@capulet.example/chamber",    "juliet@capulet.example/garden",
        "romeo@montague.example/balcony",    "romeo@montague.example/chamber",    "romeo@montague.example/garden",
        "nurse@capulet.example/balcony",     "nurse@capulet.example/chamber",     "nurse@capulet.example/garden",
        "benvolio@montague.example/balcony", "benvolio@montague.example/chamber", "benvolio@montague.example/garden"};
    if (account_length != NULL)
        *account_length = (size_t)(strchr(names[name], '/') - names[name]);
    return names[name];
}

/* The event is there before it counts: the process may be killed at any moment. */
void fight_write(struct fight_log *log, int kind, unsigned name, uint32_t tag, uint64_t number, uint64_t time) {
    uint32_t count = atomic_load(&log->count);
    if (count == FIGHT_EVENTS)
        return; /* and then it does not pass the check */
    log->events[count] = (struct fight_event){time, number, tag, (uint8_t)kind, (uint8_t)name};
    atomic_store(&log->count, count + 1);
}

uint64_t fight_holder(const struct fight *fight, unsigned name) {
    uint64_t holder = 0;
    for (size_t i = 0; i < fight->log_count; i++) {
        const struct fight_log *log = &fight->logs[i];
        uint32_t count = log->killed ? 0 : atomic_load(&log->count);
        for (uint32_t j = 0; j < count; j++) {
            const struct fight_event *event = &log->events[j];
            if (event->name != name || event->kind < FIGHT_OPENED)
                continue;
            int is_open = event->kind == FIGHT_OPENED;
            for (uint32_t k = j + 1; k < count && is_open; k++)
                is_open = log->events[k].kind != FIGHT_CLOSED || log->events[k].number != event->number ||
                          log->events[k].name != name;
            if (is_open)
                holder = holder == 0 ? event->number : UINT64_MAX;
        }
    }
    return holder;
}

static size_t count_kind(const struct fight_log *log, int kind) {
    size_t found = 0;
    for (uint32_t i = 0, count = atomic_load(&log->count); i < count; i++)
        found += log->events[i].kind == kind;
    return found;
}

size_t fight_open_requests(const struct fight *fight) {
    size_t open = 0;
    for (size_t i = 0; i < fight->log_count; i++)
        if (!fight->logs[i].killed)
            open += count_kind(&fight->logs[i], FIGHT_ASKED) - count_kind(&fight->logs[i], FIGHT_ANSWERED);
    return open;
}

size_t fight_grants(const struct fight *fight) {
    size_t grants = 0;
    for (size_t i = 0; i < fight->log_count; i++)
        grants += count_kind(&fight->logs[i], FIGHT_OPENED);
    return grants;
}
