#include "tenures.h"

#include "tests/support/test_allocator.h"

#include <stdlib.h>
#include <string.h>

int tenures_fault(struct tenures *tenures, int fault, const struct history_event *culprit) {
    tenures->fault = fault;
    tenures->culprit = *culprit;
    return 0;
}

/* A fault of a tenure itself: its claim stands for it. */
static int claim_fault(struct tenures *tenures, int fault, const struct tenure *tenure) {
    const struct history_event claim = {.before = tenure->claim.earliest,
                                        .after = tenure->claim.latest,
                                        .number = tenure->number,
                                        .name = tenure->name,
                                        .kind = HISTORY_CLAIMED};
    return tenures_fault(tenures, fault, &claim);
}

int tenures_visit(struct tenures *tenures, int (*visit)(struct tenures *tenures, const struct history_log *log,
                                                        const struct history_event *event)) {
    for (int i = 0; i <= HISTORY_THREADS; i++) {
        const struct history_log *log = &tenures->history->logs[i];
        for (size_t j = 0; j < log->count; j++) {
            if (!visit(tenures, log, &log->events[j]))
                return 0;
        }
    }
    return 1;
}

size_t tenures_of_account(const struct tenures *tenures, unsigned account) {
    return tenures->of_name[account * tenures->history->names_per_account];
}

struct tenure *tenures_find(const struct tenures *tenures, unsigned name, uint32_t number) {
    size_t low = tenures->of_name[name], high = tenures->of_name[name + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tenures->all[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < tenures->of_name[name + 1] && tenures->all[low].number == number ? &tenures->all[low] : NULL;
}

static int add(struct tenures *tenures, const struct history_log *log, const struct history_event *event) {
    (void)log;
    if (event->kind != HISTORY_CLAIMED)
        return 1;
    struct tenure *tenure = &tenures->all[tenures->count++];
    memset(tenure, 0, sizeof *tenure);
    tenure->name = event->name;
    tenure->number = event->number;
    tenure->claim = tenure->begin = (struct window){event->before, event->after};
    tenure->end = (struct window){UINT32_MAX, UINT32_MAX};
    return 1;
}

static int compare_names(const void *left, const void *right) {
    const struct tenure *first = left, *second = right;
    if (first->name != second->name)
        return first->name < second->name ? -1 : 1;
    return (first->number > second->number) - (first->number < second->number);
}

static int compare_ages(const void *left, const void *right) {
    const struct tenure *first = *(struct tenure *const *)left, *second = *(struct tenure *const *)right;
    return (first->number > second->number) - (first->number < second->number);
}

static void gather(struct tenures *tenures) {
    const struct history *history = tenures->history;
    unsigned names = history->accounts * history->names_per_account;
    size_t count = history_count(history, HISTORY_CLAIMED);
    tenures->all = test_memory_get((count + 1) * sizeof tenures->all[0]);
    tenures->by_age = test_memory_get((count + 1) * sizeof(struct tenure *));
    tenures->of_name = test_memory_get((names + 1) * sizeof tenures->of_name[0]);
    (void)tenures_visit(tenures, add);
    qsort(tenures->all, count, sizeof tenures->all[0], compare_names);
    for (size_t name = 0, at = 0; name <= names; name++) {
        while (at < count && tenures->all[at].name < name)
            at++;
        tenures->of_name[name] = at;
    }
    for (size_t i = 0; i < count; i++)
        tenures->by_age[i] = &tenures->all[i];
    for (unsigned account = 0; account < history->accounts; account++) {
        size_t first = tenures_of_account(tenures, account);
        qsort(tenures->by_age + first, tenures_of_account(tenures, account + 1) - first, sizeof(struct tenure *),
              compare_ages);
    }
}

/* The numbers of an account grow: within it, and from each claim to those that begin after it. */
static int check_numbers(struct tenures *tenures, unsigned account) {
    size_t first = tenures_of_account(tenures, account), end = tenures_of_account(tenures, account + 1);
    uint32_t ended = UINT32_MAX; /* when the first of the claims with a greater number had ended */
    for (size_t i = end; i-- > first;) {
        const struct tenure *tenure = tenures->by_age[i];
        if (i + 1 < end && tenures->by_age[i + 1]->number == tenure->number)
            return claim_fault(tenures, HISTORY_NUMBER_TWICE, tenure);
        if (ended < tenure->claim.earliest)
            return claim_fault(tenures, HISTORY_NUMBER_SHRANK, tenure);
        ended = tenure->claim.latest < ended ? tenure->claim.latest : ended;
    }
    return 1;
}

/* What was taken from its holder by this claim. */
static int end_by_claim(struct tenures *tenures, const struct history_log *log, const struct history_event *event) {
    (void)log;
    if (event->kind != HISTORY_CLAIMED || event->old_number == 0)
        return 1;
    struct tenure *old = tenures_find(tenures, event->old_name, event->old_number);
    if (old == NULL)
        return tenures_fault(tenures, HISTORY_NEVER_GRANTED, event);
    if (old->ending != ENDING_HELD)
        return tenures_fault(tenures, HISTORY_ENDED_TWICE, event);
    old->ending = event->old_name == event->name ? ENDING_REPLACED : ENDING_EVICTED;
    old->replaced_by = event->number;
    old->end = (struct window){event->before, event->after};
    return 1;
}

/* The beginning of the earliest call that ran at that time, or the time itself. */
static uint32_t began_before(const struct history *history, uint32_t time) {
    uint32_t began = time;
    for (int i = 0; i < HISTORY_THREADS; i++) {
        const struct history_log *log = &history->logs[i];
        size_t low = 0, high = log->count;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (log->events[middle].after < time)
                low = middle + 1;
            else
                high = middle;
        }
        if (low < log->count && log->events[low].before < began)
            began = log->events[low].before;
    }
    return began;
}

/* What its holder gave back or saw that he had lost. A release of what was taken is late. Where nobody says who took
 * what, a claim may have taken it that ran when the release began, or when its holder had not yet lost it; nothing can
 * have taken it before. */
static int end_by_holder(struct tenures *tenures, const struct history_log *log, const struct history_event *event) {
    (void)log;
    if (event->kind != HISTORY_RELEASED && event->kind != HISTORY_LOST)
        return 1;
    struct tenure *tenure = tenures_find(tenures, event->name, event->number);
    if (tenure == NULL)
        return tenures_fault(tenures, HISTORY_NEVER_GRANTED, event);
    if (tenure->ending == ENDING_EVICTED || tenure->ending == ENDING_REPLACED) {
        if (!tenures->history->evictions_are_told)
            return tenures_fault(tenures, HISTORY_ENDED_TWICE, event);
        return 1;
    }
    if (tenure->ending == ENDING_RELEASED)
        return tenures_fault(tenures, HISTORY_ENDED_TWICE, event);
    if (tenures->history->evictions_are_told && event->kind == HISTORY_LOST)
        return tenures_fault(tenures, HISTORY_NO_CAUSE, event);
    tenure->ending = event->kind == HISTORY_LOST ? ENDING_EVICTED : ENDING_RELEASED;
    tenure->end = (struct window){event->before, event->after};
    if (!tenures->history->evictions_are_told)
        tenure->end.earliest = began_before(tenures->history, event->before);
    return 1;
}

/* What was lost was taken by a younger claim of the account, which had begun by then. */
static int check_causes(struct tenures *tenures, unsigned account) {
    size_t first = tenures_of_account(tenures, account), end = tenures_of_account(tenures, account + 1);
    uint32_t began = UINT32_MAX; /* when the first of the younger claims began */
    for (size_t i = end; i-- > first;) {
        const struct tenure *tenure = tenures->by_age[i];
        if (tenure->ending == ENDING_EVICTED && began > tenure->end.latest)
            return claim_fault(tenures, HISTORY_NO_CAUSE, tenure);
        began = tenure->claim.earliest < began ? tenure->claim.earliest : began;
    }
    return 1;
}

/* Each claim but the last has ended, and if it was replaced, by the one after it. */
static int check_succession(struct tenures *tenures, unsigned name) {
    for (size_t i = tenures->of_name[name]; i < tenures->of_name[name + 1]; i++) {
        const struct tenure *tenure = &tenures->all[i];
        int last = i + 1 == tenures->of_name[name + 1];
        if ((tenure->ending == ENDING_HELD && !last) ||
            (tenure->ending == ENDING_REPLACED && (last || tenure->replaced_by != tenure[1].number)))
            return claim_fault(tenures, HISTORY_TWO_OWNERS, tenure);
    }
    return 1;
}

/* The number was in force during the call. */
static int see(struct tenures *tenures, const struct history_event *event, unsigned name, uint32_t number) {
    int listed = event->kind == HISTORY_LISTED;
    struct tenure *tenure = tenures_find(tenures, name, number);
    if (tenure == NULL)
        return tenures_fault(tenures, HISTORY_NEVER_GRANTED, event);
    struct window *end = tenure->ending == ENDING_REPLACED ? &tenure[1].begin : &tenure->end;
    if (tenure->begin.earliest > event->after || end->latest < event->before)
        return tenures_fault(tenures, listed ? HISTORY_LIST_STALE : HISTORY_STALE, event);
    if (event->after < tenure->begin.latest)
        tenure->begin.latest = event->after;
    if (event->before > end->earliest)
        end->earliest = event->before;
    return 1;
}

static int see_all(struct tenures *tenures, const struct history_log *log, const struct history_event *event) {
    if (event->kind == HISTORY_FOUND && event->number != 0)
        return see(tenures, event, event->name, event->number);
    for (size_t i = 0; event->kind == HISTORY_LISTED && i < event->old_number; i++) {
        const struct history_entry *entry = &log->entries[event->number + i];
        if (!see(tenures, event, entry->name, entry->number))
            return 0;
    }
    return 1;
}

static int advance(struct window *window, uint32_t *time) {
    if (window->earliest < *time)
        window->earliest = *time;
    *time = window->earliest;
    return window->earliest <= window->latest;
}

/* The moments of a name one after the other, each as early as it can be; or `fault`. */
static int order(struct tenures *tenures, unsigned name, int fault) {
    uint32_t time = 0;
    for (size_t i = tenures->of_name[name]; i < tenures->of_name[name + 1]; i++) {
        struct tenure *tenure = &tenures->all[i];
        if (!advance(&tenure->begin, &time) || (tenure->ending != ENDING_REPLACED && !advance(&tenure->end, &time)))
            return claim_fault(tenures, fault, tenure);
    }
    return 1;
}

/* And as late as it can be; then what is surely held, over all claims that replaced each other. */
static void order_backwards(struct tenures *tenures, unsigned name) {
    uint32_t time = UINT32_MAX;
    size_t first = tenures->of_name[name], end = tenures->of_name[name + 1];
    for (size_t i = end; i-- > first;) {
        struct tenure *tenure = &tenures->all[i];
        int replaced = tenure->ending == ENDING_REPLACED;
        if (replaced)
            tenure->end = tenure[1].begin;
        time = tenure->end.latest = tenure->end.latest < time ? tenure->end.latest : time;
        time = tenure->begin.latest = tenure->begin.latest < time ? tenure->begin.latest : time;
        tenure->held_until = replaced ? tenure[1].held_until : tenure->end.earliest;
    }
    for (size_t i = first; i < end; i++) {
        struct tenure *tenure = &tenures->all[i];
        int replaces = i > first && tenure[-1].ending == ENDING_REPLACED;
        tenure->held_from = replaces ? tenure[-1].held_from : tenure->begin.latest;
    }
}

static int make(struct tenures *tenures) {
    unsigned accounts = tenures->history->accounts, names = accounts * tenures->history->names_per_account;
    gather(tenures);
    for (unsigned account = 0; account < accounts; account++) {
        if (!check_numbers(tenures, account))
            return 0;
    }
    if (!tenures_visit(tenures, end_by_claim) || !tenures_visit(tenures, end_by_holder))
        return 0;
    for (unsigned account = 0; account < accounts; account++) {
        if (!check_causes(tenures, account))
            return 0;
    }
    for (unsigned name = 0; name < names; name++) {
        if (!check_succession(tenures, name) || !order(tenures, name, HISTORY_TWO_OWNERS))
            return 0;
    }
    if (!tenures_visit(tenures, see_all))
        return 0;
    for (unsigned name = 0; name < names; name++) {
        if (!order(tenures, name, HISTORY_STALE))
            return 0;
        order_backwards(tenures, name);
    }
    return 1;
}

int tenures_set_up(struct tenures *tenures, const struct history *history) {
    memset(tenures, 0, sizeof *tenures);
    tenures->history = history;
    return make(tenures);
}

void tenures_tear_down(struct tenures *tenures) {
    free(tenures->all);
    free(tenures->by_age);
    free(tenures->of_name);
}
