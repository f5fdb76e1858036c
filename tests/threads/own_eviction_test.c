/*
 * CONF-7: a stream whose second bind evicts its first resource, with the directory in memory on a thread of its own:
 * the eviction and the acceptance come one after the other, and the stream may look between them. Whatever it sees
 * first, the bind is answered and the stream goes on.
 */
#include "threads.h"

#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <string.h>

enum { ROUNDS = 500 };

#define OPENED_ONE "opened a@b/one\nanswer 1 a@b/one\n"
#define OPENED_TWO "opened a@b/two\nanswer 2 a@b/two\n"
#define EVICTED_ONE "closed a@b/one evicted\n"

struct scene {
    struct shared shared;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    int is_woken;
    pthread_t storage;
};

static void wake(xmppbind_stream *stream, void *stream_data, void *user_data) {
    struct scene *scene = user_data;
    (void)stream;
    (void)stream_data;
    pthread_mutex_lock(&scene->lock);
    scene->is_woken = 1;
    pthread_cond_signal(&scene->woken);
    pthread_mutex_unlock(&scene->lock);
}

static void sleep_until_woken(struct scene *scene) {
    pthread_mutex_lock(&scene->lock);
    while (!scene->is_woken)
        pthread_cond_wait(&scene->woken, &scene->lock);
    scene->is_woken = 0;
    pthread_mutex_unlock(&scene->lock);
}

static void set_up(struct scene *scene) {
    struct shared *shared = &scene->shared;
    memset(scene, 0, sizeof *scene);
    test_allocator_set_up(&shared->source);
    shared->host = test_host(shared->source.allocator);
    shared->directory = xmppbind_host_directory(shared->host);
    shared->later = 1;
    assert_int_equal(xmppbind_memory_directory_new(&shared->memory, shared->source.allocator, NULL, NULL), XMPPBIND_OK);
    assert_int_equal(pthread_mutex_init(&shared->lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&shared->asked, NULL), 0);
    assert_int_equal(pthread_mutex_init(&scene->lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&scene->woken, NULL), 0);
    assert_int_equal(xmppbind_directory_set_claims(shared->directory, threads_ask, threads_ask, shared), XMPPBIND_OK);
    assert_int_equal(xmppbind_host_set_wakeup(shared->host, wake, scene), XMPPBIND_OK);
    test_option(shared->host, "account-limit", "evict-oldest");
    test_option(shared->host, "max-resources-per-account", "1");
    assert_int_equal(pthread_create(&scene->storage, NULL, threads_storage, shared), 0);
}

/* The storage answers all that it was asked before it ends. */
static void tear_down(struct scene *scene) {
    struct shared *shared = &scene->shared;
    pthread_mutex_lock(&shared->lock);
    shared->finished = 1;
    pthread_cond_broadcast(&shared->asked);
    pthread_mutex_unlock(&shared->lock);
    assert_int_equal(pthread_join(scene->storage, NULL), 0);
    assert_int_equal(atomic_load(&shared->failures), 0);
    assert_int_equal(xmppbind_directory_pending(shared->directory), 0);
    assert_int_equal(xmppbind_memory_directory_count(shared->memory), 0);
    xmppbind_host_free(shared->host);
    xmppbind_memory_directory_free(shared->memory);
    test_allocator_tear_down(&shared->source);
    (void)pthread_cond_destroy(&scene->woken);
    (void)pthread_mutex_destroy(&scene->lock);
    (void)pthread_cond_destroy(&shared->asked);
    (void)pthread_mutex_destroy(&shared->lock);
}

/* Drains, whenever the host is woken, until the text is as long as what is expected. */
static void drain(struct scene *scene, xmppbind_stream *stream, size_t length, struct test_text *text) {
    test_text_clear(text);
    for (;;) {
        assert_int_equal(test_drain(stream, text), 0);
        if (strlen(test_text_get(text)) >= length)
            return;
        sleep_until_woken(scene);
    }
}

static void conf_7_its_own_bind_is_answered(void **state) {
    static struct scene scene;
    struct test_text text = {NULL, 0, 0};
    (void)state;
    set_up(&scene);
    for (int i = 0; i < ROUNDS; i++) {
        xmppbind_stream *stream = test_stream(scene.shared.host, "a@b");
        assert_int_equal(test_bind(stream, "one", 1), XMPPBIND_OK);
        drain(&scene, stream, strlen(OPENED_ONE), &text);
        assert_string_equal(test_text_get(&text), OPENED_ONE);
        assert_int_equal(test_bind(stream, "two", 2), XMPPBIND_OK);
        drain(&scene, stream, strlen(OPENED_TWO EVICTED_ONE), &text);
        if (strcmp(test_text_get(&text), OPENED_TWO EVICTED_ONE) != 0)
            assert_string_equal(test_text_get(&text), EVICTED_ONE OPENED_TWO);
        assert_int_equal(xmppbind_stream_disconnect(stream), XMPPBIND_OK);
        test_expect(stream, "closed a@b/two disconnected\n");
        xmppbind_stream_free(stream);
    }
    test_text_free(&text);
    tear_down(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conf_7_its_own_bind_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
