/* The sessions as a whole: made and freed, entered and left, what the host asks about them. */
#include "sessions.h"

#include "job.h"
#include "lib/base/random.h"
#include "lib/stanza/bytes.h"
#include "turn.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

static int make_lock(struct xmppbind_sessions *sessions) {
    pthread_mutexattr_t attributes;
    (void)pthread_mutexattr_init(&attributes);
    (void)pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK); /* so that re-entering is told, not hung */
    int failed = pthread_mutex_init(&sessions->lock, &attributes);
    (void)pthread_mutexattr_destroy(&attributes);
    return failed ? XMPPBIND_ERROR_NO_MEMORY : XMPPBIND_OK;
}

static int answer_from_memory(const xmppbind_store_request *request, void *user_data) {
    struct xmppbind_sessions *sessions = user_data;
    return xmppbind_memory_store_answer(sessions->memory_store, sessions->store, request);
}

/* A store of its own, in memory. */
static int make_store(struct xmppbind_sessions *sessions) {
    const struct xmppbind_host *host = sessions->host;
    xmppbind_allocator *allocator = NULL;
    int result = xmppbind_allocator_new(&allocator, sessions->memory.allocate, sessions->memory.release,
                                        sessions->memory.user_data);
    if (result == XMPPBIND_OK)
        result = xmppbind_memory_store_new(&sessions->memory_store, allocator, host->random, host->random_data);
    if (result == XMPPBIND_OK)
        result = xmppbind_store_new(&sessions->store, allocator);
    xmppbind_allocator_free(allocator);
    if (result != XMPPBIND_OK)
        return result;
    (void)xmppbind_store_set_roster(sessions->store, answer_from_memory, answer_from_memory, answer_from_memory,
                                    sessions);
    (void)xmppbind_store_set_lists(sessions->store, answer_from_memory, answer_from_memory, answer_from_memory,
                                   answer_from_memory, sessions);
    return XMPPBIND_OK;
}

static void free_stores(struct xmppbind_sessions *sessions) {
    if (sessions->memory_store != NULL)
        xmppbind_store_free(sessions->store);
    xmppbind_memory_store_free(sessions->memory_store);
}

static int init(struct xmppbind_sessions *sessions, struct xmppbind_host *host, xmppbind_store *store) {
    sessions->memory = *xmppbind_host_memory(host);
    sessions->host = host;
    sessions->store = store;
    sessions->uses = 1;
    xmppbind_table_init(&sessions->accounts, offsetof(struct xmppbind_account, table_next),
                        offsetof(struct xmppbind_account, hash));
    xmppbind_table_init(&sessions->table, offsetof(struct xmppbind_session, table_next),
                        sizeof(struct xmppbind_session) + offsetof(struct xmppbind_claim, request.hash));
    if (host->random((uint8_t *)&sessions->pushes_begin, sizeof sessions->pushes_begin, host->random_data) != 0)
        return XMPPBIND_ERROR_RANDOM;
    int result = store == NULL ? make_store(sessions) : XMPPBIND_OK;
    return result == XMPPBIND_OK ? make_lock(sessions) : result;
}

int xmppbind_sessions_new(xmppbind_sessions **sessions, xmppbind_host *host, xmppbind_store *store) {
    if (sessions == NULL || host == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = xmppbind_host_may_be_changed(host);
    if (result != XMPPBIND_OK || host->layer != NULL)
        return XMPPBIND_ERROR_STATE;
    struct xmppbind_sessions *made = xmppbind_memory_get(xmppbind_host_memory(host), sizeof *made);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    memset(made, 0, sizeof *made);
    result = init(made, host, store);
    if (result != XMPPBIND_OK) {
        free_stores(made);
        xmppbind_memory_put(xmppbind_host_memory(host), made);
        return result;
    }
    xmppbind_directory_enter(&host->directory); /* the host lives as long */
    host->directory.claim_room = sizeof(struct xmppbind_session);
    host->layer = &xmppbind_session_layer;
    host->layer_data = made;
    *sessions = made;
    return XMPPBIND_OK;
}

static void destroy(struct xmppbind_sessions *sessions) {
    const struct xmppbind_memory memory = sessions->memory;
    struct xmppbind_host *host = sessions->host;
    host->layer = NULL;
    host->directory.claim_room = 0;
    xmppbind_jobs_cancel(sessions); /* those that found no memory: nobody is asked any longer */
    while (sessions->ending != NULL) {
        struct xmppbind_account *account = xmppbind_session_account(sessions->ending);
        xmppbind_session_close(sessions, sessions->ending);
        xmppbind_account_release(sessions, account);
    }
    xmppbind_parcels_free(sessions, &sessions->out);
    xmppbind_sessions_release_event(sessions);
    xmppbind_memory_put(&memory, sessions->accounts.heads);
    xmppbind_memory_put(&memory, sessions->table.heads);
    (void)pthread_mutex_destroy(&sessions->lock);
    free_stores(sessions);
    xmppbind_memory_put(&memory, sessions);
    xmppbind_directory_leave(&host->directory);
}

int xmppbind_sessions_enter(struct xmppbind_sessions *sessions) {
    if (pthread_mutex_lock(&sessions->lock) == EDEADLK)
        return XMPPBIND_ERROR_REENTRANT;
    sessions->uses++;
    return XMPPBIND_OK;
}

void xmppbind_box_wake(struct xmppbind_box *box) {
    if (box->waking || box->stream == NULL)
        return;
    struct xmppbind_box **place = &box->sessions->wake_first;
    while (*place != NULL)
        place = &(*place)->wake_next;
    box->waking = 1;
    box->wake_next = NULL;
    *place = box;
}

/* The host may be called: not under the lock. The stream may go meanwhile, and so may the box. */
static void wake_boxes(struct xmppbind_sessions *sessions) {
    for (struct xmppbind_box *box; (box = sessions->wake_first) != NULL;) {
        struct xmppbind_notice notice = {NULL, NULL};
        sessions->wake_first = box->wake_next;
        box->waking = 0;
        if (box->stream == NULL)
            continue;
        xmppbind_stream_notify(box->stream, &notice);
        if (notice.owner == NULL)
            continue;
        xmppbind_sessions_unlock(sessions);
        sessions->host->wakeup(notice.owner, notice.owner_data, sessions->host->wakeup_data);
        xmppbind_sessions_lock(sessions);
    }
}

static void wake_host(struct xmppbind_sessions *sessions) {
    if (!sessions->to_wake)
        return;
    sessions->to_wake = 0;
    if (sessions->woken || sessions->wakeup == NULL)
        return;
    sessions->woken = 1;
    xmppbind_sessions_unlock(sessions);
    sessions->wakeup(sessions, sessions->wakeup_data);
    xmppbind_sessions_lock(sessions);
}

static void end_gone(struct xmppbind_sessions *sessions) {
    for (struct xmppbind_box *box; (box = sessions->gone_first) != NULL;) {
        sessions->gone_first = box->gone_next;
        xmppbind_box_end(box);
    }
}

void xmppbind_sessions_leave(struct xmppbind_sessions *sessions) {
    end_gone(sessions);
    wake_boxes(sessions);
    wake_host(sessions);
    int last = --sessions->uses == 0;
    xmppbind_sessions_unlock(sessions);
    if (last)
        destroy(sessions);
}

void xmppbind_sessions_free(xmppbind_sessions *sessions) {
    if (sessions == NULL)
        return;
    int entered = xmppbind_sessions_enter(sessions); /* or this thread has the lock, and gives it back later */
    sessions->uses--;
    if (entered != XMPPBIND_OK)
        return;
    xmppbind_jobs_cancel(sessions);
    xmppbind_sessions_leave(sessions);
}

int xmppbind_sessions_set_account(xmppbind_sessions *sessions, xmppbind_account_callback exists, void *user_data) {
    if (sessions == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = xmppbind_host_may_be_changed(sessions->host);
    if (result == XMPPBIND_OK) {
        sessions->account_exists = exists;
        sessions->account_data = user_data;
    }
    return result;
}

int xmppbind_sessions_set_wakeup(xmppbind_sessions *sessions, xmppbind_sessions_wakeup_callback wakeup,
                                 void *user_data) {
    if (sessions == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = xmppbind_host_may_be_changed(sessions->host);
    if (result == XMPPBIND_OK) {
        sessions->wakeup = wakeup;
        sessions->wakeup_data = user_data;
    }
    return result;
}

/* --- what leaves without a stream ----------------------------------------------------------------------------------
 */

void xmppbind_sessions_release_event(struct xmppbind_sessions *sessions) {
    if (sessions->hands_out && sessions->event.u.payload != NULL)
        xmlFreeNode(sessions->event.u.payload);
    xmppbind_memory_put(&sessions->memory, sessions->text);
    sessions->text = NULL;
    sessions->hands_out = 0;
}

static int next_event(struct xmppbind_sessions *sessions, xmppbind_event **event) {
    xmppbind_sessions_release_event(sessions);
    int result = xmppbind_sessions_retry(sessions);
    struct xmppbind_parcel *parcel = xmppbind_parcels_take(&sessions->out);
    if (parcel == NULL) {
        sessions->woken = 0;
        return result;
    }
    sessions->event = (struct xmppbind_event){{parcel->node}, NULL, parcel->kind, 0, 0};
    sessions->hands_out = 1;
    xmppbind_memory_put(&sessions->memory, parcel);
    *event = &sessions->event;
    return 1;
}

int xmppbind_sessions_next_event(xmppbind_sessions *sessions, xmppbind_event **event) {
    if (sessions == NULL || event == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = xmppbind_sessions_enter(sessions);
    if (result != XMPPBIND_OK)
        return result;
    result = next_event(sessions, event);
    xmppbind_sessions_leave(sessions);
    return result;
}

int xmppbind_sessions_event_bytes(xmppbind_sessions *sessions, xmppbind_event *event, const char **text,
                                  size_t *length) {
    if (sessions == NULL || event == NULL || text == NULL || length == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = xmppbind_sessions_enter(sessions);
    if (result != XMPPBIND_OK)
        return result;
    int ours = event == &sessions->event && sessions->hands_out && event->u.payload != NULL;
    result = ours ? xmppbind_stanza_bytes(event->u.payload, sessions->host, &sessions->text, text, length)
                  : XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_sessions_leave(sessions);
    return result;
}

/* --- what the host asks --------------------------------------------------------------------------------------------
 */

static int describe(const struct xmppbind_session *session, int *priority, char *list, size_t capacity) {
    if (session == NULL)
        return XMPPBIND_ERROR_UNKNOWN_CLAIM;
    if (priority != NULL)
        *priority = session->kept->priority;
    const struct xmppbind_list_entry *active = session->kept->active;
    if (capacity > 0)
        (void)snprintf(list, capacity, "%s", active == NULL ? "" : active->list->name);
    return (session->kept->presence != NULL ? XMPPBIND_SESSION_AVAILABLE : 0) |
           (session->kept->interested ? XMPPBIND_SESSION_INTERESTED : 0);
}

int xmppbind_sessions_describe(xmppbind_sessions *sessions, const char *jid, size_t length, int *priority, char *list,
                               size_t capacity) {
    if (sessions == NULL || jid == NULL || (list == NULL && capacity > 0))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = xmppbind_sessions_enter(sessions);
    if (result != XMPPBIND_OK)
        return result;
    result = describe(xmppbind_session_find(sessions, jid, length), priority, list, capacity);
    xmppbind_sessions_leave(sessions);
    return result;
}
