/*
 * What another thread may do between two steps of a stream, played on one thread: the lock calls the test back just
 * before it is taken, or just after it is given back.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"
#include "tests/support/test_xml.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

struct scene {
    struct test_storage storage;
    xmppbind_host *host;
    xmppbind_stream *stream;
};

typedef void (*hook)(struct scene *scene);

/* Each runs once. */
static hook before_lock, after_unlock;
static struct scene *played;

static void run(hook *place) {
    hook now = *place;
    *place = NULL;
    if (now != NULL)
        now(played);
}

static int call_real(const char *name, pthread_mutex_t *mutex) {
    int (*real)(pthread_mutex_t *);
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(&real, &symbol, sizeof real);
    return real(mutex);
}

int pthread_mutex_lock(pthread_mutex_t *mutex) {
    run(&before_lock);
    return call_real("pthread_mutex_lock", mutex);
}

int pthread_mutex_unlock(pthread_mutex_t *mutex) {
    int result = call_real("pthread_mutex_unlock", mutex);
    run(&after_unlock);
    return result;
}

/* A stream that holds a@b/c and a@b/d, and whose storage answers later from now on. */
static void set_up(struct scene *scene) {
    scene->host = test_host(NULL);
    test_storage_set_up(&scene->storage, scene->host, NULL);
    scene->stream = test_stream(scene->host, "a@b");
    assert_int_equal(test_bind(scene->stream, "c", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(scene->stream, "d", 1), XMPPBIND_OK);
    test_drain_all(scene->stream);
    scene->storage.mode = TEST_STORAGE_LATER;
    played = scene;
}

static void tear_down(struct scene *scene) {
    assert_null(before_lock);
    assert_null(after_unlock);
    scene->storage.mode = TEST_STORAGE_NOW;
    xmppbind_stream_free(scene->stream);
    test_storage_answer_all(&scene->storage);
    xmppbind_host_free(scene->host);
    test_storage_tear_down(&scene->storage);
}

static void evict(struct scene *scene, const char *jid) {
    uint64_t claim = 0;
    assert_non_null(test_holder(scene->host, jid, &claim));
    assert_int_equal(xmppbind_directory_evicted(scene->storage.directory, jid, strlen(jid), claim), XMPPBIND_OK);
}

static void evict_c(struct scene *scene) {
    evict(scene, "a@b/c");
}

static void answer(struct scene *scene) {
    assert_int_equal(test_storage_answer(&scene->storage), 1);
}

static void answer_and_evict_it_and_c(struct scene *scene) {
    answer(scene);
    evict(scene, "a@b/e");
    evict(scene, "a@b/c");
}

/* It is evicted when the unbind has found it: the eviction is told, and then there is nothing to unbind. */
static void evicted_while_it_is_being_unbound(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    before_lock = evict_c;
    assert_int_equal(test_unbind(scene.stream, "c", 2), XMPPBIND_OK);
    test_expect(scene.stream, "closed a@b/c evicted\nanswer 2 item-not-found\n");
    tear_down(&scene);
}

/* The answer comes just when the stream looks for it: taken once, though its mail is found later. */
static void answered_while_it_is_looked_for(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(test_bind(scene.stream, "e", 2), XMPPBIND_OK);
    before_lock = answer;
    test_expect(scene.stream, "opened a@b/e\nanswer 2 a@b/e\n");
    test_expect(scene.stream, "");
    tear_down(&scene);
}

/* The answer, its eviction and another one come just after the stream has looked: a resource that was not even opened
 * is not closed before. */
static void evicted_before_it_was_opened(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(test_bind(scene.stream, "e", 2), XMPPBIND_OK);
    after_unlock = answer_and_evict_it_and_c;
    test_expect(scene.stream, "closed a@b/c evicted\nopened a@b/e\nanswer 2 a@b/e\nclosed a@b/e evicted\n");
    assert_int_equal(xmppbind_stream_resource_count(scene.stream), 1);
    tear_down(&scene);
}

static void answer_and_evict_it(struct scene *scene) {
    answer(scene);
    evict(scene, "a@b/e");
}

/* The same, and no other is evicted: nothing is told before the answer. All of it comes in one go, though the first
 * look found nothing: who was told that there is nothing would not look again. */
static void evicted_alone_before_it_was_opened(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(test_bind(scene.stream, "e", 2), XMPPBIND_OK);
    after_unlock = answer_and_evict_it;
    test_expect(scene.stream, "opened a@b/e\nanswer 2 a@b/e\nclosed a@b/e evicted\n");
    assert_int_equal(xmppbind_stream_resource_count(scene.stream), 2);
    tear_down(&scene);
}

/* Not at the first lock from now on, but at the second. */
static void evict_c_at_the_next_lock(struct scene *scene) {
    (void)scene;
    before_lock = evict_c;
}

/* UNBIND-11: the transport goes, and c is lost between the last look at evictions and the stanzas that wait: those of d
 * are not lost with it, that of c does not go out (FROM-9). */
static void evicted_while_it_is_being_disconnected(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(test_bind(scene.stream, "e", 2), XMPPBIND_OK);
    assert_int_equal(test_receive(scene.stream, "<message id='1' from='a@b/c'/>"), XMPPBIND_OK);
    assert_int_equal(test_receive(scene.stream, "<message id='2' from='a@b/d'/>"), XMPPBIND_OK);
    assert_int_equal(test_receive(scene.stream, "<message id='3'/>"), XMPPBIND_OK);
    before_lock = evict_c_at_the_next_lock;
    assert_int_equal(xmppbind_stream_disconnect(scene.stream), XMPPBIND_OK);
    test_expect(scene.stream,
                "send <message type=\"error\" id=\"1\" to=\"a@b/c\"><error type=\"modify\"><unknown-sender "
                "xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></message>\n"
                "route <message id=\"2\" from=\"a@b/d\"/>\n"
                "route <message id=\"3\" from=\"a@b/d\"/>\n"
                "closed a@b/c evicted\nclosed a@b/d disconnected\n");
    tear_down(&scene);
}

/* UNBIND-8: what is being unbound sends nothing any longer, though its release was not answered. */
static void disconnected_while_it_is_being_unbound(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(test_unbind(scene.stream, "c", 2), XMPPBIND_OK);
    assert_int_equal(test_receive(scene.stream, "<message id='1' from='a@b/c'/>"), XMPPBIND_OK);
    assert_int_equal(test_receive(scene.stream, "<message id='2'/>"), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_disconnect(scene.stream), XMPPBIND_OK);
    test_expect(scene.stream,
                "send <message type=\"error\" id=\"1\" to=\"a@b/c\"><error type=\"modify\"><unknown-sender "
                "xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></message>\n"
                "route <message id=\"2\" from=\"a@b/d\"/>\n"
                "closed a@b/c disconnected\nclosed a@b/d disconnected\n");
    tear_down(&scene);
}

/* The answer comes while the deadline is asked for, after which nobody would look. */
static void answered_while_the_deadline_is_asked_for(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(test_bind(scene.stream, "e", 2), XMPPBIND_OK);
    assert_true(xmppbind_stream_next_deadline(scene.stream, 1000) == 31000);
    test_storage_answer_all(&scene.storage);
    assert_true(xmppbind_stream_next_deadline(scene.stream, 2000) == 2000);
    test_expect(scene.stream, "opened a@b/e\nanswer 2 a@b/e\n");
    assert_true(xmppbind_stream_next_deadline(scene.stream, 3000) == XMPPBIND_NO_DEADLINE);
    tear_down(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evicted_while_it_is_being_unbound),
        cmocka_unit_test(answered_while_it_is_looked_for),
        cmocka_unit_test(evicted_while_it_is_being_disconnected),
        cmocka_unit_test(disconnected_while_it_is_being_unbound),
        cmocka_unit_test(answered_while_the_deadline_is_asked_for),
        cmocka_unit_test(evicted_alone_before_it_was_opened),
        cmocka_unit_test(evicted_before_it_was_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
