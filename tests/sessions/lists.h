/*
 * Privacy lists beside the library's (XEP-0016), of rules by address only: what they deny, and that nothing of it is
 * delivered or sent. Which lists are in force is known from the answers of the host.
 */
#ifndef XMPPBIND_TESTS_SESSIONS_LISTS_H
#define XMPPBIND_TESTS_SESSIONS_LISTS_H

#include "steps.h"

enum { LISTS = 2, RULES = 4 };

struct rule {
    int peer, address; /* peer -1: everybody; address -1: all of the peer */
    int denies;
    int kinds; /* LIST_ bits; 0: all stanzas */
};

enum { LIST_MESSAGE = 1, LIST_PRESENCE_IN = 2, LIST_PRESENCE_OUT = 4 };

struct list {
    int is_there, count;
    struct rule rules[RULES];
};

struct lists {
    struct list lists[ACCOUNTS][LISTS];
    int standard[ACCOUNTS]; /* the default; -1: none */
    int active[SOURCES];    /* -1: none */
};

void lists_set_up(struct lists *lists);
/* A client changes a list, or which of them is in force. */
void lists_step(struct world *world);
/* PRIV-5: what a client gets, and what leaves, is not denied. */
void lists_check_in(struct world *world, int stream, const xmlNode *node);
void lists_check_out(struct world *world, const xmlNode *node);

#endif
