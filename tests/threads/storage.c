/* The directory of the threads test: in memory, asked at once or through a queue that another thread empties. */
#include "threads.h"

#include <stdio.h>

void threads_check(struct shared *shared, int condition, const char *what) {
    if (!condition && atomic_fetch_add(&shared->failures, 1) == 0)
        fprintf(stderr, "failed: %s\n", what);
}

void threads_wake(xmppbind_stream *stream, void *woken, void *shared) {
    (void)stream;
    (void)shared;
    atomic_store((atomic_int *)woken, 1);
}

static int answer(struct shared *shared, const xmppbind_request *request) {
    return xmppbind_memory_directory_answer(shared->memory, shared->directory, request);
}

int threads_ask(const xmppbind_request *request, void *user_data) {
    struct shared *shared = user_data;
    if (!shared->later)
        return answer(shared, request);
    pthread_mutex_lock(&shared->lock);
    threads_check(shared, shared->queue_count < QUEUE, "the queue of requests is full");
    shared->queue[(shared->queue_first + shared->queue_count++) % QUEUE] = request;
    pthread_cond_signal(&shared->asked);
    pthread_mutex_unlock(&shared->lock);
    return 0;
}

/* The oldest request; NULL when all threads have finished and nothing is left. */
static const xmppbind_request *next_request(struct shared *shared) {
    const xmppbind_request *request = NULL;
    pthread_mutex_lock(&shared->lock);
    while (shared->queue_count == 0 && !shared->finished)
        pthread_cond_wait(&shared->asked, &shared->lock);
    if (shared->queue_count > 0) {
        request = shared->queue[shared->queue_first];
        shared->queue_first = (shared->queue_first + 1) % QUEUE;
        shared->queue_count--;
    }
    pthread_mutex_unlock(&shared->lock);
    return request;
}

void *threads_storage(void *user_data) {
    struct shared *shared = user_data;
    const xmppbind_request *request;
    while ((request = next_request(shared)) != NULL)
        threads_check(shared, answer(shared, request) == XMPPBIND_OK, "an answer");
    return NULL;
}
