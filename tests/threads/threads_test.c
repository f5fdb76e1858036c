/*
 * Many threads, one host: streams of one account, which take resources from each other, and streams of many. Meant to
 * run under ThreadSanitizer. What is observed: every session that opened closes once; no claim number is given twice
 * for a JID; a stream whose claim was taken does not stamp with it any more (CONF-5, CONF-8); nothing stays claimed.
 */
#include "threads.h"

#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

#include <stdlib.h>
#include <string.h>

static void set_up(struct shared *shared, int later) {
    memset(shared, 0, sizeof *shared);
    test_allocator_set_up(&shared->source);
    assert_int_equal(xmppbind_host_new(&shared->host, shared->source.allocator), XMPPBIND_OK);
    assert_int_equal(xmppbind_memory_directory_new(&shared->memory, shared->source.allocator, NULL, NULL), XMPPBIND_OK);
    shared->directory = xmppbind_host_directory(shared->host);
    shared->later = later;
    assert_int_equal(pthread_mutex_init(&shared->lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&shared->asked, NULL), 0);
    assert_int_equal(xmppbind_directory_set_claims(shared->directory, threads_ask, threads_ask, shared), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_set_list(shared->directory, threads_ask, shared), XMPPBIND_OK);
    assert_int_equal(xmppbind_host_set_wakeup(shared->host, threads_wake, shared), XMPPBIND_OK);
}

static void run(struct shared *shared) {
    static struct worker workers[THREADS];
    pthread_t threads[THREADS], storage;
    memset(workers, 0, sizeof workers);
    if (shared->later)
        assert_int_equal(pthread_create(&storage, NULL, threads_storage, shared), 0);
    for (int i = 0; i < THREADS; i++) {
        workers[i].shared = shared;
        workers[i].number = i;
        assert_int_equal(pthread_create(&threads[i], NULL, threads_worker, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    if (shared->later) {
        pthread_mutex_lock(&shared->lock);
        shared->finished = 1;
        pthread_cond_broadcast(&shared->asked);
        pthread_mutex_unlock(&shared->lock);
        assert_int_equal(pthread_join(storage, NULL), 0);
    }
}

static int compare(const void *left, const void *right) {
    const struct session *first = left, *second = right;
    int names = strcmp(first->jid, second->jid);
    if (names != 0)
        return names;
    return (first->claim > second->claim) - (first->claim < second->claim);
}

static void check_sessions(struct shared *shared) {
    assert_true(shared->later ||
                shared->session_count > 0); /* later, a thread may be through before the first answer */
    if (shared->session_count == 0)
        return;
    qsort(shared->sessions, shared->session_count, sizeof shared->sessions[0], compare);
    for (size_t i = 0; i < shared->session_count; i++) {
        const struct session *session = &shared->sessions[i];
        assert_int_equal(session->opened, 1);
        assert_int_equal(session->closed, 1);
        int newest = i + 1 == shared->session_count || strcmp(session->jid, shared->sessions[i + 1].jid) != 0;
        if (newest &&
            !shared->later) /* nobody is there to whom it could have been lost; later, a claim can be withdrawn */
            assert_int_not_equal(session->reason, XMPPBIND_REASON_EVICTED);
        if (!newest)
            assert_true(session->claim < shared->sessions[i + 1].claim);
    }
}

static void tear_down(struct shared *shared) {
    assert_int_equal(atomic_load(&shared->failures), 0);
    assert_int_equal(xmppbind_directory_pending(shared->directory), 0);
    assert_int_equal(xmppbind_memory_directory_count(shared->memory), 0);
    assert_int_equal(atomic_load(&shared->lists_ended), atomic_load(&shared->lists));
    check_sessions(shared);
    xmppbind_host_free(shared->host);
    xmppbind_memory_directory_free(shared->memory);
    test_allocator_tear_down(&shared->source);
    (void)pthread_cond_destroy(&shared->asked);
    (void)pthread_mutex_destroy(&shared->lock);
}

static void play(int later) {
    struct shared *shared = test_memory_get(sizeof *shared);
    set_up(shared, later);
    run(shared);
    tear_down(shared);
    free(shared->sessions);
    free(shared);
}

static void storage_answers_at_once(void **state) {
    (void)state;
    play(0);
}

static void storage_answers_on_a_thread_of_its_own(void **state) {
    (void)state;
    play(1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(storage_answers_at_once),
        cmocka_unit_test(storage_answers_on_a_thread_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
