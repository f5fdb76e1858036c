/* The directory as its host sees it: callbacks plugged in, evictions, what is open, and its tables as they grow.
 * getentropy() and pthread_mutex_init() are played here: the key of the hash is known, and a mutex may not be had. */
#include "lib/storage/name_hash.h"
#include "tests/unit/storage_by_hand.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

static int no_mutex;

int getentropy(void *buffer, size_t length);

int getentropy(void *buffer, size_t length) {
    memset(buffer, 0, length);
    return 0;
}

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes) {
    static const pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
    assert_null(attributes);
    *mutex = fresh;
    return no_mutex ? EAGAIN : 0;
}

static void ignore_entry(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    (void)jid;
    (void)length;
    (void)claim;
    (void)condition;
    (void)user_data;
}

static void without_a_mutex_there_is_no_host(void **state) {
    struct test_allocator source;
    xmppbind_host *host = NULL;
    (void)state;
    test_allocator_set_up(&source);
    no_mutex = 1;
    assert_int_equal(xmppbind_host_new(&host, source.allocator), XMPPBIND_ERROR_NO_MEMORY);
    no_mutex = 0;
    assert_null(host);
    test_allocator_tear_down(&source);
}

static int never(const xmppbind_request *request, void *user_data) {
    (void)request;
    (void)user_data;
    fail_msg("a callback that was not plugged in is called");
    return -1;
}

/* What is refused changes nothing: the callbacks that were there are asked. */
static void callbacks_that_are_refused(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    assert_int_equal(xmppbind_directory_set_claims(NULL, never, never, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_set_claims(hand.directory, NULL, never, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_set_claims(hand.directory, never, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_set_list(NULL, never, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_set_list(hand.directory, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    xmppbind_stream *stream = test_stream(hand.host, JULIET);
    assert_int_equal(xmppbind_directory_set_claims(hand.directory, never, never, NULL), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_directory_set_list(hand.directory, never, NULL), XMPPBIND_ERROR_STATE);
    by_hand_accept(&hand, by_hand_bind(&hand, stream, "balcony"), 1);
    assert_int_equal(xmppbind_directory_list(hand.directory, JULIET, strlen(JULIET), ignore_entry, NULL), XMPPBIND_OK);
    by_hand_accept(&hand, hand.asked[1].id, 0);
    by_hand_free(&hand, stream);
    assert_int_equal(xmppbind_directory_set_claims(hand.directory, never, never, NULL), XMPPBIND_ERROR_STATE);
    by_hand_tear_down(&hand);
}

/* A request is open that only they can answer. */
static void callbacks_are_fixed_by_the_first_request(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    assert_int_equal(xmppbind_directory_list(hand.directory, JULIET, strlen(JULIET), ignore_entry, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_set_claims(hand.directory, never, never, NULL), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_directory_set_list(hand.directory, never, NULL), XMPPBIND_ERROR_STATE);
    by_hand_accept(&hand, hand.asked[0].id, 0);
    by_hand_tear_down(&hand);
}

/* CONF-8: only the claim that is named is hit. */
static void conf_8_evictions_that_hit_nobody(void **state) {
    static const struct {
        const char *jid;
        uint64_t claim;
    } rows[] = {{BALCONY, 6}, {BALCONY, 8}, {BALCONY, 0}, {JULIET "/balcon", 7}, {JULIET "/balcony2", 7},
                {JULIET, 7},  {"", 7}};
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    xmppbind_stream *stream = by_hand_bound(&hand, "balcony", 7);
    assert_int_equal(xmppbind_directory_evicted(NULL, BALCONY, strlen(BALCONY), 7), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_evicted(hand.directory, NULL, 0, 7), XMPPBIND_ERROR_INVALID_ARGUMENT);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(xmppbind_directory_evicted(hand.directory, rows[i].jid, strlen(rows[i].jid), rows[i].claim),
                         XMPPBIND_ERROR_UNKNOWN_CLAIM);
    by_hand_holds(&hand, BALCONY, stream, 7);
    test_expect(stream, "");
    by_hand_free(&hand, stream);
    by_hand_tear_down(&hand);
}

static void note_woken(xmppbind_stream *stream, void *stream_user_data, void *user_data) {
    (void)stream_user_data;
    *(xmppbind_stream **)user_data = stream;
}

/* CONF-1: the stream loses that resource, and its host is told to drain it. */
static void conf_1_an_eviction(void **state) {
    struct by_hand hand;
    xmppbind_stream *woken = NULL;
    (void)state;
    by_hand_set_up(&hand);
    assert_int_equal(xmppbind_host_set_wakeup(hand.host, note_woken, &woken), XMPPBIND_OK);
    xmppbind_stream *stream = by_hand_bound(&hand, "balcony", 7);
    by_hand_accept(&hand, by_hand_bind(&hand, stream, "garden"), 8);
    test_drain_all(stream);
    woken = NULL;
    assert_int_equal(xmppbind_directory_evicted(hand.directory, BALCONY, strlen(BALCONY), 7), XMPPBIND_OK);
    assert_ptr_equal(woken, stream);
    by_hand_holds(&hand, BALCONY, NULL, 0);
    by_hand_holds(&hand, JULIET "/garden", stream, 8);
    assert_int_equal(xmppbind_directory_evicted(hand.directory, BALCONY, strlen(BALCONY), 7),
                     XMPPBIND_ERROR_UNKNOWN_CLAIM);
    test_expect(stream, "closed " BALCONY " evicted\n");
    by_hand_free(&hand, stream);
    assert_int_equal(hand.asked[2].claim, 8);
    assert_int_equal(hand.count, 3);
    by_hand_tear_down(&hand);
}

static void what_is_pending_is_counted(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    assert_int_equal(xmppbind_directory_pending(NULL), 0);
    assert_int_equal(xmppbind_directory_pending(hand.directory), 0);
    xmppbind_stream *stream = test_stream(hand.host, JULIET);
    uint64_t id = by_hand_bind(&hand, stream, "balcony");
    assert_int_equal(xmppbind_directory_list(hand.directory, JULIET, strlen(JULIET), ignore_entry, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_pending(hand.directory), 2);
    by_hand_accept(&hand, id, 1);
    assert_int_equal(xmppbind_directory_pending(hand.directory), 1);
    xmppbind_stream_free(stream);
    assert_int_equal(xmppbind_directory_pending(hand.directory), 2); /* the release */
    by_hand_tear_down(&hand);                                        /* nothing of it is left */
}

struct last_word {
    xmppbind_directory *directory;
    int again; /* lists still to be asked for at the end of one */
    int ends;
};

static void ask_again(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    struct last_word *word = user_data;
    (void)length;
    (void)claim;
    assert_null(jid);
    assert_int_equal(condition, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    word->ends++;
    if (word->again-- > 0)
        assert_int_equal(xmppbind_directory_list(word->directory, JULIET, strlen(JULIET), ask_again, word),
                         XMPPBIND_OK);
}

/* The callback that hears of the directory's end may still call it. */
static void a_list_asked_for_while_the_directory_goes(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    struct last_word word = {hand.directory, 3, 0};
    assert_int_equal(xmppbind_directory_list(hand.directory, JULIET, strlen(JULIET), ask_again, &word), XMPPBIND_OK);
    by_hand_tear_down(&hand);
    assert_int_equal(word.ends, 4);
}

/* Two names that differ and have one hash, under the key that is used here; one is the beginning of the other. */
static void names_of_one_hash_are_told_apart(void **state) {
    static const struct {
        const char *account, *resources[2];
    } rows[] = {{JULIET, {"r138422", "r149476"}}, {"d.eg", {"r12d1jida", "r1"}}, {"d.eg", {"r1", "r12d1jida"}}};
    static const struct xmppbind_hash_key key = {0, 0};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char jids[2][64];
        struct by_hand hand;
        by_hand_set_up(&hand);
        for (int j = 0; j < 2; j++)
            (void)snprintf(jids[j], sizeof jids[j], "%s/%s", rows[i].account, rows[i].resources[j]);
        assert_int_equal(xmppbind_name_hash_jid(&key, jids[0], strlen(jids[0])),
                         xmppbind_name_hash_jid(&key, jids[1], strlen(jids[1])));
        xmppbind_stream *first = by_hand_bound_for(&hand, rows[i].account, rows[i].resources[0], 1);
        by_hand_holds(&hand, jids[1], NULL, 0);
        xmppbind_stream *second = by_hand_bound_for(&hand, rows[i].account, rows[i].resources[1], 2);
        by_hand_holds(&hand, jids[0], first, 1);
        by_hand_holds(&hand, jids[1], second, 2);
        assert_int_equal(xmppbind_directory_evicted(hand.directory, jids[1], strlen(jids[1]), 1),
                         XMPPBIND_ERROR_UNKNOWN_CLAIM);
        by_hand_free(&hand, second);
        by_hand_holds(&hand, jids[0], first, 1);
        by_hand_free(&hand, first);
        by_hand_tear_down(&hand);
    }
}

enum { MANY = 70 /* resources and requests: more than any table starts with */ };

/* A host with the built-in directory but for lists, which stay open; its memory may be refused, and the allocator may
 * call the library. */
struct crowd {
    struct test_allocator source;
    xmppbind_allocator *allocator;
    xmppbind_host *host;
    xmppbind_stream *streams[2];
    size_t inside_at; /* the request for memory inside which the allocator binds for the second stream; 0: none */
};

static void *allocate(size_t size, void *user_data) {
    struct crowd *crowd = user_data;
    if (crowd->inside_at > 0 && --crowd->inside_at == 0)
        assert_int_equal(test_bind(crowd->streams[1], "inside", 1), XMPPBIND_OK);
    return test_allocate(size, &crowd->source);
}

static void release(void *memory, void *user_data) {
    struct crowd *crowd = user_data;
    test_release(memory, &crowd->source);
}

static int leave_open(const xmppbind_request *request, void *user_data) {
    (void)request;
    (void)user_data;
    return 0;
}

static void crowd_set_up(struct crowd *crowd) {
    memset(crowd, 0, sizeof *crowd);
    test_allocator_set_up(&crowd->source);
    assert_int_equal(xmppbind_allocator_new(&crowd->allocator, allocate, release, crowd), XMPPBIND_OK);
    crowd->host = test_host(crowd->allocator);
    test_option(crowd->host, "max-resources-per-stream", "1000");
    test_option(crowd->host, "max-resources-per-account", "1000");
    assert_int_equal(xmppbind_directory_set_list(xmppbind_host_directory(crowd->host), leave_open, NULL), XMPPBIND_OK);
    crowd->streams[0] = test_stream(crowd->host, JULIET);
    crowd->streams[1] = test_stream(crowd->host, "romeo@montague.example");
}

static void crowd_tear_down(struct crowd *crowd) {
    xmppbind_stream_free(crowd->streams[0]);
    xmppbind_stream_free(crowd->streams[1]);
    xmppbind_host_free(crowd->host);
    xmppbind_allocator_free(crowd->allocator);
    test_allocator_tear_down(&crowd->source);
}

/* Each resource is found, and at its own stream. */
static void crowd_check(struct crowd *crowd, uint32_t count, uint32_t inside) {
    assert_int_equal(xmppbind_stream_resource_count(crowd->streams[0]), count);
    assert_int_equal(xmppbind_stream_resource_count(crowd->streams[1]), inside);
    for (int i = 0; i < 2; i++) {
        const char *jid;
        size_t length;
        for (uint32_t at = 0; (jid = xmppbind_stream_resource(crowd->streams[i], at, &length)) != NULL; at++)
            assert_ptr_equal(xmppbind_host_find(crowd->host, jid, length, NULL), crowd->streams[i]);
    }
}

static void crowd_list(struct crowd *crowd, int count) {
    for (int i = 0; i < count; i++)
        assert_int_equal(
            xmppbind_directory_list(xmppbind_host_directory(crowd->host), JULIET, strlen(JULIET), ignore_entry, NULL),
            XMPPBIND_OK);
}

/* Again when memory was refused. */
static void crowd_bind(struct crowd *crowd, uint32_t count) {
    while (xmppbind_stream_resource_count(crowd->streams[0]) < count) {
        struct test_text text = {NULL, 0, 0};
        char resource[16];
        (void)snprintf(resource, sizeof resource, "r%u", xmppbind_stream_resource_count(crowd->streams[0]));
        int result = test_bind(crowd->streams[0], resource, 1);
        assert_true(result == XMPPBIND_OK || result == XMPPBIND_ERROR_NO_MEMORY);
        while (test_drain(crowd->streams[0], &text) != 0)
            ;
        test_text_free(&text);
    }
}

/* Tables that cannot grow work on: each request for memory fails once, at a time when both tables want more. */
static void memory_runs_out_when_tables_grow(void **state) {
    size_t fail_at = 0, refused;
    (void)state;
    do {
        struct crowd crowd;
        crowd_set_up(&crowd);
        crowd_list(&crowd, MANY);
        crowd_bind(&crowd, 31);
        test_allocator_fail(&crowd.source, ++fail_at, 0);
        crowd_bind(&crowd, 34);
        refused = crowd.source.refused;
        test_allocator_fail(&crowd.source, 0, 0);
        crowd_bind(&crowd, MANY);
        crowd_check(&crowd, MANY, 0);
        assert_int_equal(xmppbind_directory_pending(xmppbind_host_directory(crowd.host)), MANY);
        crowd_tear_down(&crowd);
    } while (refused > 0);
    assert_true(fail_at > 3);
}

/* Two threads find that both tables want to grow, and one is quicker. It is played by the allocator, which may call the
 * library too: inside each request for memory in turn. */
static void tables_grow_while_tables_grow(void **state) {
    size_t inside_at = 0, left;
    (void)state;
    do {
        struct crowd crowd;
        crowd_set_up(&crowd);
        crowd_bind(&crowd, 32);
        crowd_list(&crowd, MANY);
        crowd.inside_at = ++inside_at;
        crowd_bind(&crowd, 33);
        left = crowd.inside_at;
        crowd.inside_at = 0;
        crowd_bind(&crowd, MANY);
        test_drain_all(crowd.streams[1]);
        crowd_check(&crowd, MANY, left == 0);
        crowd_tear_down(&crowd);
    } while (left == 0);
    assert_true(inside_at > 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_mutex_there_is_no_host),
        cmocka_unit_test(callbacks_that_are_refused),
        cmocka_unit_test(callbacks_are_fixed_by_the_first_request),
        cmocka_unit_test(conf_8_evictions_that_hit_nobody),
        cmocka_unit_test(conf_1_an_eviction),
        cmocka_unit_test(what_is_pending_is_counted),
        cmocka_unit_test(a_list_asked_for_while_the_directory_goes),
        cmocka_unit_test(names_of_one_hash_are_told_apart),
        cmocka_unit_test(memory_runs_out_when_tables_grow),
        cmocka_unit_test(tables_grow_while_tables_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
