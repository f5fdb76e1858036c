/*
 * The layer's place in the draining of a stream: what happens to an event when its turn has come.
 *
 *     OPENED   a session begins
 *     CLOSED   it ends: first its unavailable presence, then the event
 *     ROUTE    a flow deals with the stanza: what comes of it is drained first; while it waits for storage, what stands
 *              behind it waits too
 *     others   go on as they are
 *
 * What others send to the stream (`mail`) comes when no event is there, or the first one waits, or ends something.
 */
#include "job.h"

#include "lib/stanza/receive.h"

static void link_box(struct xmppbind_box *box) {
    box->next = box->account->boxes;
    box->account->boxes = box;
}

static int begin(struct xmppbind_stream *stream) {
    struct xmppbind_sessions *sessions = stream->host->layer_data;
    struct xmppbind_box *box = xmppbind_memory_get(&sessions->memory, sizeof *box);
    if (box == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    int result = xmppbind_sessions_enter(sessions);
    if (result != XMPPBIND_OK) {
        xmppbind_memory_put(&sessions->memory, box);
        return result;
    }
    memset(box, 0, sizeof *box);
    box->sessions = sessions;
    box->stream = stream;
    box->account = xmppbind_account_get(sessions, stream->account, stream->account_length);
    if (box->account != NULL) {
        link_box(box);
        sessions->uses++;
        xmppbind_stream_set_part(stream, &box->part);
        stream->payload_class = &xmppbind_stanza_payload; /* others may write to it before its client does */
    }
    result = box->account == NULL ? XMPPBIND_ERROR_NO_MEMORY : XMPPBIND_OK;
    if (result != XMPPBIND_OK)
        xmppbind_memory_put(&sessions->memory, box);
    xmppbind_sessions_leave(sessions);
    return result;
}

/* --- the ends of sessions ---------------------------------------------------------------------------------------- */

/* XMPPBIND_OK: it has ended, what it leaves behind is drained from its box, or from the sessions. */
static int end_session(struct xmppbind_sessions *sessions, struct xmppbind_session *session) {
    struct xmppbind_turn turn;
    xmppbind_turn_begin(&turn, sessions, session->box);
    xmppbind_presence_end(session, &turn);
    if (turn.failed) {
        xmppbind_turn_discard(&turn);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    xmppbind_turn_commit(&turn);
    xmppbind_jobs_forget_session(session);
    xmppbind_session_close(sessions, session);
    return XMPPBIND_OK;
}

int xmppbind_sessions_retry_ends(struct xmppbind_sessions *sessions) {
    while (sessions->ending != NULL) {
        struct xmppbind_account *account = xmppbind_session_account(sessions->ending);
        if (end_session(sessions, sessions->ending) != XMPPBIND_OK)
            return XMPPBIND_ERROR_NO_MEMORY;
        xmppbind_account_release(sessions, account);
    }
    return XMPPBIND_OK;
}

static struct xmppbind_session *session_of_box(const struct xmppbind_box *box) {
    struct xmppbind_session *session = box->account->oldest;
    while (session != NULL && session->box != box)
        session = session->younger;
    return session;
}

/* Its stream was not drained: its sessions end all the same, oldest first (UNBIND-11). */
static void end_sessions(struct xmppbind_box *box) {
    struct xmppbind_sessions *sessions = box->sessions;
    struct xmppbind_session **last = &sessions->ending;
    while (*last != NULL)
        last = &(*last)->younger;
    for (struct xmppbind_session *session; (session = session_of_box(box)) != NULL;) {
        struct xmppbind_session **place = &box->account->oldest;
        xmppbind_jobs_forget_session(session);
        if (session->kept == &xmppbind_nothing_kept) { /* it leaves nothing behind */
            xmppbind_session_close(sessions, session);
            continue;
        }
        while (*place != session)
            place = &(*place)->younger;
        *place = session->younger;
        session->younger = NULL;
        session->box = NULL;
        box->account->ending++;
        *last = session;
        last = &session->younger;
    }
    sessions->to_wake = 1; /* if there is no memory now, draining takes it up */
    (void)xmppbind_sessions_retry_ends(sessions);
}

static void unlink_from(struct xmppbind_box **first, struct xmppbind_box *box) {
    while (*first != box)
        first = &(*first)->wake_next;
    *first = box->wake_next;
}

void xmppbind_box_end(struct xmppbind_box *box) {
    struct xmppbind_sessions *sessions = box->sessions;
    struct xmppbind_account *account = box->account;
    struct xmppbind_box **place = &account->boxes;
    xmppbind_jobs_forget_box(box);
    xmppbind_parcels_leave(sessions, &box->results);
    end_sessions(box);
    while (*place != box)
        place = &(*place)->next;
    *place = box->next;
    if (box->waking)
        unlink_from(&sessions->wake_first, box);
    xmppbind_parcels_free(sessions, &box->mail);
    xmppbind_memory_put(&sessions->memory, box);
    sessions->uses--;
    xmppbind_account_release(sessions, account);
}

static void end(struct xmppbind_stream *stream) {
    struct xmppbind_box *box = (struct xmppbind_box *)xmppbind_stream_part(stream);
    struct xmppbind_sessions *sessions = box->sessions;
    int entered = xmppbind_sessions_enter(sessions);
    box->stream = NULL;
    if (entered != XMPPBIND_OK) { /* this thread is inside, in a callback: when it leaves */
        box->gone_next = sessions->gone_first;
        sessions->gone_first = box;
        return;
    }
    xmppbind_box_end(box);
    xmppbind_sessions_leave(sessions);
}

/* --- draining ---------------------------------------------------------------------------------------------------- */

/* Hands a parcel out. The session that it comes from is that of the event which caused it. */
static int hand_out(struct xmppbind_box *box, struct xmppbind_parcel *parcel, const struct xmppbind_event *cause,
                    xmppbind_event **event) {
    struct xmppbind_event *made = &box->part.event;
    *made = (struct xmppbind_event){{parcel->node}, NULL, parcel->kind, 0, 0};
    if (cause != NULL && cause->kind == XMPPBIND_EVENT_ROUTE && parcel->kind == XMPPBIND_EVENT_ROUTE) {
        made->claim = cause->claim;
        made->claim->request.references++;
    }
    xmppbind_memory_put(&box->sessions->memory, parcel);
    box->part.hands_out = 1;
    *event = made;
    return 1;
}

static int route(struct xmppbind_box *box, struct xmppbind_event *first) {
    struct xmppbind_session *session = xmppbind_session_before(first->claim);
    struct xmppbind_job job = {
        .sessions = box->sessions, .account = box->account, .session = session, .box = box, .node = first->u.payload};
    struct xmppbind_letter letter;
    int flow = xmppbind_letter_read(box->sessions->host, job.node, 0, &letter);
    if (flow == XMPPBIND_OK)
        flow = xmppbind_job_begin(&job, &letter);
    if (flow == XMPPBIND_FLOW_ASK)
        first->u.payload = NULL; /* it is the job's */
    return flow;
}

static int ended(struct xmppbind_box *box, const struct xmppbind_event *first) {
    struct xmppbind_session *session = xmppbind_session_before(first->claim);
    return session->box == NULL ? XMPPBIND_FLOW_PASS : end_session(box->sessions, session);
}

/* What the first event comes to, when its turn has come. XMPPBIND_FLOW_DONE: it was dealt with, or is to be looked at
 * again. */
static int deal_with(struct xmppbind_box *box, struct xmppbind_event *first) {
    int flow = XMPPBIND_FLOW_PASS;
    switch (first->kind) {
    case XMPPBIND_EVENT_OPENED:
        return xmppbind_session_open(box, first->claim) == NULL ? XMPPBIND_ERROR_NO_MEMORY : flow;
    case XMPPBIND_EVENT_CLOSED:
        return ended(box, first);
    case XMPPBIND_EVENT_ROUTE:
        flow = route(box, first);
        if (flow == XMPPBIND_FLOW_DONE || flow == XMPPBIND_FLOW_ASK)
            box->dealt_with = 1; /* it goes when what came of it is drained */
        return flow;
    default:
        return flow;
    }
}

static int next_mail(struct xmppbind_box *box, xmppbind_event **event) {
    struct xmppbind_parcel *parcel = xmppbind_parcels_take(&box->mail);
    if (parcel == NULL)
        return XMPPBIND_OK;
    box->mail_count--;
    return hand_out(box, parcel, NULL, event);
}

static int next_of(struct xmppbind_box *box, xmppbind_event **event) {
    for (;;) {
        struct xmppbind_event *first = xmppbind_stream_peek(box->stream);
        struct xmppbind_parcel *parcel = xmppbind_parcels_take(&box->results);
        if (parcel != NULL)
            return hand_out(box, parcel, first, event);
        if (first == NULL || box->job != NULL)
            return next_mail(box, event);
        if (box->dealt_with) {
            box->dealt_with = 0;
            xmppbind_stream_drop(box->stream);
            continue;
        }
        int ends = first->kind == XMPPBIND_EVENT_CLOSED || first->kind == XMPPBIND_EVENT_CLOSE;
        if (ends && box->mail.first != NULL)
            return next_mail(box, event);
        int flow = deal_with(box, first);
        if (flow < 0)
            return flow;
        if (flow == XMPPBIND_FLOW_PASS) {
            *event = xmppbind_stream_take(box->stream);
            return 1;
        }
    }
}

static int next(struct xmppbind_stream *stream, xmppbind_event **event) {
    struct xmppbind_box *box = (struct xmppbind_box *)xmppbind_stream_part(stream);
    struct xmppbind_sessions *sessions = box->sessions;
    int result = xmppbind_sessions_enter(sessions);
    if (result != XMPPBIND_OK)
        return result;
    if (box->job != NULL) /* perhaps it found no memory */
        (void)xmppbind_jobs_run(sessions, box->account);
    result = next_of(box, event);
    if (result == XMPPBIND_OK && box->job != NULL && xmppbind_jobs_are_due(box->account))
        result = XMPPBIND_ERROR_NO_MEMORY;
    xmppbind_sessions_leave(sessions);
    return result;
}

const struct xmppbind_layer_class xmppbind_session_layer = {begin, next, end};
