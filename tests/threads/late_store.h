/* A store in memory that a thread of its own answers, after the callback has returned. */
#ifndef XMPPBIND_TESTS_THREADS_LATE_STORE_H
#define XMPPBIND_TESTS_THREADS_LATE_STORE_H

#include <pthread.h>
#include <xmppbind.h>

enum { LATE_STORE_QUEUE = 1024 };

struct late_store {
    xmppbind_store *store;
    xmppbind_memory_store *memory;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t asked;
    const xmppbind_store_request *queue[LATE_STORE_QUEUE];
    size_t first, count, overflows;
    int ends;
};

void late_store_set_up(struct late_store *late, const xmppbind_allocator *allocator);
/* All is answered then, and nothing more is asked. */
void late_store_finish(struct late_store *late);
void late_store_tear_down(struct late_store *late);

#endif
