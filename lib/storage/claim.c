/*
 * The life of a claim; its states and invariants are in request.h. Each transition is one function, made under the
 * lock; callbacks of the host come after it.
 */
#include "directory.h"
#include "lib/base/condition.h"
#include "lib/base/text.h"

static size_t size_of(size_t jid_length) {
    return sizeof(struct xmppbind_claim) + jid_length + 1;
}

static void free_claim(struct xmppbind_directory *directory, struct xmppbind_claim *claim) {
    xmppbind_spare_put(&directory->spare_claim, &directory->memory, xmppbind_claim_block(claim),
                       claim->request.room + size_of(claim->request.length));
}

struct xmppbind_claim *xmppbind_claim_new(struct xmppbind_directory *directory, const char *account,
                                          size_t account_length, uint32_t account_hash, const char *resource,
                                          size_t resource_length) {
    size_t length = account_length + 1 + resource_length, room = directory->claim_room;
    char *block = xmppbind_spare_get(&directory->spare_claim, &directory->memory, room + size_of(length));
    if (block == NULL)
        return NULL;
    for (size_t at = 0; at < room; at += sizeof(uint64_t)) /* a few: less than a call */
        memset(block + at, 0, sizeof(uint64_t));
    struct xmppbind_claim *claim = (void *)(block + room);
    memset(claim, 0, sizeof *claim);
    claim->request.room = (uint8_t)room;
    memcpy(claim->text, account, account_length);
    claim->text[account_length] = '/';
    xmppbind_copy(claim->text + account_length + 1, resource, resource_length);
    claim->text[length] = '\0';
    claim->request.length = (uint16_t)length;
    claim->request.account_length = (uint16_t)account_length;
    claim->request.hash = xmppbind_name_hash_resource(&directory->key, account_hash, resource, resource_length);
    claim->request.account_hash = account_hash;
    claim->request.references = 1;
    claim->older = claim;
    return claim;
}

/* Calls the host's storage. The claim may be gone when it returns. */
static void ask(struct xmppbind_directory *directory, struct xmppbind_claim *claim,
                xmppbind_request_callback callback) {
    uint64_t id = xmppbind_id_of(&claim->request);
    if (callback(&claim->request, directory->claims_data) != 0)
        (void)xmppbind_directory_reject(directory, id, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
}

void xmppbind_directory_claim(struct xmppbind_directory *directory, struct xmppbind_claim *claim, void *owner) {
    xmppbind_directory_lock(directory);
    claim->request.kind = XMPPBIND_REQUEST_CLAIM;
    claim->request.state = XMPPBIND_CLAIM_ASKED;
    claim->request.owner = owner;
    claim->request.number = 0; /* while it is asked for: the highest number that is known to be over */
    int requests_want = xmppbind_directory_open(directory, &claim->request);
    int holders_want = xmppbind_table_wanted(&directory->holders) != 0;
    xmppbind_directory_unlock(directory);
    if (requests_want)
        xmppbind_directory_grow(directory, &directory->requests);
    if (holders_want)
        xmppbind_directory_grow(directory, &directory->holders);
    ask(directory, claim, directory->claim);
}

/* Under the lock. */
static void start_release(struct xmppbind_directory *directory, struct xmppbind_claim *claim) {
    claim->request.kind = XMPPBIND_REQUEST_RELEASE;
    claim->request.state = XMPPBIND_CLAIM_RELEASING;
    (void)xmppbind_directory_open(directory, &claim->request);
}

/* Under the lock. */
static int begin_release(struct xmppbind_directory *directory, struct xmppbind_claim *claim) {
    if (claim->request.state != XMPPBIND_CLAIM_HELD)
        return 0;
    xmppbind_table_remove(&directory->holders, claim);
    start_release(directory, claim);
    return 1;
}

int xmppbind_directory_begin_release(struct xmppbind_directory *directory, struct xmppbind_claim *claim) {
    xmppbind_directory_lock(directory);
    int held = begin_release(directory, claim);
    xmppbind_directory_unlock(directory);
    return held;
}

void xmppbind_directory_ask_release(struct xmppbind_directory *directory, struct xmppbind_claim *claim) {
    ask(directory, claim, directory->release);
}

/* Under the lock. */
static void forget(struct xmppbind_directory *directory, struct xmppbind_claim *claim) {
    directory->owner_class->forget(claim);
    claim->request.state = XMPPBIND_CLAIM_IDLE;
}

/* A reference and the owner go. In one piece: an answer may be on its way on another thread. */
static void leave(struct xmppbind_directory *directory, struct xmppbind_claim *claim) {
    xmppbind_directory_lock(directory);
    int release = begin_release(directory, claim);
    if (claim->request.state == XMPPBIND_CLAIM_EVICTED)
        forget(directory, claim);
    int kept = xmppbind_claim_open(claim) || claim->request.references > 1;
    claim->request.references--;
    claim->request.owner = NULL; /* from here on an open claim is the directory's */
    xmppbind_directory_unlock(directory);
    if (release)
        xmppbind_directory_ask_release(directory, claim);
    else if (!kept)
        free_claim(directory, claim);
}

void xmppbind_claim_unreference(struct xmppbind_directory *directory, struct xmppbind_claim *claim) {
    if (claim->request.references > 1)
        claim->request.references--;
    else if (xmppbind_claim_state(claim) == XMPPBIND_CLAIM_IDLE) /* nobody else knows it */
        free_claim(directory, claim);
    else
        leave(directory, claim);
}

void xmppbind_claim_disown(struct xmppbind_directory *directory, struct xmppbind_claim *claim) {
    if (xmppbind_claim_state(claim) == XMPPBIND_CLAIM_IDLE) /* nobody asks for its owner */
        xmppbind_claim_unreference(directory, claim);
    else
        leave(directory, claim);
}

void xmppbind_claim_forget(struct xmppbind_directory *directory, struct xmppbind_claim *claim) {
    xmppbind_directory_lock(directory);
    forget(directory, claim);
    xmppbind_directory_unlock(directory);
}

/* Under the lock: the answer is in, the claim belongs to its owner again, or to nobody: whether nobody knows it any
 * longer. The state is written last: who still has the claim reads it without the lock, and may free the claim then. */
static int answered(struct xmppbind_directory *directory, struct xmppbind_claim *claim, int state, int condition,
                    struct xmppbind_notice *notice) {
    int owned = claim->request.owner != NULL;
    int known = owned || claim->request.references > 0; /* the references of an owner are its own business */
    claim->request.answer = (uint8_t)condition;
    if (owned)
        directory->owner_class->notify(claim, state == XMPPBIND_CLAIM_EVICTED, notice);
    claim->request.state = (uint8_t)state;
    return !known;
}

/* What is left to do for an answer once the lock is free; as a rule nothing. */
enum due { RELEASE = 1, GARBAGE = 2, LIST = 4, FAILURE = 8 };

struct aftermath {
    unsigned due;                     /* enum due bits */
    struct xmppbind_request *request; /* that they are due for */
    struct xmppbind_notice notice;    /* who got the answer */
    struct xmppbind_notice loser;     /* who held the JID until now */
};

/* Under the lock: the state of a claim that is granted. Of two claims for one JID the higher number is in force,
 * whatever order the news of them arrives in: what was granted and lost before the acceptance came is evicted at once
 * (CONF-5, CONF-8). */
static int settle(struct xmppbind_directory *directory, const struct xmppbind_claim *claim, uint64_t number,
                  struct xmppbind_notice *loser) {
    struct xmppbind_claim *held =
        xmppbind_directory_holder(directory, claim->text, claim->request.length, claim->request.hash, 0);
    if (number <= claim->request.number || (held != NULL && held->request.number > number))
        return XMPPBIND_CLAIM_EVICTED;
    if (held != NULL)
        xmppbind_directory_evict(directory, held, loser);
    return XMPPBIND_CLAIM_HELD;
}

/* Under the lock: a claim that nobody waits for is given back at once (BIND-12). */
static void accept_claim(struct xmppbind_directory *directory, struct xmppbind_claim *claim, uint64_t number,
                         struct aftermath *aftermath) {
    int state = settle(directory, claim, number, &aftermath->loser);
    claim->request.number = number;
    if (claim->request.owner != NULL && state == XMPPBIND_CLAIM_HELD)
        xmppbind_table_insert(&directory->holders, claim);
    if (answered(directory, claim, state, XMPPBIND_CONDITION_NONE, &aftermath->notice)) {
        start_release(directory, claim);
        aftermath->due = RELEASE;
    }
}

static void end_list(struct xmppbind_directory *directory, struct xmppbind_request *request, int condition) {
    struct xmppbind_list_request *list = (struct xmppbind_list_request *)(void *)request;
    list->callback(NULL, 0, 0, condition, list->user_data);
    xmppbind_memory_put(&directory->memory, list);
}

static XMPPBIND_NOINLINE void do_due(struct xmppbind_directory *directory, const struct aftermath *aftermath,
                                     int condition) {
    struct xmppbind_claim *claim = (struct xmppbind_claim *)(void *)aftermath->request;
    if ((aftermath->due & FAILURE) != 0)
        directory->owner_class->release_failed(directory->context, condition);
    if ((aftermath->due & LIST) != 0)
        end_list(directory, aftermath->request, condition);
    if ((aftermath->due & RELEASE) != 0)
        ask(directory, claim, directory->release);
    if ((aftermath->due & GARBAGE) != 0)
        free_claim(directory, claim);
}

static void finish(struct xmppbind_directory *directory, const struct aftermath *aftermath, int condition) {
    if (aftermath->due != 0)
        do_due(directory, aftermath, condition);
    if (aftermath->loser.owner != NULL)
        directory->owner_class->wake(directory->context, &aftermath->loser);
    if (aftermath->notice.owner != NULL)
        directory->owner_class->wake(directory->context, &aftermath->notice);
}

/* Under the lock. */
static int take_answer(struct xmppbind_directory *directory, uint64_t id, uint64_t number, int condition,
                       struct aftermath *aftermath) {
    struct xmppbind_request *request = xmppbind_directory_opened(directory, id);
    if (request == NULL)
        return XMPPBIND_ERROR_UNKNOWN_REQUEST;
    int accepts_claim = condition == XMPPBIND_CONDITION_NONE && request->kind == XMPPBIND_REQUEST_CLAIM;
    if (accepts_claim && number == 0)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_table_remove(&directory->requests, request);
    aftermath->request = request;
    struct xmppbind_claim *claim = (struct xmppbind_claim *)(void *)request;
    if (request->kind == XMPPBIND_REQUEST_LIST) {
        aftermath->due = LIST;
    } else if (accepts_claim) {
        accept_claim(directory, claim, number, aftermath);
    } else {
        if (condition != XMPPBIND_CONDITION_NONE && request->state == XMPPBIND_CLAIM_RELEASING)
            aftermath->due = FAILURE;
        if (answered(directory, claim, XMPPBIND_CLAIM_IDLE, condition, &aftermath->notice))
            aftermath->due |= GARBAGE;
    }
    return XMPPBIND_OK;
}

static int answer(struct xmppbind_directory *directory, uint64_t id, uint64_t number, int condition) {
    struct aftermath aftermath;
    if (directory == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    aftermath.due = 0;
    aftermath.notice.owner = aftermath.loser.owner = NULL;
    xmppbind_directory_enter(directory);
    xmppbind_directory_lock(directory);
    int result = take_answer(directory, id, number, condition, &aftermath);
    xmppbind_directory_unlock(directory);
    if (result == XMPPBIND_OK)
        finish(directory, &aftermath, condition);
    xmppbind_directory_leave(directory);
    return result;
}

int xmppbind_directory_accept(xmppbind_directory *directory, uint64_t request, uint64_t claim) {
    return answer(directory, request, claim, XMPPBIND_CONDITION_NONE);
}

int xmppbind_directory_reject(xmppbind_directory *directory, uint64_t request, int condition) {
    int known = xmppbind_condition_is_error(condition);
    return answer(directory, request, 0, known ? condition : XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
}
