/*
 * Threads that do at random what streams do, and write down what comes of it: on the directory in memory itself, or as
 * streams of a host.
 */
#ifndef XMPPBIND_TESTS_THREADS_LOAD_H
#define XMPPBIND_TESTS_THREADS_LOAD_H

#include "history.h"

#include <pthread.h>
#include <xmppbind.h>

struct load_mix {
    unsigned accounts, names_per_account;
    unsigned limit; /* of resources of an account */
    int replace;    /* a claim takes the name from its holder; if not, it is refused */
    int evict;      /* a claim beyond the limit takes the place of the oldest; if not, it is refused */
    unsigned steps; /* of each thread */
};

struct load {
    struct load_mix mix;
    struct history history;
    xmppbind_allocator *allocator;
    xmppbind_host *host;
    xmppbind_directory *directory;
    xmppbind_memory_directory *memory;
    pthread_barrier_t start;
    atomic_size_t failures;
};

struct load_worker {
    struct load *load;
    struct history_log *log;
    uint64_t random;
    unsigned listed; /* entries that the list that runs has told */
};

enum { LOAD_JID = 40 };

/* `told`: the evictions are noted with the claims that make them. */
void load_set_up(struct load *load, const struct load_mix *mix, int told);
/* Asserts that the history is sound and that nothing is left but what was found at the end. */
void load_check(struct load *load);
void load_tear_down(struct load *load);
/* One thread for each worker; `run` gets a struct load_worker. */
void load_run(struct load *load, void *(*run)(void *worker));

/* Waits until all workers are there. */
void load_start(struct load_worker *worker);
uint32_t load_below(struct load_worker *worker, uint32_t limit);
void load_expect(struct load *load, int condition, const char *what);
/* The full JID of a name; its first `length` octets are the account. Returns the whole length. */
size_t load_jid(const struct load *load, unsigned name, char jid[LOAD_JID], size_t *length);
unsigned load_name(const struct load *load, const char *jid);
/* One look-up, one list of the account of a name. */
void load_find(struct load_worker *worker, unsigned name);
void load_list(struct load_worker *worker, unsigned name);

void *load_directory(void *worker);
void *load_streams(void *worker);

#endif
