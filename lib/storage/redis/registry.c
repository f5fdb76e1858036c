#include "registry.h"
#include "record.h"
#include "server.h"
#include "slots.h"

#include <stdio.h>
#include <stdlib.h>

uint16_t xmppbind_redis_registry_slot(void) {
    return xmppbind_redis_slot("nodes", 5);
}

/* --- what is known of incarnations --- */

/* Writes ",a.1,b.2," of names that stand `stride` octets apart. */
static void join(char *text, const char *names, size_t stride, size_t count) {
    *text++ = ',';
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(names + i * stride);
        memcpy(text, names + i * stride, length);
        text += length;
        *text++ = ',';
    }
    *text = '\0';
}

static void join_former(struct xmppbind_redis_registry *registry) {
    join(registry->former_text, registry->former[0], sizeof registry->former[0], registry->former_count);
}

static void forget_former(struct xmppbind_redis_registry *registry, size_t index) {
    registry->former_count--;
    memmove(registry->former[index], registry->former[index + 1],
            (registry->former_count - index) * sizeof registry->former[0]);
    join_former(registry);
}

static int is_living(const struct xmppbind_redis_registry *registry, const char *name) {
    for (size_t i = 0; i < registry->living_count; i++)
        if (strcmp(registry->living[i].name, name) == 0)
            return 1;
    return 0;
}

static void note_dead(struct xmppbind_redis_registry *registry, const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i < XMPPBIND_REDIS_DEAD; i++)
        if (strcmp(registry->dead[i], name) == 0)
            return;
    memcpy(registry->dead[registry->dead_next], name, length + 1);
    registry->dead_next = (registry->dead_next + 1) % XMPPBIND_REDIS_DEAD;
    join(registry->dead_text, registry->dead[0], sizeof registry->dead[0], XMPPBIND_REDIS_DEAD);
}

const char *xmppbind_redis_living(struct xmppbind_redis *redis) {
    struct xmppbind_redis_registry *registry = &redis->registry;
    if (redis->now < registry->living_changes)
        return registry->living_text;
    char *text = registry->living_text;
    *text++ = ',';
    registry->living_changes = UINT64_MAX;
    for (size_t i = 0; i < registry->living_count; i++) {
        const struct xmppbind_redis_incarnation *incarnation = &registry->living[i];
        if (incarnation->until <= redis->now)
            continue;
        registry->living_changes = xmppbind_redis_earlier(registry->living_changes, incarnation->until);
        size_t length = strlen(incarnation->name);
        memcpy(text, incarnation->name, length);
        text += length;
        *text++ = ',';
    }
    *text = '\0';
    return registry->living_text;
}

/* --- the incarnations of this node --- */

void xmppbind_redis_retire(struct xmppbind_redis *redis) {
    struct xmppbind_redis_registry *registry = &redis->registry;
    if (registry->current[0] == '\0')
        return;
    if (registry->former_count == XMPPBIND_REDIS_FORMER)
        forget_former(registry, 0); /* its lease will end all the same */
    memcpy(registry->former[registry->former_count++], registry->current, sizeof registry->current);
    registry->current[0] = '\0';
    registry->wanted = 1; /* a new one, even if a question is under way whose answer says when the next one is due */
    join_former(registry);
}

static void become(struct xmppbind_redis *redis, const redisReply *name) {
    struct xmppbind_redis_registry *registry = &redis->registry;
    memcpy(registry->current, name->str, name->len + 1);
    registry->generation++;
    registry->sent_old = redis->sent;
    (void)atomic_fetch_add(&redis->incarnations, 1);
    xmppbind_redis_log(redis, XMPPBIND_LOG_INFO, "this node has a lease as", registry->current);
}

static void check_own(struct xmppbind_redis *redis) {
    struct xmppbind_redis_registry *registry = &redis->registry;
    if (registry->current[0] != '\0' && !is_living(registry, registry->current)) {
        if (!redis->leaving)
            xmppbind_redis_log(redis, XMPPBIND_LOG_WARNING, "the lease has ended of", registry->current);
        registry->current[0] = '\0';
        registry->renew_at = redis->now;
    }
    for (size_t i = registry->former_count; i-- > 0;)
        if (!is_living(registry, registry->former[i]))
            forget_former(registry, i);
}

/* Everything is delivered. */
static int may_leave(const struct xmppbind_redis *redis) {
    return redis->leaving && redis->waiting.count + redis->asking.count + redis->sent == 0;
}

/* --- the answer --- */

static int is_name(const redisReply *reply) {
    return reply->type == REDIS_REPLY_STRING && reply->len > 0 && reply->len < XMPPBIND_REDIS_INCARNATION_ROOM;
}

/* Without memory the answer does not count; the next one may. */
static int take_living(struct xmppbind_redis *redis, const redisReply *reply) {
    struct xmppbind_redis_registry *registry = &redis->registry;
    size_t count = reply->elements / 2;
    struct xmppbind_redis_incarnation *living = xmppbind_memory_get(&redis->memory, (count + 1) * sizeof *living);
    char *text = xmppbind_memory_get(&redis->memory, count * XMPPBIND_REDIS_INCARNATION_ROOM + 2);
    if (living == NULL || text == NULL) {
        xmppbind_memory_put(&redis->memory, living);
        xmppbind_memory_put(&redis->memory, text);
        return 0;
    }
    xmppbind_redis_registry_free(redis);
    registry->living = living;
    registry->living_text = text;
    registry->living_count = 0;
    registry->living_changes = 0;
    for (size_t i = 1; i + 1 < reply->elements; i += 2) {
        if (!is_name(reply->element[i]) || reply->element[i + 1]->type != REDIS_REPLY_STRING)
            continue;
        struct xmppbind_redis_incarnation *incarnation = &living[registry->living_count++];
        memcpy(incarnation->name, reply->element[i]->str, reply->element[i]->len + 1);
        incarnation->until = registry->asked_at + strtoull(reply->element[i + 1]->str, NULL, 10);
    }
    return 1;
}

/* What was asked before the question was sent is decided by its answer. */
static void decide_asking(struct xmppbind_redis *redis) {
    struct xmppbind_redis_registry *registry = &redis->registry;
    for (struct xmppbind_redis_record *record = redis->asking.first, *next; record != NULL; record = next) {
        next = record->next;
        if (record->question == registry->question)
            continue;
        if (!is_living(registry, record->asked))
            note_dead(registry, record->asked);
        xmppbind_memory_put(&redis->memory, record->asked);
        record->asked = NULL;
        xmppbind_redis_list_remove(&redis->asking, record);
        record->state = XMPPBIND_REDIS_RECORD_WAITING;
        xmppbind_redis_list_prepend(&redis->waiting, record);
    }
}

static void take_answer(struct xmppbind_redis *redis, const redisReply *reply) {
    struct xmppbind_redis_registry *registry = &redis->registry;
    uint32_t lease = xmppbind_redis_option(redis, XMPPBIND_REDIS_LEASE);
    if (!take_living(redis, reply)) {
        registry->renew_at = redis->now + lease / 10;
        return;
    }
    xmppbind_redis_listener_expect(redis, registry->asked_at);
    registry->renew_at = registry->asked_at + lease / 3;
    if (is_name(reply->element[0]) && registry->current[0] == '\0')
        become(redis, reply->element[0]);
    registry->until = registry->asked_at + lease;
    check_own(redis);
    if (may_leave(redis) && registry->current[0] == '\0' && registry->former_count == 0)
        redis->left = 1;
    decide_asking(redis);
}

static void on_answer(redisAsyncContext *context, void *answer, void *data) {
    struct xmppbind_redis_server *server = context->data;
    struct xmppbind_redis *redis = server->redis;
    struct xmppbind_redis_registry *registry = &redis->registry;
    const redisReply *reply = answer;
    (void)data;
    xmppbind_redis_server_answered(server);
    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements > 0) {
        take_answer(redis, reply);
    } else {
        registry->renew_at = redis->now + xmppbind_redis_option(redis, XMPPBIND_REDIS_LEASE) / 10;
        if (reply != NULL && xmppbind_redis_is_error(reply, "MOVED "))
            (void)xmppbind_redis_redirected(redis, reply, 1);
        else if (reply != NULL && xmppbind_redis_is_error(reply, "NOSCRIPT"))
            server->cut = 1; /* it is greeted anew, with the scripts */
        else if (reply != NULL)
            xmppbind_redis_complain(redis, reply);
        if (reply != NULL && xmppbind_redis_is_error(reply, "READONLY"))
            server->cut = 1; /* of several servers another one is to be found */
    }
    registry->under_way = 0;
}

/* --- the question --- */

/* Everything that is held is held under the current incarnation, and nothing is under way under another. */
static int may_give_up(const struct xmppbind_redis *redis) {
    const struct xmppbind_redis_registry *registry = &redis->registry;
    const struct xmppbind_redis_record *first = redis->holding.first;
    return registry->former_count > 0 && registry->current[0] != '\0' && registry->sent_old == 0 &&
           registry->sent_stale == 0 && (first == NULL || first->generation == registry->generation);
}

static void add_own(struct xmppbind_redis_command *command, char *word, char sign, const char *name) {
    int length = snprintf(word, XMPPBIND_REDIS_INCARNATION_ROOM + 1, "%c%s", sign, name);
    xmppbind_redis_word(command, word, (size_t)length);
}

static void ask(struct xmppbind_redis *redis, struct xmppbind_redis_server *server) {
    struct xmppbind_redis_registry *registry = &redis->registry;
    struct xmppbind_redis_command command = {0};
    char set[XMPPBIND_REDIS_NAME_MAXIMUM + 16], number[sizeof set], lease[16], channel[2 * sizeof set];
    char own[XMPPBIND_REDIS_FORMER + 1][XMPPBIND_REDIS_INCARNATION_ROOM + 1];
    int leave = may_leave(redis);
    char sign = leave || may_give_up(redis) ? '-' : '+'; /* the former ones are given up */
    (void)snprintf(set, sizeof set, "%s#{nodes}", redis->prefix);
    (void)snprintf(number, sizeof number, "%s#{nodes}n", redis->prefix);
    (void)snprintf(lease, sizeof lease, "%u", (unsigned)xmppbind_redis_option(redis, XMPPBIND_REDIS_LEASE));
    (void)snprintf(channel, sizeof channel, "%s%s", redis->channels, redis->node);
    xmppbind_redis_text(&command, "EVALSHA");
    xmppbind_redis_text(&command, server->scripts[XMPPBIND_REDIS_REGISTRY]);
    xmppbind_redis_text(&command, "2");
    xmppbind_redis_text(&command, set);
    xmppbind_redis_text(&command, number);
    xmppbind_redis_text(&command, lease);
    xmppbind_redis_text(&command, channel);
    xmppbind_redis_text(&command, registry->current[0] == '\0' && !redis->leaving ? redis->node : "");
    if (registry->current[0] != '\0')
        add_own(&command, own[XMPPBIND_REDIS_FORMER], leave ? '-' : '+', registry->current);
    for (size_t i = 0; i < registry->former_count; i++)
        add_own(&command, own[i], sign, registry->former[i]);
    if (xmppbind_redis_server_send(server, &command, on_answer, NULL) != XMPPBIND_OK)
        return;
    registry->under_way = 1;
    registry->asked_at = redis->now;
    registry->question++;
    registry->wanted = 0;
}

int xmppbind_redis_ask(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, const char *incarnation,
                       size_t length) {
    if (length >= XMPPBIND_REDIS_INCARNATION_ROOM)
        length = XMPPBIND_REDIS_INCARNATION_ROOM - 1; /* no incarnation of ours, so it is not found, and dead */
    record->asked = xmppbind_memory_get(&redis->memory, length + 1);
    if (record->asked == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    memcpy(record->asked, incarnation, length);
    record->asked[length] = '\0';
    record->question = redis->registry.question;
    record->state = XMPPBIND_REDIS_RECORD_ASKING;
    xmppbind_redis_list_append(&redis->asking, record);
    redis->expiry = xmppbind_redis_earlier(redis->expiry, record->time);
    redis->registry.wanted = 1;
    return XMPPBIND_OK;
}

void xmppbind_redis_registry_run(struct xmppbind_redis *redis) {
    struct xmppbind_redis_registry *registry = &redis->registry;
    struct xmppbind_redis_server *server = xmppbind_redis_server_of(redis, xmppbind_redis_registry_slot());
    xmppbind_redis_server_want(server);
    if (server->state != XMPPBIND_REDIS_UP || server->cut || registry->under_way || redis->left)
        return;
    if (redis->now >= registry->renew_at || registry->wanted || may_give_up(redis) || may_leave(redis))
        ask(redis, server);
}

uint64_t xmppbind_redis_registry_deadline(const struct xmppbind_redis *redis) {
    const struct xmppbind_redis_registry *registry = &redis->registry;
    return registry->under_way || redis->left ? UINT64_MAX : registry->renew_at;
}

void xmppbind_redis_registry_free(struct xmppbind_redis *redis) {
    xmppbind_memory_put(&redis->memory, redis->registry.living);
    xmppbind_memory_put(&redis->memory, redis->registry.living_text);
    redis->registry.living = NULL;
    redis->registry.living_text = NULL;
    redis->registry.living_count = 0;
}
