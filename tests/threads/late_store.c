#include "late_store.h"

#include "tests/support/test_cmocka.h"

#include <sched.h>
#include <string.h>

static int keep(const xmppbind_store_request *request, void *user_data) {
    struct late_store *late = user_data;
    pthread_mutex_lock(&late->lock);
    int full = late->count == LATE_STORE_QUEUE;
    late->overflows += full ? 1 : 0;
    if (!full)
        late->queue[(late->first + late->count++) % LATE_STORE_QUEUE] = request;
    pthread_cond_signal(&late->asked);
    pthread_mutex_unlock(&late->lock);
    return full;
}

static void *answer(void *user_data) {
    struct late_store *late = user_data;
    pthread_mutex_lock(&late->lock);
    while (!late->ends || late->count > 0) {
        if (late->count == 0) {
            pthread_cond_wait(&late->asked, &late->lock);
            continue;
        }
        const xmppbind_store_request *request = late->queue[late->first];
        late->first = (late->first + 1) % LATE_STORE_QUEUE;
        late->count--;
        pthread_mutex_unlock(&late->lock);
        (void)xmppbind_memory_store_answer(late->memory, late->store, request);
        pthread_mutex_lock(&late->lock);
    }
    pthread_mutex_unlock(&late->lock);
    return NULL;
}

void late_store_set_up(struct late_store *late, const xmppbind_allocator *allocator) {
    memset(late, 0, sizeof *late);
    assert_int_equal(pthread_mutex_init(&late->lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&late->asked, NULL), 0);
    assert_int_equal(xmppbind_store_new(&late->store, allocator), XMPPBIND_OK);
    assert_int_equal(xmppbind_memory_store_new(&late->memory, allocator, NULL, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_roster(late->store, keep, keep, keep, late), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_lists(late->store, keep, keep, keep, keep, late), XMPPBIND_OK);
    assert_int_equal(pthread_create(&late->thread, NULL, answer, late), 0);
}

void late_store_finish(struct late_store *late) {
    while (xmppbind_store_pending(late->store) > 0)
        (void)sched_yield();
    pthread_mutex_lock(&late->lock);
    late->ends = 1;
    pthread_cond_signal(&late->asked);
    pthread_mutex_unlock(&late->lock);
    assert_int_equal(pthread_join(late->thread, NULL), 0);
    assert_int_equal(late->overflows, 0);
}

void late_store_tear_down(struct late_store *late) {
    xmppbind_store_free(late->store);
    xmppbind_memory_store_free(late->memory);
    (void)pthread_cond_destroy(&late->asked);
    (void)pthread_mutex_destroy(&late->lock);
}
