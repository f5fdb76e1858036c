#include "fight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xmppbind.h>
#include <xmppbind/redis.h>

enum { STREAMS = 4, OPEN = 8 /* requests of a stream that may wait */ };

struct stream {
    xmppbind_stream *stream; /* NULL: none */
    unsigned account;
    uint32_t asked[OPEN]; /* tags of requests without an answer, the oldest first */
    uint8_t names[OPEN];
    size_t count;
    int closing; /* it has said so */
};

struct fighter {
    struct fight *fight;
    struct fight_log *log;
    xmppbind_host *host;
    xmppbind_redis *redis;
    struct stream streams[STREAMS];
    uint32_t tag;
    uint64_t random;
};

static void must(int holds, const char *what) {
    if (!holds) {
        (void)fprintf(stderr, "a node that fights: %s\n", what);
        _Exit(1);
    }
}

static unsigned name_of(const char *jid) {
    unsigned name = 0;
    while (name < FIGHT_NAMES && strcmp(fight_name(name, NULL), jid) != 0)
        name++;
    must(name < FIGHT_NAMES, "a name that nobody asked for");
    return name;
}

/* --- what it learns --- */

static void note_answer(struct fighter *fighter, struct stream *stream, uint32_t tag) {
    must(stream->count > 0 && stream->asked[0] == tag, "an answer out of order");
    fight_write(fighter->log, FIGHT_ANSWERED, stream->names[0], tag, 0, fight_clock());
    stream->count--;
    memmove(stream->asked, stream->asked + 1, stream->count * sizeof *stream->asked);
    memmove(stream->names, stream->names + 1, stream->count);
}

static void take_event(struct fighter *fighter, struct stream *stream, xmppbind_event *event) {
    uint64_t number = xmppbind_event_claim(event);
    switch (xmppbind_event_kind(event)) {
    case XMPPBIND_EVENT_OPENED:
        must(stream->count > 0, "a session that nobody asked for");
        fight_write(fighter->log, FIGHT_OPENED, name_of(xmppbind_event_jid(event, NULL)), stream->asked[0], number,
                    fight_clock());
        break;
    case XMPPBIND_EVENT_CLOSED:
        fight_write(fighter->log, FIGHT_CLOSED, name_of(xmppbind_event_jid(event, NULL)), 0, number, fight_clock());
        break;
    case XMPPBIND_EVENT_ANSWER:
        note_answer(fighter, stream, (uint32_t)xmppbind_event_tag(event));
        break;
    default:
        stream->closing = 1; /* CLOSE; there are no stanzas */
    }
}

static void drain(struct fighter *fighter, struct stream *stream) {
    for (xmppbind_event *event = NULL; xmppbind_stream_next_event(stream->stream, &event) == 1;)
        take_event(fighter, stream, event);
}

/* What still waits ends with the stream, whose stream error (CONF-4) or end is the answer. */
static void end_stream(struct fighter *fighter, struct stream *stream) {
    must(xmppbind_stream_disconnect(stream->stream) == XMPPBIND_OK, "disconnect");
    drain(fighter, stream);
    while (stream->count > 0)
        note_answer(fighter, stream, stream->asked[0]);
    xmppbind_stream_free(stream->stream);
    *stream = (struct stream){.stream = NULL};
}

static void learn(struct fighter *fighter) {
    for (size_t i = 0; i < STREAMS; i++) {
        struct stream *stream = &fighter->streams[i];
        if (stream->stream == NULL)
            continue;
        drain(fighter, stream);
        if (stream->closing)
            end_stream(fighter, stream);
    }
}

/* --- what it asks --- */

static void open_stream(struct fighter *fighter, struct stream *stream) {
    size_t length;
    stream->account = (unsigned)fight_random(&fighter->random, FIGHT_ACCOUNTS);
    const char *account = fight_name(stream->account * FIGHT_RESOURCES, &length);
    must(xmppbind_stream_new(&stream->stream, fighter->host, account, length, NULL) == XMPPBIND_OK, "a stream");
}

static void ask(struct fighter *fighter, struct stream *stream, int unbind) {
    size_t length;
    unsigned name = stream->account * FIGHT_RESOURCES + (unsigned)fight_random(&fighter->random, FIGHT_RESOURCES);
    const char *jid = fight_name(name, &length), *resource = jid + length + 1;
    uint32_t tag = fighter->tag++;
    stream->asked[stream->count] = tag;
    stream->names[stream->count++] = (uint8_t)name;
    fight_write(fighter->log, FIGHT_ASKED, name, tag, 0, fight_clock());
    int result = unbind ? xmppbind_stream_unbind(stream->stream, resource, strlen(resource), tag)
                        : xmppbind_stream_bind(stream->stream, resource, strlen(resource), tag);
    if (result == XMPPBIND_ERROR_CLOSED) /* its end has not been drained yet */
        end_stream(fighter, stream);
    else
        must(result == XMPPBIND_OK, xmppbind_strerror(result));
}

static void act(struct fighter *fighter) {
    struct stream *stream = &fighter->streams[fight_random(&fighter->random, STREAMS)];
    uint64_t choice = fight_random(&fighter->random, 100);
    /* The fuller the log the slower, however long it takes; and there is room for what still has to be learnt. */
    if (fight_random(&fighter->random, FIGHT_EVENTS - 1000) < atomic_load(&fighter->log->count))
        return;
    if (stream->stream == NULL)
        open_stream(fighter, stream);
    if (choice < 10)
        end_stream(fighter, stream);
    else if (choice < 90 && stream->count < OPEN)
        ask(fighter, stream, choice < 25);
}

/* --- its life --- */

/* For who looks for the reason of a failure: XMPPBIND_FIGHT_LOG=1. */
static void say(int level, const char *message, size_t length, void *user_data) {
    const struct fighter *fighter = user_data;
    (void)level;
    (void)fprintf(stderr, "%.3f %s: %.*s\n", (double)fight_clock() / 1e9, fighter->log->node, (int)length, message);
}

/* Times are short, so that everything that takes time happens in a test. */
static void plug_in(struct fighter *fighter) {
    static const struct {
        int option;
        uint32_t value;
    } options[] = {{XMPPBIND_REDIS_LEASE, 400},          {XMPPBIND_REDIS_CHECK_INTERVAL, 500},
                   {XMPPBIND_REDIS_CLAIM_TIMEOUT, 1500}, {XMPPBIND_REDIS_REPLY_TIMEOUT, 400},
                   {XMPPBIND_REDIS_BACKOFF_LEAST, 5},    {XMPPBIND_REDIS_BACKOFF_MOST, 50}};
    const struct fight *fight = fighter->fight;
    must(xmppbind_redis_new(&fighter->redis, xmppbind_host_directory(fighter->host), fighter->log->node,
                            strlen(fighter->log->node), NULL) == XMPPBIND_OK,
         "a node");
    if (getenv("XMPPBIND_FIGHT_LOG") != NULL)
        must(xmppbind_redis_set_log(fighter->redis, say, fighter) == XMPPBIND_OK, "a log");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        must(xmppbind_redis_set(fighter->redis, options[i].option, options[i].value) == XMPPBIND_OK, "an option");
    for (size_t i = 0; i < fight->port_count; i++)
        must(xmppbind_redis_add_server(fighter->redis, "127.0.0.1", 9, fight->ports[i]) == XMPPBIND_OK, "a server");
}

/* Nodes do not agree on who gives way: every other one takes nothing that another holds. */
static void set_up(struct fighter *fighter) {
    static const char *const options[][2] = {{"max-bind-failures", "0"}, {"account-limit", "evict-oldest"}};
    size_t index = (size_t)(fighter->log - fighter->fight->logs);
    int gently = fighter->fight->gently;
    must(xmppbind_host_new(&fighter->host, NULL) == XMPPBIND_OK, "a host");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        must(xmppbind_host_set_option_text(fighter->host, options[i][0], strlen(options[i][0]), options[i][1],
                                           strlen(options[i][1])) == XMPPBIND_OK,
             "an option of a host");
    must(xmppbind_host_set_option(fighter->host, XMPPBIND_OPTION_MAX_RESOURCES_PER_ACCOUNT,
                                  gently ? FIGHT_RESOURCES : FIGHT_LIMIT) == XMPPBIND_OK,
         "a limit");
    must(xmppbind_host_set_option(fighter->host, XMPPBIND_OPTION_CONFLICT,
                                  gently || index % 2 == 1 ? XMPPBIND_CONFLICT_REJECT : XMPPBIND_CONFLICT_REPLACE) ==
             XMPPBIND_OK,
         "what becomes of conflicts");
    fighter->random = fighter->fight->seed + index;
    plug_in(fighter);
}

static void leave(struct fighter *fighter) {
    for (size_t i = 0; i < STREAMS; i++)
        if (fighter->streams[i].stream != NULL)
            end_stream(fighter, &fighter->streams[i]);
    must(xmppbind_redis_leave(fighter->redis) == XMPPBIND_OK, "leave");
    while (xmppbind_redis_state(fighter->redis) != XMPPBIND_REDIS_LEFT)
        must(xmppbind_redis_poll(fighter->redis, 10) == XMPPBIND_OK, "poll");
    xmppbind_redis_free(fighter->redis);
    must(xmppbind_directory_pending(xmppbind_host_directory(fighter->host)) == 0, "requests that are open at the end");
    xmppbind_host_free(fighter->host);
}

int fight_run_node(struct fight *fight, struct fight_log *log) {
    struct fighter fighter = {.fight = fight, .log = log, .tag = 1};
    set_up(&fighter);
    for (int phase; (phase = atomic_load(&fight->phase)) != FIGHT_LEAVE;) {
        if (phase == FIGHT_ON)
            act(&fighter);
        must(xmppbind_redis_poll(fighter.redis, (int)fight_random(&fighter.random, 4)) == XMPPBIND_OK, "poll");
        learn(&fighter);
    }
    leave(&fighter);
    return 0;
}
