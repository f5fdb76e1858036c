/*
 * SESS, PRES, ROST, SUB, DLV on several threads: streams of the same accounts that take each other's resources, send
 * presence, change rosters and subscriptions, and write to each other, each thread with streams of its own. Whoever
 * drains a stanza for an account delivers it. In the end every request was answered, and nothing is left.
 */
#include "late_store.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    THREADS = 6,
    STREAMS = 3,  /* of each thread */
    STEPS = 2500, /* of each thread; what they cause is delivered besides */
    ACCOUNTS = 3,
    RESOURCES = 3,
    REQUESTS = 32, /* of a stream that may wait */
    QUEUE = 1024
};

enum request_state { FREE, OWED, PERHAPS /* its session has ended: nobody may answer */ };

struct request {
    enum request_state state;
    unsigned number;
    int resource;
};

struct client {
    xmppbind_stream *stream;
    int account, closing;
    uint8_t bound[RESOURCES];
    struct request requests[REQUESTS];
};

struct shared;

struct worker {
    struct shared *shared;
    uint64_t random;
    unsigned requests;
    struct client clients[STREAMS];
    uintptr_t names[STREAMS]; /* of the streams, never used twice; 0: none */
    pthread_mutex_t lock;     /* of what follows: streams with something to drain */
    pthread_cond_t woken;
    uintptr_t queue[QUEUE];
    size_t first, count;
};

struct shared {
    struct test_allocator memory;
    xmppbind_host *host;
    xmppbind_sessions *sessions;
    struct late_store store; /* if that is wanted */
    int is_late;
    pthread_mutex_t draining; /* of the sessions, by one thread at a time */
    atomic_int out_waits;
    atomic_size_t failures, operations, answers;
    atomic_uintptr_t next_name;
    struct worker workers[THREADS];
};

static void check(struct shared *shared, int condition, const char *what) {
    if (!condition && atomic_fetch_add(&shared->failures, 1) < 10)
        fprintf(stderr, "%s\n", what);
}

static unsigned below(struct worker *worker, unsigned limit) {
    worker->random = worker->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((worker->random >> 33) % limit);
}

/* --- wake-ups ----------------------------------------------------------------------------------------------------- */

/* The name of a stream says whose it is: name % THREADS. */
static void wake(xmppbind_stream *stream, void *name, void *user_data) {
    struct shared *shared = user_data;
    struct worker *worker = &shared->workers[(uintptr_t)name % THREADS];
    (void)stream;
    pthread_mutex_lock(&worker->lock);
    check(shared, worker->count < QUEUE, "the queue of a thread is full");
    if (worker->count < QUEUE)
        worker->queue[(worker->first + worker->count++) % QUEUE] = (uintptr_t)name;
    pthread_cond_signal(&worker->woken);
    pthread_mutex_unlock(&worker->lock);
}

static void wake_sessions(xmppbind_sessions *sessions, void *user_data) {
    struct shared *shared = user_data;
    (void)sessions;
    atomic_store(&shared->out_waits, 1);
}

/* The next stream that was woken; 0: none, after waiting a little if that is wanted. */
static uintptr_t take_woken(struct worker *worker, int waits) {
    struct timespec until;
    uintptr_t name = 0;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&worker->lock);
    if (worker->count == 0 && waits)
        (void)pthread_cond_timedwait(&worker->woken, &worker->lock, &until);
    if (worker->count > 0) {
        name = worker->queue[worker->first++ % QUEUE];
        worker->count--;
    }
    pthread_mutex_unlock(&worker->lock);
    return name;
}

/* --- what comes out ------------------------------------------------------------------------------------------------
 */

static const char *attribute(const xmlNode *node, const char *name) {
    const xmlAttr *found = node->properties;
    while (found != NULL && strcmp((const char *)found->name, name) != 0)
        found = found->next;
    return found == NULL || found->children == NULL ? "" : (const char *)found->children->content;
}

/* As a server does; what is for elsewhere, or finds a stream that is not drained, is dropped. */
static void deliver(struct shared *shared, xmlNode *node) {
    int result = XMPPBIND_ERROR_QUEUE_FULL;
    atomic_fetch_add(&shared->operations, 1);
    if (strstr(attribute(node, "to"), "@host") != NULL)
        result = xmppbind_sessions_deliver(shared->sessions, node);
    check(shared, result == XMPPBIND_OK || result == XMPPBIND_ERROR_QUEUE_FULL, "delivering");
    if (result != XMPPBIND_OK)
        xmlFreeNode(node);
}

static void drain_sessions(struct shared *shared) {
    xmppbind_event *event = NULL;
    while (atomic_exchange(&shared->out_waits, 0)) {
        pthread_mutex_lock(&shared->draining);
        int result;
        while ((result = xmppbind_sessions_next_event(shared->sessions, &event)) == 1)
            if (xmppbind_event_kind(event) == XMPPBIND_EVENT_ROUTE)
                deliver(shared, xmppbind_event_take_stanza(event));
        check(shared, result == 0, "draining the sessions");
        pthread_mutex_unlock(&shared->draining);
    }
}

static void note_answer(struct worker *worker, struct client *client, const xmlNode *node) {
    const char *type = attribute(node, "type"), *id = attribute(node, "id");
    if (strcmp((const char *)node->name, "iq") != 0 || (strcmp(type, "result") != 0 && strcmp(type, "error") != 0))
        return;
    unsigned number = (unsigned)strtoul(id + (id[0] == 'q'), NULL, 10);
    int i = 0;
    while (i < REQUESTS && (client->requests[i].state == FREE || client->requests[i].number != number))
        i++;
    check(worker->shared, i < REQUESTS, "an answer to what was not asked, or a second one");
    if (i < REQUESTS)
        client->requests[i].state = FREE;
    atomic_fetch_add(&worker->shared->answers, 1);
}

static void note_session(struct client *client, const xmppbind_event *event, int opened) {
    const char *jid = xmppbind_event_jid(event, NULL);
    int resource = jid[strlen(jid) - 1] - '0';
    client->bound[resource] = (uint8_t)opened;
    for (int i = 0; i < REQUESTS && !opened; i++)
        if (client->requests[i].state == OWED && client->requests[i].resource == resource)
            client->requests[i].state = PERHAPS;
}

static void take_event(struct worker *worker, struct client *client, xmppbind_event *event) {
    int kind = xmppbind_event_kind(event);
    if (kind == XMPPBIND_EVENT_SEND)
        note_answer(worker, client, xmppbind_event_stanza(event));
    else if (kind == XMPPBIND_EVENT_ROUTE)
        deliver(worker->shared, xmppbind_event_take_stanza(event));
    else if (kind == XMPPBIND_EVENT_OPENED || kind == XMPPBIND_EVENT_CLOSED)
        note_session(client, event, kind == XMPPBIND_EVENT_OPENED);
    else if (kind == XMPPBIND_EVENT_CLOSE)
        client->closing = 1;
}

static void drain(struct worker *worker, struct client *client) {
    xmppbind_event *event = NULL;
    int result;
    while ((result = xmppbind_stream_next_event(client->stream, &event)) == 1)
        take_event(worker, client, event);
    check(worker->shared, result == 0, "draining a stream");
    drain_sessions(worker->shared);
}

static void drain_woken(struct worker *worker, int waits) {
    for (uintptr_t name; (name = take_woken(worker, waits)) != 0; waits = 0)
        for (int i = 0; i < STREAMS; i++)
            if (worker->names[i] == name)
                drain(worker, &worker->clients[i]);
}

/* --- streams ------------------------------------------------------------------------------------------------------ */

static int owes(const struct client *client) {
    int owed = 0;
    for (int i = 0; i < REQUESTS; i++)
        owed += client->requests[i].state == OWED;
    return owed;
}

/* Requests may wait for those of other threads; then the stream is woken. */
static void expect_answers(struct worker *worker, struct client *client) {
    enum { TRIES = 20000 };
    for (int i = 0; i < TRIES && owes(client) > 0; i++)
        drain_woken(worker, 1);
    check(worker->shared, owes(client) == 0, "a request was not answered");
}

static void close_client(struct worker *worker, int number, int drained) {
    struct client *client = &worker->clients[number];
    if (drained) {
        drain(worker, client);
        expect_answers(worker, client);
        check(worker->shared, xmppbind_stream_disconnect(client->stream) == XMPPBIND_OK, "disconnecting");
        drain(worker, client);
    }
    worker->names[number] = 0;
    xmppbind_stream_free(client->stream);
    memset(client, 0, sizeof *client);
    drain_sessions(worker->shared);
}

static void bind(struct worker *worker, struct client *client) {
    char resource[8];
    int length = snprintf(resource, sizeof resource, "r%u", below(worker, RESOURCES));
    int result = xmppbind_stream_bind(client->stream, resource, (size_t)length, 1);
    check(worker->shared, result == XMPPBIND_OK || result == XMPPBIND_ERROR_CLOSED, "binding");
}

static void open_client(struct worker *worker, int number) {
    struct client *client = &worker->clients[number];
    char account[16];
    uintptr_t owner = (uintptr_t)(worker - worker->shared->workers);
    client->account = (int)below(worker, ACCOUNTS);
    int length = snprintf(account, sizeof account, "a%d@host", client->account);
    worker->names[number] = atomic_fetch_add(&worker->shared->next_name, 1) * THREADS + owner;
    int result = xmppbind_stream_new(&client->stream, worker->shared->host, account, (size_t)length,
                                     (void *)worker->names[number]);
    check(worker->shared, result == XMPPBIND_OK, "a new stream");
    bind(worker, client);
}

static void unbind(struct worker *worker, struct client *client, int resource) {
    char text[8];
    int length = snprintf(text, sizeof text, "r%d", resource);
    int result = xmppbind_stream_unbind(client->stream, text, (size_t)length, 2);
    check(worker->shared, result == XMPPBIND_OK || result == XMPPBIND_ERROR_CLOSED, "unbinding");
}

/* --- stanzas -------------------------------------------------------------------------------------------------------
 */

static int any_bound(struct worker *worker, const struct client *client) {
    int first = (int)below(worker, RESOURCES), i = 0;
    while (i < RESOURCES && !client->bound[(first + i) % RESOURCES])
        i++;
    return i == RESOURCES ? -1 : (first + i) % RESOURCES;
}

static void any_address(struct worker *worker, int with_resource, char room[32]) {
    unsigned account = below(worker, ACCOUNTS + 1), resource = below(worker, RESOURCES);
    int length = account == ACCOUNTS ? snprintf(room, 32, "c@outside") : snprintf(room, 32, "a%u@host", account);
    if (with_resource)
        (void)snprintf(room + length, 32 - (size_t)length, "/r%u", resource);
}

static void receive(struct worker *worker, struct client *client, const char *text) {
    int result = xmppbind_stream_receive_bytes(client->stream, text, strlen(text));
    check(worker->shared, result == XMPPBIND_OK || result == XMPPBIND_ERROR_CLOSED, "receiving");
}

static void presence(struct worker *worker, struct client *client, int resource) {
    static const char *const types[] = {"", " type='unavailable'"};
    char text[256], to[32], attributes[64] = "";
    if (below(worker, 3) == 0) {
        any_address(worker, (int)below(worker, 2), to);
        (void)snprintf(attributes, sizeof attributes, " to='%s'", to);
    }
    (void)snprintf(text, sizeof text, "<presence from='a%d@host/r%d'%s%s><priority>%u</priority></presence>",
                   client->account, resource, attributes, types[below(worker, 4) == 0], below(worker, 3));
    receive(worker, client, text);
}

static void subscription(struct worker *worker, struct client *client, int resource) {
    static const char *const types[] = {"subscribe", "subscribed", "unsubscribe", "unsubscribed"};
    char text[256], to[32];
    any_address(worker, 0, to);
    (void)snprintf(text, sizeof text, "<presence from='a%d@host/r%d' to='%s' type='%s'/>", client->account, resource,
                   to, types[below(worker, 4)]);
    receive(worker, client, text);
}

static void message(struct worker *worker, struct client *client, int resource) {
    char text[256], to[32];
    any_address(worker, (int)below(worker, 2), to);
    (void)snprintf(text, sizeof text, "<message from='a%d@host/r%d' to='%s' type='chat'/>", client->account, resource,
                   to);
    receive(worker, client, text);
}

static void roster(struct worker *worker, struct client *client, int resource) {
    char text[256], to[32], item[96];
    unsigned choice = below(worker, 3);
    int i = 0;
    while (i < REQUESTS && client->requests[i].state != FREE)
        i++;
    if (i == REQUESTS)
        return;
    client->requests[i] = (struct request){OWED, worker->requests++, resource};
    any_address(worker, 0, to);
    (void)snprintf(item, sizeof item, "<item jid='%s'%s/>", to, choice == 1 ? "" : " subscription='remove'");
    (void)snprintf(
        text, sizeof text, "<iq from='a%d@host/r%d' type='%s' id='q%u'><query xmlns='jabber:iq:roster'>%s</query></iq>",
        client->account, resource, choice == 0 ? "get" : "set", client->requests[i].number, choice == 0 ? "" : item);
    receive(worker, client, text);
}

static void from_outside(struct worker *worker) {
    static const char *const types[] = {"subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe"};
    char text[256], to[32];
    any_address(worker, 0, to);
    (void)snprintf(text, sizeof text, "<presence from='c@outside' to='%s' type='%s'/>", to, types[below(worker, 5)]);
    int result = xmppbind_sessions_deliver_bytes(worker->shared->sessions, text, strlen(text));
    check(worker->shared, result == XMPPBIND_OK || result == XMPPBIND_ERROR_QUEUE_FULL, "delivering from outside");
    drain_sessions(worker->shared);
}

/* --- all together --------------------------------------------------------------------------------------------------
 */

static void act(struct worker *worker, struct client *client) {
    int resource = any_bound(worker, client);
    unsigned choice = below(worker, 100);
    if (choice < 12 || resource < 0)
        bind(worker, client);
    else if (choice < 16)
        unbind(worker, client, resource);
    else if (choice < 50)
        presence(worker, client, resource);
    else if (choice < 70)
        subscription(worker, client, resource);
    else if (choice < 85)
        roster(worker, client, resource);
    else
        message(worker, client, resource);
}

static void step(struct worker *worker) {
    int number = (int)below(worker, STREAMS);
    struct client *client = &worker->clients[number];
    unsigned choice = below(worker, 100);
    if (client->stream == NULL)
        open_client(worker, number);
    else if (client->closing)
        close_client(worker, number, 1);
    else if (choice < 4)
        close_client(worker, number, choice < 2);
    else if (choice < 10)
        from_outside(worker);
    else
        act(worker, client);
    atomic_fetch_add(&worker->shared->operations, 1);
    if (client->stream != NULL && below(worker, 4) > 0)
        drain(worker, client);
    drain_woken(worker, 0);
}

static void *work(void *user_data) {
    struct worker *worker = user_data;
    for (int i = 0; i < STEPS; i++)
        step(worker);
    for (int i = 0; i < STREAMS; i++)
        if (worker->clients[i].stream != NULL)
            close_client(worker, i, 1);
    return NULL;
}

static void set_up(struct shared *shared, int is_late) {
    memset(shared, 0, sizeof *shared);
    shared->is_late = is_late;
    test_allocator_set_up(&shared->memory);
    shared->host = test_host(shared->memory.allocator);
    atomic_store(&shared->next_name, 1);
    assert_int_equal(pthread_mutex_init(&shared->draining, NULL), 0);
    assert_int_equal(xmppbind_host_set_wakeup(shared->host, wake, shared), XMPPBIND_OK);
    if (is_late)
        late_store_set_up(&shared->store, shared->memory.allocator);
    assert_int_equal(xmppbind_sessions_new(&shared->sessions, shared->host, shared->store.store), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_set_wakeup(shared->sessions, wake_sessions, shared), XMPPBIND_OK);
    for (unsigned i = 0; i < THREADS; i++) {
        struct worker *worker = &shared->workers[i];
        worker->shared = shared;
        worker->random = i + 1;
        assert_int_equal(pthread_mutex_init(&worker->lock, NULL), 0);
        assert_int_equal(pthread_cond_init(&worker->woken, NULL), 0);
    }
}

static void tear_down(struct shared *shared) {
    if (shared->is_late)
        late_store_finish(&shared->store);
    atomic_store(&shared->out_waits, 1);
    drain_sessions(shared);
    assert_int_equal(xmppbind_directory_pending(xmppbind_host_directory(shared->host)), 0);
    xmppbind_sessions_free(shared->sessions);
    xmppbind_host_free(shared->host);
    if (shared->is_late)
        late_store_tear_down(&shared->store);
    test_allocator_tear_down(&shared->memory);
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_cond_destroy(&shared->workers[i].woken);
        (void)pthread_mutex_destroy(&shared->workers[i].lock);
    }
    (void)pthread_mutex_destroy(&shared->draining);
}

static void play(int is_late) {
    static struct shared shared;
    pthread_t threads[THREADS];
    set_up(&shared, is_late);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &shared.workers[i]), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    print_message("%zu operations, %zu answers\n", atomic_load(&shared.operations), atomic_load(&shared.answers));
    assert_int_equal(atomic_load(&shared.failures), 0);
    assert_true(atomic_load(&shared.answers) > 0);
    tear_down(&shared);
}

static void sess_1_on_several_threads(void **state) {
    (void)state;
    play(0);
}

static void sess_1_with_a_store_on_a_thread_of_its_own(void **state) {
    (void)state;
    play(1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sess_1_on_several_threads),
        cmocka_unit_test(sess_1_with_a_store_on_a_thread_of_its_own),
    };
    xmlInitParser();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
