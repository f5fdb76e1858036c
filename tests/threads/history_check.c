#include "history_check.h"

#include "tests/support/test_allocator.h"

#include <stdlib.h>
#include <string.h>

const char *history_fault_name(int fault) {
    static const char *const names[HISTORY_FAULTS] = {
        [HISTORY_SOUND] = "sound",
        [HISTORY_NEVER_GRANTED] = "a number that was never granted",
        [HISTORY_NUMBER_TWICE] = "a number granted twice",
        [HISTORY_NUMBER_SHRANK] = "a number that shrank",
        [HISTORY_TWO_OWNERS] = "two owners",
        [HISTORY_ENDED_TWICE] = "a claim that ended twice",
        [HISTORY_NO_CAUSE] = "a claim lost to nobody",
        [HISTORY_STALE] = "a number out of its time",
        [HISTORY_NO_OWNER] = "a conflict with nobody",
        [HISTORY_LOST_CLAIM] = "a claim that was not found",
        [HISTORY_OVER_LIMIT] = "more than the limit",
        [HISTORY_NOT_FULL] = "refused below the limit",
        [HISTORY_NOT_OLDEST] = "evicted another than the oldest",
        [HISTORY_LIST_OMITS] = "not in the list",
        [HISTORY_LIST_STALE] = "in the list out of its time",
        [HISTORY_LIST_DISORDER] = "a list out of order",
    };
    return fault >= 0 && fault < HISTORY_FAULTS ? names[fault] : "?";
}

/* The last tenure of a name that can have begun before that time, or NULL. */
static const struct tenure *last_begun(const struct tenures *tenures, unsigned name, uint32_t time) {
    size_t low = tenures->of_name[name], high = tenures->of_name[name + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tenures->all[middle].begin.earliest < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low == tenures->of_name[name] ? NULL : &tenures->all[low - 1];
}

/* Whether somebody can have held the name during the call: of all that had begun, the last one ends last. */
static int may_be_held(const struct tenures *tenures, const struct history_event *event) {
    const struct tenure *tenure = last_begun(tenures, event->name, event->after);
    return tenure != NULL && tenure->end.latest > event->before;
}

/* Whether nobody can have held the name at some moment of the call: after the last tenure that had begun, or before it
 * or one of those that the call also saw. */
static int may_be_free(const struct tenures *tenures, const struct history_event *event) {
    const struct tenure *first = &tenures->all[tenures->of_name[event->name]];
    const struct tenure *tenure = last_begun(tenures, event->name, event->after);
    if (tenure == NULL || (tenure->ending != ENDING_REPLACED && tenure->end.earliest < event->after))
        return 1;
    for (; tenure >= first && tenure->begin.latest > event->before; tenure--) {
        if (tenure == first || tenure[-1].ending != ENDING_REPLACED)
            return 1;
    }
    return 0;
}

static int check_reads(struct tenures *tenures, const struct history_log *log, const struct history_event *event) {
    (void)log;
    if (event->kind == HISTORY_CONFLICT && !may_be_held(tenures, event))
        return tenures_fault(tenures, HISTORY_NO_OWNER, event);
    if (event->kind == HISTORY_FOUND && event->number == 0 && !may_be_free(tenures, event))
        return tenures_fault(tenures, HISTORY_LOST_CLAIM, event);
    return 1;
}

/* Eviction by the limit: nothing that was held during the whole call is older. */
static int check_oldest(struct tenures *tenures, const struct history_log *log, const struct history_event *event) {
    (void)log;
    if (event->kind != HISTORY_CLAIMED || event->old_number == 0 || event->old_name == event->name)
        return 1;
    unsigned names = tenures->history->names_per_account, account = event->name / names;
    for (unsigned name = account * names; name < (account + 1) * names; name++) {
        const struct tenure *tenure = last_begun(tenures, name, event->before);
        if (tenure != NULL && tenure->number < event->old_number && tenure->begin.latest < event->before &&
            tenure->end.earliest > event->after)
            return tenures_fault(tenures, HISTORY_NOT_OLDEST, event);
    }
    return 1;
}

static int is_listed(const struct history_log *log, const struct history_event *event, unsigned name) {
    for (uint32_t i = 0; i < event->old_number; i++) {
        if (log->entries[event->number + i].name == name)
            return 1;
    }
    return 0;
}

/* By age, and with all that was surely held from before the call until after it. */
static int check_list(struct tenures *tenures, const struct history_log *log, const struct history_event *event) {
    if (event->kind != HISTORY_LISTED)
        return 1;
    unsigned names = tenures->history->names_per_account, account = event->name / names;
    for (uint32_t i = 1; i < event->old_number; i++) {
        if (log->entries[event->number + i - 1].number >= log->entries[event->number + i].number)
            return tenures_fault(tenures, HISTORY_LIST_DISORDER, event);
    }
    for (unsigned name = account * names; name < (account + 1) * names; name++) {
        const struct tenure *tenure = last_begun(tenures, name, event->before);
        if (tenure != NULL && tenure->held_from < event->before && tenure->held_until > event->after &&
            !is_listed(log, event, name))
            return tenures_fault(tenures, HISTORY_LIST_OMITS, event);
    }
    return 1;
}

/* How many names of an account are held, from each change on. */
struct change {
    uint32_t time;
    int difference;
    int count; /* with it */
};

static int compare_changes(const void *left, const void *right) {
    const struct change *first = left, *second = right;
    if (first->time != second->time)
        return first->time < second->time ? -1 : 1;
    return first->difference - second->difference; /* what ends makes room first */
}

/* Surely held, or perhaps: then from the earliest beginning to the latest end. Returns the number of changes. */
static size_t count_held(const struct tenures *tenures, unsigned account, int surely, struct change *changes) {
    size_t count = 0;
    int held = 0;
    for (size_t i = tenures_of_account(tenures, account); i < tenures_of_account(tenures, account + 1); i++) {
        const struct tenure *tenure = tenures->by_age[i];
        uint32_t from = surely ? tenure->begin.latest : tenure->begin.earliest;
        uint32_t until = surely ? tenure->end.earliest : tenure->end.latest;
        if (from >= until)
            continue;
        changes[count++] = (struct change){from, 1, 0};
        changes[count++] = (struct change){until, -1, 0};
    }
    qsort(changes, count, sizeof changes[0], compare_changes);
    for (size_t i = 0; i < count; i++)
        changes[i].count = held += changes[i].difference;
    return count;
}

/* The greatest number between two times. */
static int most_held(const struct change *changes, size_t count, uint32_t from, uint32_t until) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (changes[middle].time < from)
            low = middle + 1;
        else
            high = middle;
    }
    int most = low == 0 ? 0 : changes[low - 1].count;
    for (; low < count && changes[low].time <= until; low++)
        most = changes[low].count > most ? changes[low].count : most;
    return most;
}

static int check_limit(struct tenures *tenures, const struct change *changes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (changes[i].count > (int)tenures->history->limit) {
            const struct history_event culprit = {.before = changes[i].time, .after = changes[i].time};
            return tenures_fault(tenures, HISTORY_OVER_LIMIT, &culprit);
        }
    }
    return 1;
}

/* How many have to be held at some moment of a call, for the limit to refuse it or to evict another: then what it was
 * granted counts too. 0 if the limit has nothing to do with it. */
static int least_held(const struct history *history, const struct history_event *event) {
    if (event->kind == HISTORY_FULL)
        return (int)history->limit;
    int evicts = event->kind == HISTORY_CLAIMED && event->old_number != 0 && event->old_name != event->name;
    return evicts ? (int)history->limit + 1 : 0;
}

static int check_refusals(struct tenures *tenures, unsigned account, const struct change *changes, size_t count) {
    const struct history *history = tenures->history;
    for (int i = 0; i <= HISTORY_THREADS; i++) {
        for (size_t j = 0; j < history->logs[i].count; j++) {
            const struct history_event *event = &history->logs[i].events[j];
            if (event->name / history->names_per_account == account &&
                most_held(changes, count, event->before, event->after) < least_held(history, event))
                return tenures_fault(tenures, HISTORY_NOT_FULL, event);
        }
    }
    return 1;
}

static int check_accounts(struct tenures *tenures) {
    int sound = 1;
    for (unsigned account = 0; sound && account < tenures->history->accounts; account++) {
        size_t count = tenures_of_account(tenures, account + 1) - tenures_of_account(tenures, account);
        struct change *changes = test_memory_get((2 * count + 1) * sizeof *changes);
        sound = check_limit(tenures, changes, count_held(tenures, account, 1, changes)) &&
                check_refusals(tenures, account, changes, count_held(tenures, account, 0, changes));
        free(changes);
    }
    return sound;
}

int history_check(const struct history *history, struct history_event *culprit) {
    struct tenures tenures;
    if (tenures_set_up(&tenures, history) && tenures_visit(&tenures, check_reads) &&
        tenures_visit(&tenures, check_oldest) && tenures_visit(&tenures, check_list))
        (void)check_accounts(&tenures);
    int fault = tenures.fault;
    *culprit = tenures.culprit;
    tenures_tear_down(&tenures);
    return fault;
}
