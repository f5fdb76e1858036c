/* Streams that bind, unbind, lose and close. What they are told is what is noted: who took what is not. */
#include "load.h"

#include "tests/support/test_allocator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREAMS = 3 /* of each thread */ };

struct player {
    struct load_worker *worker;
    xmppbind_stream *streams[STREAMS];
    unsigned first[STREAMS]; /* the first name of its account */
    uint32_t seen[STREAMS];  /* before the last call: what was lost later was not lost then */
    uint8_t *held[STREAMS];  /* of each name of the account: whether the stream was told that it has it */
    unsigned wanted;         /* the name of the bind that runs */
};

/* An event, in a call that began at `before`. Returns whether the stream is to be closed. */
static int note(struct player *player, int stream, uint32_t before, const xmppbind_event *event) {
    struct load_worker *worker = player->worker;
    int kind = xmppbind_event_kind(event), condition = xmppbind_event_condition(event);
    if (kind == XMPPBIND_EVENT_CLOSE)
        return 1;
    if (kind == XMPPBIND_EVENT_ANSWER) {
        if (xmppbind_event_tag(event) == 1 && condition == XMPPBIND_CONDITION_CONFLICT)
            (void)history_note(worker->log, before, HISTORY_CONFLICT, player->wanted, 0);
        if (xmppbind_event_tag(event) == 1 && condition == XMPPBIND_CONDITION_RESOURCE_LIMIT)
            (void)history_note(worker->log, before, HISTORY_FULL, player->wanted, 0);
        return 0;
    }
    unsigned name = load_name(worker->load, xmppbind_event_jid(event, NULL));
    int opened = kind == XMPPBIND_EVENT_OPENED;
    player->held[stream][name - player->first[stream]] = (uint8_t)opened;
    if (opened)
        (void)history_note(worker->log, before, HISTORY_CLAIMED, name, xmppbind_event_claim(event));
    else if (xmppbind_event_reason(event) == XMPPBIND_REASON_EVICTED)
        (void)history_note(worker->log, player->seen[stream], HISTORY_LOST, name, xmppbind_event_claim(event));
    else
        (void)history_note(worker->log, before, HISTORY_RELEASED, name, xmppbind_event_claim(event));
    return 0;
}

static int drain(struct player *player, int stream, uint32_t before) {
    xmppbind_event *event = NULL;
    int result, closed = 0;
    while ((result = xmppbind_stream_next_event(player->streams[stream], &event)) == 1)
        closed |= note(player, stream, before, event);
    load_expect(player->worker->load, result == 0, "draining");
    return closed;
}

static void close_stream(struct player *player, int stream) {
    struct load *load = player->worker->load;
    uint32_t before = history_begin(&load->history);
    load_expect(load, xmppbind_stream_disconnect(player->streams[stream]) == XMPPBIND_OK, "disconnecting");
    (void)drain(player, stream, before);
    xmppbind_stream_free(player->streams[stream]);
    history_end(&load->history, player->worker->log);
    player->streams[stream] = NULL;
}

static void open_stream(struct player *player, int stream) {
    struct load *load = player->worker->load;
    unsigned account = load_below(player->worker, load->mix.accounts);
    char jid[LOAD_JID];
    size_t length;
    player->first[stream] = account * load->mix.names_per_account;
    (void)load_jid(load, player->first[stream], jid, &length);
    memset(player->held[stream], 0, load->mix.names_per_account);
    player->seen[stream] = history_begin(&load->history);
    load_expect(load, xmppbind_stream_new(&player->streams[stream], load->host, jid, length, NULL) == XMPPBIND_OK,
                "a new stream");
}

/* Binds a name, or unbinds it if the stream was told that it has it. */
static int bind_or_unbind(struct player *player, int stream) {
    struct load *load = player->worker->load;
    unsigned resource = load_below(player->worker, load->mix.names_per_account);
    char text[16];
    int length = snprintf(text, sizeof text, "r%u", resource);
    uint32_t before = history_begin(&load->history);
    player->wanted = player->first[stream] + resource;
    int result = player->held[stream][resource]
                     ? xmppbind_stream_unbind(player->streams[stream], text, (size_t)length, 2)
                     : xmppbind_stream_bind(player->streams[stream], text, (size_t)length, 1);
    int closed = drain(player, stream, before);
    history_end(&load->history, player->worker->log);
    player->seen[stream] = before;
    load_expect(load, result == XMPPBIND_OK || (closed && result == XMPPBIND_ERROR_CLOSED), "binding or unbinding");
    return closed;
}

static void step(struct player *player) {
    struct load_worker *worker = player->worker;
    int stream = (int)load_below(worker, STREAMS);
    uint32_t choice = load_below(worker, 40);
    if (player->streams[stream] == NULL)
        open_stream(player, stream);
    if (choice < 4)
        load_find(worker, player->first[stream] + load_below(worker, worker->load->mix.names_per_account));
    else if (choice < 6)
        load_list(worker, player->first[stream]);
    else if (choice < 7 || bind_or_unbind(player, stream))
        close_stream(player, stream);
}

void *load_streams(void *user_data) {
    struct load_worker *worker = user_data;
    struct player player = {.worker = worker};
    for (int i = 0; i < STREAMS; i++)
        player.held[i] = test_memory_get(worker->load->mix.names_per_account);
    load_start(worker);
    for (unsigned i = 0; i < worker->load->mix.steps; i++)
        step(&player);
    for (int i = 0; i < STREAMS; i++) {
        if (player.streams[i] != NULL)
            close_stream(&player, i);
        free(player.held[i]);
    }
    return NULL;
}
