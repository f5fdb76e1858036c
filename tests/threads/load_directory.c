/* Claims and releases of the directory in memory, by threads that are no streams. Each eviction is known. */
#include "lib/storage/memory_claims.h"
#include "load.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_request.h"

#include <stdlib.h>
#include <string.h>

struct claimant {
    struct load_worker *worker;
    struct test_request request;
    uint32_t *numbers; /* of each name: the claim that this thread was granted, and has not released; or 0 */
};

static void note_outcome(struct claimant *claimant, uint32_t before, unsigned name, const xmppbind_request *request,
                         const struct xmppbind_outcome *outcome) {
    struct load_worker *worker = claimant->worker;
    int condition = outcome->condition;
    if (condition != XMPPBIND_CONDITION_NONE) {
        load_expect(worker->load,
                    condition == XMPPBIND_CONDITION_CONFLICT || condition == XMPPBIND_CONDITION_RESOURCE_LIMIT,
                    "the condition of a refusal");
        (void)history_note(worker->log, before,
                           condition == XMPPBIND_CONDITION_CONFLICT ? HISTORY_CONFLICT : HISTORY_FULL, name, 0);
        return;
    }
    struct history_event *event = history_note(worker->log, before, HISTORY_CLAIMED, name, outcome->number);
    event->old_number = (uint32_t)outcome->old_number;
    char old[LOAD_JID];
    if (outcome->old_number != 0 && xmppbind_outcome_old_jid(outcome, request, old) > 0)
        event->old_name = (uint16_t)load_name(worker->load, old);
    claimant->numbers[name] = event->number;
}

static void claim(struct claimant *claimant, unsigned name) {
    struct load *load = claimant->worker->load;
    struct xmppbind_outcome outcome;
    char jid[LOAD_JID];
    size_t account_length;
    (void)load_jid(load, name, jid, &account_length);
    int wish = (load->mix.replace ? XMPPBIND_WISH_REPLACE : 0) | (load->mix.evict ? XMPPBIND_WISH_EVICT_OLDEST : 0);
    const xmppbind_request *request = test_request_claim(&claimant->request, jid, wish, load->mix.limit);
    uint32_t before = history_begin(&load->history);
    int result = xmppbind_memory_claim(load->memory, load->directory, request, &outcome);
    load_expect(load, result == XMPPBIND_OK, "a claim");
    note_outcome(claimant, before, name, request, &outcome);
    history_end(&load->history, claimant->worker->log);
    xmppbind_outcome_end(load->memory, &outcome);
}

static void release(struct claimant *claimant, unsigned name) {
    struct load *load = claimant->worker->load;
    char jid[LOAD_JID];
    size_t account_length;
    (void)load_jid(load, name, jid, &account_length);
    const xmppbind_request *request = test_request_release(&claimant->request, jid, claimant->numbers[name]);
    uint32_t before = history_begin(&load->history);
    xmppbind_memory_release(load->memory, load->directory, request);
    (void)history_note(claimant->worker->log, before, HISTORY_RELEASED, name, claimant->numbers[name]);
    history_end(&load->history, claimant->worker->log);
    claimant->numbers[name] = 0;
}

/* As when a stream ends: all that the thread holds of an account. */
static void release_account(struct claimant *claimant, unsigned name) {
    unsigned names = claimant->worker->load->mix.names_per_account, first = name / names * names;
    for (name = first; name < first + names; name++) {
        if (claimant->numbers[name] != 0)
            release(claimant, name);
    }
}

static void step(struct claimant *claimant) {
    struct load_worker *worker = claimant->worker;
    unsigned name = load_below(worker, worker->load->mix.accounts * worker->load->mix.names_per_account);
    uint32_t choice = load_below(worker, 40);
    if (choice < 6)
        load_find(worker, name);
    else if (choice < 8)
        load_list(worker, name);
    else if (choice < 9)
        release_account(claimant, name);
    else if (claimant->numbers[name] != 0 && choice % 2 == 0)
        release(claimant, name);
    else
        claim(claimant, name);
}

void *load_directory(void *user_data) {
    struct load_worker *worker = user_data;
    size_t size = worker->load->mix.accounts * worker->load->mix.names_per_account * sizeof(uint32_t);
    struct claimant claimant = {.worker = worker, .numbers = test_memory_get(size)};
    memset(claimant.numbers, 0, size);
    test_request_set_up(&claimant.request);
    load_start(worker);
    for (unsigned i = 0; i < worker->load->mix.steps; i++)
        step(&claimant);
    test_request_tear_down(&claimant.request);
    free(claimant.numbers);
    return NULL;
}
