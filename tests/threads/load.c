#include "load.h"

#include "history_check.h"
#include "tests/support/test_cmocka.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void load_expect(struct load *load, int condition, const char *what) {
    if (!condition && atomic_fetch_add(&load->failures, 1) == 0)
        fprintf(stderr, "failed: %s\n", what);
}

uint32_t load_below(struct load_worker *worker, uint32_t limit) {
    worker->random = worker->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(worker->random >> 33) % limit;
}

size_t load_jid(const struct load *load, unsigned name, char jid[LOAD_JID], size_t *length) {
    unsigned names = load->mix.names_per_account;
    int whole = snprintf(jid, LOAD_JID, "user%u@capulet.example/r%u", name / names, name % names);
    *length = (size_t)(strchr(jid, '/') - jid);
    return (size_t)whole;
}

unsigned load_name(const struct load *load, const char *jid) {
    unsigned account = 0, resource = 0;
    load_expect((struct load *)(uintptr_t)load, sscanf(jid, "user%u@capulet.example/r%u", &account, &resource) == 2,
                "a name of the test");
    return account * load->mix.names_per_account + resource;
}

void load_start(struct load_worker *worker) {
    (void)pthread_barrier_wait(&worker->load->start);
}

void load_find(struct load_worker *worker, unsigned name) {
    struct load *load = worker->load;
    char jid[LOAD_JID];
    uint64_t number = 0;
    size_t account_length, length = load_jid(load, name, jid, &account_length);
    uint32_t before = history_begin(&load->history);
    int result = xmppbind_memory_directory_find(load->memory, jid, length, &number);
    (void)history_note(worker->log, before, HISTORY_FOUND, name, number);
    history_end(&load->history, worker->log);
    load_expect(load, result == (number == 0 ? XMPPBIND_ERROR_UNKNOWN_CLAIM : XMPPBIND_OK), "a look-up");
}

/* Whatever the library calls of its host is a good moment for the other threads: between what a thread has decided and
 * what it tells, and outside all locks. */
static void let_others_run(void) {
    static _Thread_local uint32_t calls;
    if (++calls % 4 == 0)
        (void)sched_yield();
}

static void note_entry(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    struct load_worker *worker = user_data;
    (void)length;
    load_expect(worker->load, condition == XMPPBIND_CONDITION_NONE, "a list");
    if (jid == NULL)
        return;
    let_others_run();
    history_note_entry(worker->log, load_name(worker->load, jid), claim);
    worker->listed++;
}

void load_list(struct load_worker *worker, unsigned name) {
    struct load *load = worker->load;
    char jid[LOAD_JID];
    size_t account_length;
    (void)load_jid(load, name, jid, &account_length);
    size_t first = worker->log->entry_count;
    worker->listed = 0;
    uint32_t before = history_begin(&load->history);
    int result = xmppbind_directory_list(load->directory, jid, account_length, note_entry, worker);
    history_note(worker->log, before, HISTORY_LISTED, name, first)->old_number = worker->listed;
    history_end(&load->history, worker->log);
    load_expect(load, result == XMPPBIND_OK, "asking for a list");
}

static void *allocate(size_t size, void *user_data) {
    (void)user_data;
    let_others_run();
    return malloc(size);
}

static void release(void *memory, void *user_data) {
    (void)user_data;
    let_others_run();
    free(memory);
}

static void wake(xmppbind_stream *stream, void *stream_data, void *user_data) {
    (void)stream;
    (void)stream_data;
    (void)user_data;
    let_others_run();
}

static int answer(const xmppbind_request *request, void *user_data) {
    struct load *load = user_data;
    let_others_run();
    load_expect(load, xmppbind_memory_directory_answer(load->memory, load->directory, request) == XMPPBIND_OK,
                "an answer");
    let_others_run();
    return 0;
}

void load_set_up(struct load *load, const struct load_mix *mix, int told) {
    memset(load, 0, sizeof *load);
    load->mix = *mix;
    history_set_up(&load->history, mix->accounts, mix->names_per_account, mix->limit, told);
    assert_int_equal(xmppbind_allocator_new(&load->allocator, allocate, release, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_host_new(&load->host, load->allocator), XMPPBIND_OK);
    assert_int_equal(xmppbind_memory_directory_new(&load->memory, load->allocator, NULL, NULL), XMPPBIND_OK);
    load->directory = xmppbind_host_directory(load->host);
    assert_int_equal(xmppbind_directory_set_claims(load->directory, answer, answer, load), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_set_list(load->directory, answer, load), XMPPBIND_OK);
    assert_int_equal(xmppbind_host_set_wakeup(load->host, wake, NULL), XMPPBIND_OK);
    assert_int_equal(pthread_barrier_init(&load->start, NULL, HISTORY_THREADS), 0);
}

void load_run(struct load *load, void *(*run)(void *worker)) {
    struct load_worker workers[HISTORY_THREADS];
    pthread_t threads[HISTORY_THREADS];
    for (int i = 0; i < HISTORY_THREADS; i++) {
        workers[i] = (struct load_worker){load, &load->history.logs[i], (uint64_t)i + 1, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, run, &workers[i]), 0);
    }
    for (int i = 0; i < HISTORY_THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* What is left is looked up by one who comes after all others. */
static size_t look_at_the_end(struct load *load) {
    struct load_worker last = {load, &load->history.logs[HISTORY_THREADS], 1, 0};
    unsigned names = load->mix.accounts * load->mix.names_per_account;
    size_t found = 0;
    for (unsigned name = 0; name < names; name++) {
        load_find(&last, name);
        found += last.log->events[last.log->count - 1].number != 0;
        if (name % load->mix.names_per_account == 0)
            load_list(&last, name);
    }
    return found;
}

void load_check(struct load *load) {
    struct history_event culprit;
    assert_int_equal(xmppbind_memory_directory_count(load->memory), look_at_the_end(load));
    assert_int_equal(xmppbind_directory_pending(load->directory), 0);
    assert_int_equal(atomic_load(&load->failures), 0);
    int fault = history_check(&load->history, &culprit);
    if (fault != HISTORY_SOUND)
        fail_msg("%s: event %d of name %u, number %u, in %u to %u", history_fault_name(fault), culprit.kind,
                 culprit.name, culprit.number, culprit.before, culprit.after);
}

void load_tear_down(struct load *load) {
    xmppbind_host_free(load->host);
    xmppbind_memory_directory_free(load->memory);
    xmppbind_allocator_free(load->allocator);
    (void)pthread_barrier_destroy(&load->start);
    history_tear_down(&load->history);
}
