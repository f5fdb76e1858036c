/* What the threads of the test share, and what each of them does. */
#ifndef XMPPBIND_TESTS_THREADS_THREADS_H
#define XMPPBIND_TESTS_THREADS_THREADS_H

#include "tests/support/test_allocator.h"

#include <pthread.h>
#include <stdatomic.h>
#include <xmppbind.h>

enum {
    THREADS = 6,
    STREAMS = 3, /* of each thread */
    STEPS = 500, /* of each thread */
    NAMES = 4,   /* resources that the shared account's streams quarrel over */
    QUEUE = 4096
};

/* A session that was seen to open or close. */
struct session {
    char jid[64];
    uint64_t claim;
    int opened, closed, reason;
};

struct shared {
    struct test_allocator source;
    xmppbind_host *host;
    xmppbind_directory *directory;
    xmppbind_memory_directory *memory;
    int later; /* a thread of its own answers */
    pthread_mutex_t lock;
    pthread_cond_t asked;
    const xmppbind_request *queue[QUEUE]; /* under the lock, as what follows */
    size_t queue_first, queue_count;
    int finished;
    struct session *sessions;
    size_t session_count, session_capacity;
    atomic_ullong newest[NAMES]; /* the newest claim of each name of the shared account that was seen to open */
    atomic_int woken[THREADS * STREAMS];
    atomic_size_t failures, lists, lists_ended;
};

struct worker {
    struct shared *shared;
    int number;
    uint64_t random;
    xmppbind_stream *streams[STREAMS];
    uint64_t claims[STREAMS][NAMES]; /* what this thread saw open and not yet close, of the shared account */
};

void *threads_worker(void *worker);
void *threads_storage(void *shared);
int threads_ask(const xmppbind_request *request, void *shared);
void threads_wake(xmppbind_stream *stream, void *woken, void *shared);
/* cmocka's assertions belong to the main thread; others count. */
void threads_check(struct shared *shared, int condition, const char *what);

#endif
