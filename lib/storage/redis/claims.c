#include "claims.h"
#include "holding.h"
#include "registry.h"
#include "server.h"
#include "slots.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    WINDOW = 1024,      /* commands under way on a connection */
    CHECK_WINDOW = 256, /* of them checks, so that claims do not wait behind them */
    PATIENCE = 4096,    /* records that cannot be sent, after which the others wait for the next turn */
    AGAIN = 100         /* milliseconds after which a server that cannot answer is asked again */
};

/* --- answers --- */

static int is_word(const redisReply *reply, const char *word) {
    return reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 && reply->element[0]->type == REDIS_REPLY_STRING &&
           strcmp(reply->element[0]->str, word) == 0;
}

static const redisReply *text_at(const redisReply *reply, size_t index) {
    return index < reply->elements && reply->element[index]->type == REDIS_REPLY_STRING ? reply->element[index] : NULL;
}

static uint64_t number_at(const redisReply *reply, size_t index) {
    const redisReply *text = text_at(reply, index);
    return text == NULL ? 0 : strtoull(text->str, NULL, 10);
}

/* It waits again, before all others. */
static void wait_again(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    record->state = XMPPBIND_REDIS_RECORD_WAITING;
    xmppbind_redis_list_prepend(&redis->waiting, record);
    if (record->purpose != XMPPBIND_REDIS_RELEASE)
        redis->expiry = xmppbind_redis_earlier(redis->expiry, record->time);
}

static void refuse(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, int condition) {
    xmppbind_redis_reject(redis, record, condition);
    xmppbind_redis_record_free(redis, record);
}

static void finish_release(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    redis->releases--;
    (void)atomic_fetch_sub(&redis->release_count, 1);
    (void)xmppbind_redis_accept(redis, record, 0);
    xmppbind_redis_record_free(redis, record);
}

/* Of a claim that ended, its holder was on this node, or was told by the script. The eviction comes first. */
static void tell_ended(struct xmppbind_redis *redis, const struct xmppbind_redis_record *record,
                       const redisReply *reply) {
    size_t node_length = strlen(redis->node);
    char jid[3072];
    memcpy(jid, record->text, record->account_length);
    jid[record->account_length] = '/';
    for (size_t i = 2; i + 2 < reply->elements; i += 3) {
        const redisReply *resource = text_at(reply, i), *incarnation = text_at(reply, i + 2);
        size_t at = record->account_length + (size_t)1;
        if (resource == NULL || incarnation == NULL || resource->len + at >= sizeof jid ||
            incarnation->len <= node_length || memcmp(incarnation->str, redis->node, node_length) != 0 ||
            incarnation->str[node_length] != '.')
            continue;
        memcpy(jid + at, resource->str, resource->len);
        xmppbind_redis_lost(redis, jid, at + resource->len, number_at(reply, i + 1));
    }
}

static void take_list(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, const redisReply *reply) {
    char jid[3072];
    size_t at = record->length + (size_t)1;
    memcpy(jid, record->text, record->length);
    jid[record->length] = '/';
    for (size_t i = 1; i + 1 < reply->elements; i += 2) {
        const redisReply *resource = text_at(reply, i);
        if (resource == NULL || resource->len + at >= sizeof jid)
            continue;
        memcpy(jid + at, resource->str, resource->len);
        (void)xmppbind_directory_list_entry(redis->directory, record->request, jid, at + resource->len,
                                            number_at(reply, i + 1));
    }
    (void)xmppbind_redis_accept(redis, record, 0);
    xmppbind_redis_record_free(redis, record);
}

/* An answer that nobody expects: storage that does not work must not be taken for a refusal. */
static void fail(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, const redisReply *reply) {
    xmppbind_redis_complain(redis, reply);
    switch (record->purpose) {
    case XMPPBIND_REDIS_HOLD:
        xmppbind_redis_not_held(redis, record);
        redis->resume_checks = redis->now + AGAIN;
        break;
    case XMPPBIND_REDIS_RELEASE:
        record->time = redis->now + AGAIN;
        redis->release_again = xmppbind_redis_earlier(redis->release_again, record->time);
        wait_again(redis, record);
        break;
    default:
        refuse(redis, record, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    }
}

static void take_claim(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, const redisReply *reply) {
    if (is_word(reply, "ok") && number_at(reply, 1) != 0) {
        tell_ended(redis, record, reply);
        xmppbind_redis_granted(redis, record, number_at(reply, 1));
    } else if (is_word(reply, "conflict")) {
        refuse(redis, record, XMPPBIND_CONDITION_CONFLICT);
    } else if (is_word(reply, "limit")) {
        refuse(redis, record, XMPPBIND_CONDITION_RESOURCE_LIMIT);
    } else if (is_word(reply, "late") && record->generation != redis->registry.generation) {
        wait_again(redis, record); /* under the incarnation of now */
    } else if (is_word(reply, "late")) {
        xmppbind_redis_log(redis, XMPPBIND_LOG_ERROR, "another node is running under the name", redis->node);
        refuse(redis, record, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    } else {
        fail(redis, record, reply);
    }
}

/* It depends on whether an incarnation lives. */
static void ask(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, const redisReply *incarnation) {
    if (xmppbind_redis_ask(redis, record, incarnation->str, incarnation->len) != XMPPBIND_OK)
        refuse(redis, record, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
}

static void take_answer(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, const redisReply *reply) {
    const redisReply *incarnation = is_word(reply, "ask") ? text_at(reply, 1) : NULL;
    if (incarnation != NULL && (record->purpose == XMPPBIND_REDIS_CLAIM || record->purpose == XMPPBIND_REDIS_LIST))
        ask(redis, record, incarnation);
    else if (record->purpose == XMPPBIND_REDIS_CLAIM)
        take_claim(redis, record, reply);
    else if (record->purpose == XMPPBIND_REDIS_LIST && is_word(reply, "ok"))
        take_list(redis, record, reply);
    else if (record->purpose == XMPPBIND_REDIS_HOLD && (is_word(reply, "held") || is_word(reply, "lost")))
        xmppbind_redis_held(redis, record, is_word(reply, "lost"));
    else if (record->purpose == XMPPBIND_REDIS_RELEASE && is_word(reply, "ok"))
        finish_release(redis, record);
    else
        fail(redis, record, reply);
}

/* What an error says about where, or when, to ask again: then nothing was done. */
static int is_to_be_sent_again(struct xmppbind_redis_server *server, struct xmppbind_redis_record *record,
                               const redisReply *reply) {
    static const char *const passing[] = {"LOADING",    "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN",
                                          "NOREPLICAS", "BUSY",        "READONLY", "UNKILLABLE"};
    struct xmppbind_redis *redis = server->redis;
    int moved = xmppbind_redis_is_error(reply, "MOVED ");
    if (moved || xmppbind_redis_is_error(reply, "ASK ")) {
        int index = xmppbind_redis_redirected(redis, reply, moved);
        record->redirected = moved ? 0 : (uint8_t)(index + 1);
        redis->resume_at = index < 0 ? redis->now + AGAIN : redis->resume_at;
        return 1;
    }
    if (xmppbind_redis_is_error(reply, "NOSCRIPT")) {
        server->cut = 1; /* it is greeted anew, with the scripts */
        return 1;
    }
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        if (xmppbind_redis_is_error(reply, passing[i])) {
            redis->resume_at = redis->now + AGAIN;
            server->cut |= passing[i][0] == 'R'; /* of several servers another one is to be found */
            return 1;
        }
    }
    return 0;
}

static void send_again(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    if (record->purpose == XMPPBIND_REDIS_HOLD)
        xmppbind_redis_not_held(redis, record);
    else
        wait_again(redis, record);
}

/* The connection was lost: what was asked may have been done, or may be done yet. */
static void lose(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    if (record->purpose != XMPPBIND_REDIS_RELEASE && record->purpose != XMPPBIND_REDIS_LIST &&
        record->generation == redis->registry.generation)
        xmppbind_redis_retire(redis);
    if (record->purpose == XMPPBIND_REDIS_RELEASE)
        (void)xmppbind_redis_accept(redis, record, 0); /* it is kept, and delivered later */
    send_again(redis, record);
}

static void on_answer(redisAsyncContext *context, void *answer, void *data) {
    struct xmppbind_redis_server *server = context->data;
    struct xmppbind_redis *redis = server->redis;
    struct xmppbind_redis_record *record = data;
    const redisReply *reply = answer;
    xmppbind_redis_server_answered(server);
    redis->sent--;
    if (record->generation != redis->registry.generation)
        redis->registry.sent_old--;
    if (record->purpose == XMPPBIND_REDIS_HOLD)
        redis->checks--;
    if (record->stale)
        redis->registry.sent_stale--;
    record->stale = 0;
    if (reply == NULL)
        lose(redis, record);
    else if (is_to_be_sent_again(server, record, reply))
        send_again(redis, record);
    else
        take_answer(redis, record, reply);
}

/* --- questions --- */

static void on_asking(redisAsyncContext *context, void *answer, void *data) {
    (void)answer;
    (void)data;
    xmppbind_redis_server_answered(context->data);
}

static uint64_t held_number(struct xmppbind_redis *redis, const struct xmppbind_redis_record *record) {
    const struct xmppbind_redis_record *held = xmppbind_redis_held_find(redis, record->text, record->length, 0);
    return held == NULL ? 0 : held->number;
}

/* For how many seconds Redis keeps an account; what is held has to be there at its next check. */
static unsigned keep_seconds(const struct xmppbind_redis *redis) {
    uint64_t keep = xmppbind_redis_option(redis, XMPPBIND_REDIS_KEEP);
    uint64_t checks = 3 * (uint64_t)xmppbind_redis_option(redis, XMPPBIND_REDIS_CHECK_INTERVAL);
    return (unsigned)((keep > checks ? keep : checks) / 1000);
}

/* Puts a record's command together and sends it. */
static int send_command(struct xmppbind_redis *redis, struct xmppbind_redis_server *server,
                        struct xmppbind_redis_record *record) {
    char key[XMPPBIND_REDIS_KEY_ROOM], ages[XMPPBIND_REDIS_KEY_ROOM];
    char keep[24], number[24], limit[8], greatest[24], held[24];
    const struct xmppbind_redis_registry *registry = &redis->registry;
    struct xmppbind_redis_command command = {0};
    size_t key_length = xmppbind_redis_account_key(key, redis->prefix, record->text, record->account_length);
    memcpy(ages, key, key_length);
    ages[key_length] = 'z';
    (void)snprintf(keep, sizeof keep, "%u", keep_seconds(redis));
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)record->number);
    xmppbind_redis_text(&command, "EVALSHA");
    xmppbind_redis_text(&command, server->scripts[record->purpose]);
    xmppbind_redis_text(&command, "2");
    xmppbind_redis_word(&command, key, key_length);
    xmppbind_redis_word(&command, ages, key_length + 1);
    xmppbind_redis_text(&command, registry->current);
    xmppbind_redis_text(&command, xmppbind_redis_living(redis));
    xmppbind_redis_text(&command, registry->dead_text);
    xmppbind_redis_text(&command, keep);
    xmppbind_redis_text(&command, redis->channels);
    xmppbind_redis_word(&command, record->text, record->account_length);
    if (record->purpose != XMPPBIND_REDIS_LIST)
        xmppbind_redis_word(&command, record->text + record->account_length + 1,
                            record->length - record->account_length - (size_t)1);
    if (record->purpose == XMPPBIND_REDIS_HOLD || record->purpose == XMPPBIND_REDIS_RELEASE)
        xmppbind_redis_text(&command, number);
    if (record->purpose == XMPPBIND_REDIS_CLAIM) {
        (void)snprintf(limit, sizeof limit, "%u", (unsigned)record->limit);
        (void)snprintf(greatest, sizeof greatest, "%llu", (unsigned long long)redis->greatest);
        (void)snprintf(held, sizeof held, "%llu", (unsigned long long)held_number(redis, record));
        xmppbind_redis_text(&command, record->replace ? "replace" : "reject");
        xmppbind_redis_text(&command, limit);
        xmppbind_redis_text(&command, record->evict_oldest ? "evict" : "refuse");
        xmppbind_redis_text(&command, greatest);
        xmppbind_redis_text(&command, registry->former_text);
        xmppbind_redis_text(&command, held);
    }
    return xmppbind_redis_server_send(server, &command, on_answer, record);
}

/* It is in no list any longer when it has been sent. */
static int send_record(struct xmppbind_redis *redis, struct xmppbind_redis_server *server,
                       struct xmppbind_redis_list *list, struct xmppbind_redis_record *record) {
    if (record->redirected != 0) {
        struct xmppbind_redis_command asking = {0};
        xmppbind_redis_text(&asking, "ASKING");
        if (xmppbind_redis_server_send(server, &asking, on_asking, NULL) != XMPPBIND_OK)
            return XMPPBIND_ERROR_STATE;
        record->redirected = 0;
    }
    if (send_command(redis, server, record) != XMPPBIND_OK)
        return XMPPBIND_ERROR_STATE;
    xmppbind_redis_list_remove(list, record);
    record->stale = record->purpose == XMPPBIND_REDIS_HOLD && record->generation != redis->registry.generation;
    redis->registry.sent_stale += record->stale;
    redis->checks += record->purpose == XMPPBIND_REDIS_HOLD;
    record->generation = redis->registry.generation;
    record->state = XMPPBIND_REDIS_RECORD_SENT;
    redis->sent++;
    return XMPPBIND_OK;
}

/* The server to send a record to, if that can take it now. */
static struct xmppbind_redis_server *open_server(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    struct xmppbind_redis_server *server = record->redirected != 0 ? redis->servers[record->redirected - 1]
                                                                   : xmppbind_redis_server_of(redis, record->slot);
    xmppbind_redis_server_want(server);
    if (server->state == XMPPBIND_REDIS_DOWN)
        record->redirected = 0; /* who has the slot may know better by then */
    return server->state == XMPPBIND_REDIS_UP && !server->cut && server->sent < WINDOW ? server : NULL;
}

static int may_be_sent(const struct xmppbind_redis *redis, const struct xmppbind_redis_record *record) {
    return record->purpose == XMPPBIND_REDIS_RELEASE ? record->time <= redis->now : xmppbind_redis_is_ready(redis);
}

static void dispatch_waiting(struct xmppbind_redis *redis) {
    int patience = redis->slots == NULL ? 1 : PATIENCE;
    if (redis->releases == 0 && !xmppbind_redis_is_ready(redis))
        return;
    for (struct xmppbind_redis_record *record = redis->waiting.first, *next; record != NULL && patience > 0;
         record = next) {
        next = record->next;
        if (!may_be_sent(redis, record))
            continue;
        struct xmppbind_redis_server *server = open_server(redis, record);
        if (server == NULL || send_record(redis, server, &redis->waiting, record) != XMPPBIND_OK)
            patience--;
    }
}

static void dispatch_checks(struct xmppbind_redis *redis) {
    while (xmppbind_redis_is_ready(redis) && redis->now >= redis->resume_checks && redis->checks < CHECK_WINDOW &&
           xmppbind_redis_holding_deadline(redis) <= redis->now) {
        struct xmppbind_redis_record *first = redis->holding.first;
        struct xmppbind_redis_server *server = open_server(redis, first);
        if (server == NULL || send_record(redis, server, &redis->holding, first) != XMPPBIND_OK)
            redis->resume_checks = redis->now + AGAIN;
    }
}

void xmppbind_redis_dispatch(struct xmppbind_redis *redis) {
    if (redis->now < redis->resume_at)
        return;
    if (redis->now >= redis->release_again)
        redis->release_again = UINT64_MAX;
    dispatch_waiting(redis);
    dispatch_checks(redis);
}

static void expire_list(struct xmppbind_redis *redis, struct xmppbind_redis_list *list) {
    for (struct xmppbind_redis_record *record = list->first, *next; record != NULL; record = next) {
        next = record->next;
        if (record->purpose == XMPPBIND_REDIS_RELEASE)
            continue;
        if (record->time > redis->now) {
            redis->expiry = xmppbind_redis_earlier(redis->expiry, record->time);
            continue;
        }
        xmppbind_redis_list_remove(list, record);
        refuse(redis, record, XMPPBIND_CONDITION_RESOURCE_CONSTRAINT);
    }
}

void xmppbind_redis_expire(struct xmppbind_redis *redis) {
    if (redis->now < redis->expiry)
        return;
    redis->expiry = UINT64_MAX;
    expire_list(redis, &redis->waiting);
    expire_list(redis, &redis->asking);
}

uint64_t xmppbind_redis_claims_deadline(const struct xmppbind_redis *redis) {
    uint64_t deadline = redis->expiry;
    if (redis->now < redis->resume_at)
        return xmppbind_redis_earlier(deadline, redis->resume_at);
    if (redis->checks < CHECK_WINDOW) {
        uint64_t check = xmppbind_redis_holding_deadline(redis);
        deadline = xmppbind_redis_earlier(deadline, check < redis->resume_checks ? redis->resume_checks : check);
    }
    deadline = xmppbind_redis_earlier(deadline, redis->release_again);
    return deadline;
}
