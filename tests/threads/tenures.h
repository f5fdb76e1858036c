/*
 * From a history: who held each name under which number, and when that can have begun and ended.
 *
 * The numbers say in which order the claims of a name were granted, so what happened to a name is a row of moments:
 * begin, end, begin, end ... (one moment for both where a claim replaced the one before). Each moment lies between the
 * tickets of the call that made it, and on the right side of the calls that saw the name before or after it. The
 * history of the name is linearizable if moments can be chosen in that order; the earliest and the latest choice for
 * each are its window.
 */
#ifndef XMPPBIND_TESTS_THREADS_TENURES_H
#define XMPPBIND_TESTS_THREADS_TENURES_H

#include "history.h"

enum history_fault {
    HISTORY_SOUND,
    HISTORY_NEVER_GRANTED, /* a number is used that no claim was given */
    HISTORY_NUMBER_TWICE,  /* two claims of an account have one number */
    HISTORY_NUMBER_SHRANK, /* a claim has a smaller number than one that had ended before it began */
    HISTORY_TWO_OWNERS,    /* a claim was granted when the one before cannot have ended */
    HISTORY_ENDED_TWICE,   /* a claim was taken from its holder twice, or given back twice */
    HISTORY_NO_CAUSE,      /* a claim was lost, and there is none that can have taken it */
    HISTORY_STALE,         /* a number was seen when it cannot have been in force */
    HISTORY_NO_OWNER,      /* refused with a conflict while nobody held the name: a release was lost */
    HISTORY_LOST_CLAIM,    /* nothing was found while the name was held */
    HISTORY_OVER_LIMIT,
    HISTORY_NOT_FULL,      /* refused or evicted by the limit while the account held less */
    HISTORY_NOT_OLDEST,    /* not the oldest was evicted */
    HISTORY_LIST_OMITS,    /* what was held all the time is not in the list */
    HISTORY_LIST_STALE,    /* what was released before or claimed after is in the list */
    HISTORY_LIST_DISORDER, /* the list is not by age */
    HISTORY_FAULTS
};

enum ending { ENDING_HELD, ENDING_RELEASED, ENDING_EVICTED, ENDING_REPLACED };

struct window {
    uint32_t earliest, latest;
};

struct tenure {
    struct window claim; /* the call that was granted it */
    struct window begin; /* the window of the moment; so for the end, which is that of the next one if REPLACED */
    struct window end;
    uint32_t number;
    uint32_t replaced_by; /* number, if REPLACED */
    uint32_t held_from;   /* surely, by whomsoever, until `held_until`; none if that is not more */
    uint32_t held_until;
    uint16_t name;
    uint8_t ending;
};

struct tenures {
    const struct history *history;
    struct tenure *all;     /* by name and number */
    size_t *of_name;        /* where those of each name begin, and one more */
    struct tenure **by_age; /* of each account by number; those of account a from of_name[a * names_per_account] on */
    size_t count;
    int fault; /* enum history_fault: the first that was found */
    struct history_event culprit;
};

/* Whether no fault was found; the rest is only made if so. */
int tenures_set_up(struct tenures *tenures, const struct history *history);
void tenures_tear_down(struct tenures *tenures);
/* Notes a fault and returns 0. */
int tenures_fault(struct tenures *tenures, int fault, const struct history_event *culprit);

/* NULL if there is none. */
struct tenure *tenures_find(const struct tenures *tenures, unsigned name, uint32_t number);
/* Where the tenures of an account begin in `by_age`; of account + 1, where they end. */
size_t tenures_of_account(const struct tenures *tenures, unsigned account);

/* Calls `visit` for each event until it returns 0; whether it never did. */
int tenures_visit(struct tenures *tenures, int (*visit)(struct tenures *tenures, const struct history_log *log,
                                                        const struct history_event *event));

#endif
