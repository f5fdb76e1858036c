/*
 * Whether a history is linearizable, name by name: one owner at a time, numbers that only grow, no release that was
 * lost; and what goes beyond a name: the limit of an account, its oldest resource, its lists. What is judged is always
 * what must have been so whatever the threads did between their tickets, so a sound history is never refused.
 */
#ifndef XMPPBIND_TESTS_THREADS_HISTORY_CHECK_H
#define XMPPBIND_TESTS_THREADS_HISTORY_CHECK_H

#include "tenures.h"

/* The first fault that was found, and the event that shows it; HISTORY_SOUND if there is none. */
int history_check(const struct history *history, struct history_event *culprit);
const char *history_fault_name(int fault);

#endif
