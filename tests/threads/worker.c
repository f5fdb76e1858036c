/* One thread: it opens streams, and does at random what clients do. */
#include "threads.h"

#include <stdio.h>
#include <string.h>

static const char shared_account[] = "juliet@capulet.example";
static const char *const names[NAMES] = {"balcony", "chamber", "garden", "orchard"};

static uint32_t below(struct worker *worker, uint32_t limit) {
    worker->random = worker->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(worker->random >> 33) % limit;
}

/* The place of a JID of the shared account among the names, or -1. */
static int name_of(const char *jid) {
    size_t length = sizeof shared_account - 1;
    if (strncmp(jid, shared_account, length) != 0)
        return -1;
    for (int i = 0; i < NAMES; i++) {
        if (strcmp(jid + length + 1, names[i]) == 0)
            return i;
    }
    return -1;
}

static struct session *find_session(struct shared *shared, const char *jid, uint64_t claim) {
    for (size_t i = shared->session_count; i-- > 0;) {
        struct session *session = &shared->sessions[i];
        if (session->claim == claim && strcmp(session->jid, jid) == 0)
            return session;
    }
    if (shared->session_count == shared->session_capacity) {
        shared->session_capacity = shared->session_capacity * 2 + 64;
        shared->sessions = test_memory_resize(shared->sessions, shared->session_capacity * sizeof(struct session));
    }
    struct session *made = &shared->sessions[shared->session_count++];
    memset(made, 0, sizeof *made);
    (void)snprintf(made->jid, sizeof made->jid, "%s", jid);
    made->claim = claim;
    return made;
}

static void note(struct worker *worker, int stream, const xmppbind_event *event) {
    struct shared *shared = worker->shared;
    const char *jid = xmppbind_event_jid(event, NULL);
    uint64_t claim = xmppbind_event_claim(event);
    int opened = xmppbind_event_kind(event) == XMPPBIND_EVENT_OPENED;
    pthread_mutex_lock(&shared->lock);
    struct session *session = find_session(shared, jid, claim);
    session->opened += opened;
    session->closed += !opened;
    session->reason = xmppbind_event_reason(event);
    pthread_mutex_unlock(&shared->lock);
    int name = name_of(jid);
    if (name < 0)
        return;
    worker->claims[stream][name] = opened ? claim : 0;
    unsigned long long newest = atomic_load(&shared->newest[name]);
    while (opened && claim > newest && !atomic_compare_exchange_weak(&shared->newest[name], &newest, claim))
        ;
}

/* Returns whether the stream is to be closed. */
static int drain(struct worker *worker, int stream) {
    xmppbind_event *event = NULL;
    int closed = 0, result;
    while ((result = xmppbind_stream_next_event(worker->streams[stream], &event)) == 1) {
        int kind = xmppbind_event_kind(event);
        closed |= kind == XMPPBIND_EVENT_CLOSE;
        if (kind == XMPPBIND_EVENT_OPENED || kind == XMPPBIND_EVENT_CLOSED)
            note(worker, stream, event);
    }
    threads_check(worker->shared, result == 0, "draining");
    return closed;
}

static void close_stream(struct worker *worker, int stream) {
    threads_check(worker->shared, xmppbind_stream_disconnect(worker->streams[stream]) == XMPPBIND_OK, "disconnect");
    (void)drain(worker, stream);
    xmppbind_stream_free(worker->streams[stream]);
    worker->streams[stream] = NULL;
    memset(worker->claims[stream], 0, sizeof worker->claims[stream]);
}

static void open_stream(struct worker *worker, int stream) {
    char account[64];
    struct shared *shared = worker->shared;
    atomic_int *woken = &shared->woken[worker->number * STREAMS + stream];
    if (stream == STREAMS - 1) /* an account that nobody else uses */
        (void)snprintf(account, sizeof account, "user%d@capulet.example", worker->number);
    else
        (void)snprintf(account, sizeof account, "%s", shared_account);
    atomic_store(woken, 0);
    threads_check(shared,
                  xmppbind_stream_new(&worker->streams[stream], shared->host, account, strlen(account), woken) ==
                      XMPPBIND_OK,
                  "a new stream");
}

/* What somebody else was seen to have opened since cannot be stamped here any more. */
static void stamp(struct worker *worker, int stream) {
    char from[64];
    const char *stamped = NULL, *session = NULL;
    size_t length = 0, session_length = 0;
    uint32_t name = below(worker, NAMES);
    struct shared *shared = worker->shared;
    uint64_t mine = worker->claims[stream][name];
    int lost = mine != 0 && atomic_load(&shared->newest[name]) > mine;
    (void)snprintf(from, sizeof from, "%s/%s", shared_account, names[name]);
    if (stream == STREAMS - 1)
        from[0] = '\0';
    int result = xmppbind_stream_stamp(worker->streams[stream], XMPPBIND_STANZA_MESSAGE, from[0] == '\0' ? NULL : from,
                                       strlen(from), &stamped, &length, &session, &session_length);
    if (lost)
        threads_check(shared, result != XMPPBIND_OK || strcmp(session, from) != 0,
                      "stamped with a claim that was lost");
}

static void end_of_list(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    struct shared *shared = user_data;
    (void)length;
    (void)claim;
    if (jid == NULL) {
        atomic_fetch_add(&shared->lists_ended, 1);
        threads_check(shared, condition == XMPPBIND_CONDITION_NONE, "a list");
    }
}

static void list(struct shared *shared) {
    atomic_fetch_add(&shared->lists, 1);
    threads_check(shared,
                  xmppbind_directory_list(shared->directory, shared_account, sizeof shared_account - 1, end_of_list,
                                          shared) == XMPPBIND_OK,
                  "asking for a list");
}

static void step(struct worker *worker, int stream) {
    xmppbind_stream *at = worker->streams[stream];
    const char *name = names[below(worker, NAMES)];
    uint32_t choice = below(worker, 20);
    if (choice < 8)
        (void)xmppbind_stream_bind(at, choice == 0 ? NULL : name, choice == 0 ? 0 : strlen(name), 1);
    else if (choice < 11)
        (void)xmppbind_stream_unbind(at, name, strlen(name), 2);
    else if (choice < 18)
        stamp(worker, stream);
    else if (choice == 18)
        list(worker->shared);
}

void *threads_worker(void *user_data) {
    struct worker *worker = user_data;
    worker->random = (uint64_t)worker->number + 1;
    for (int i = 0; i < STEPS; i++) {
        int stream = (int)below(worker, STREAMS);
        if (worker->streams[stream] == NULL)
            open_stream(worker, stream);
        step(worker, stream);
        int closed = drain(worker, stream);
        for (int j = 0; j < STREAMS; j++) {
            atomic_int *woken = &worker->shared->woken[worker->number * STREAMS + j];
            if (j != stream && worker->streams[j] != NULL && atomic_exchange(woken, 0) && drain(worker, j))
                close_stream(worker, j);
        }
        if (closed || below(worker, 40) == 0)
            close_stream(worker, stream);
    }
    for (int i = 0; i < STREAMS; i++) {
        if (worker->streams[i] != NULL)
            close_stream(worker, i);
    }
    return NULL;
}
