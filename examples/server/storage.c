/* Where the library keeps things: in memory, rosters in SQLite, or who holds which resource in Redis, which several
 * servers then share. (They share that alone; a message from one server to another is not an example's affair.) */
#include "server.h"

#include <stdlib.h>
#include <string.h>
#include <xmppbind/redis_uv.h>

struct storage {
    xmppbind_store *store;
    xmppbind_sqlite_store *sqlite;
    xmppbind_redis *redis;
    xmppbind_redis_uv *joined;
};

uint64_t storage_clock(struct server *server) {
    return uv_now(&server->loop);
}

/* At once: a server with many accounts would do this on a thread of its own. */
static int answer(const xmppbind_store_request *request, void *user_data) {
    const struct storage *storage = user_data;
    return xmppbind_sqlite_store_answer(storage->sqlite, storage->store, request);
}

static int open_rosters(struct storage *storage, const char *path) {
    int result = xmppbind_sqlite_store_new(&storage->sqlite, path, strlen(path), NULL);
    if (result == XMPPBIND_OK)
        result = xmppbind_store_new(&storage->store, NULL);
    if (result == XMPPBIND_OK)
        result = xmppbind_store_set_roster(storage->store, answer, answer, answer, storage);
    if (result == XMPPBIND_OK)
        result = xmppbind_store_set_lists(storage->store, answer, answer, answer, answer, storage);
    return result;
}

static int open_redis(struct server *server, struct storage *storage, const char *address, const char *node) {
    const char *colon = strrchr(address, ':');
    uint32_t port;
    if (colon == NULL || !parse_number(colon + 1, UINT16_MAX, &port))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = xmppbind_redis_new(&storage->redis, xmppbind_host_directory(server->host), node, strlen(node), NULL);
    if (result == XMPPBIND_OK)
        result = xmppbind_redis_set_log(storage->redis, server_log_library, server);
    if (result == XMPPBIND_OK)
        result = xmppbind_redis_add_server(storage->redis, address, (size_t)(colon - address), port);
    if (result == XMPPBIND_OK)
        result = xmppbind_redis_uv_new(&storage->joined, storage->redis, &server->loop, NULL);
    return result;
}

int storage_open(struct server *server, const char *rosters, const char *redis, const char *node) {
    struct storage *storage = calloc(1, sizeof *storage);
    if (storage == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    server->storage = storage;
    int result = rosters == NULL ? XMPPBIND_OK : open_rosters(storage, rosters);
    if (result == XMPPBIND_OK && redis != NULL)
        result = open_redis(server, storage, redis, node);
    if (result == XMPPBIND_OK)
        result = xmppbind_sessions_new(&server->sessions, server->host, storage->store);
    return result;
}

bool storage_leave(struct server *server) {
    xmppbind_redis *redis = server->storage->redis;
    if (redis == NULL)
        return true;
    (void)xmppbind_redis_leave(redis);
    return xmppbind_redis_state(redis) == XMPPBIND_REDIS_LEFT;
}

void storage_close(struct server *server) {
    struct storage *storage = server->storage;
    if (storage == NULL)
        return;
    xmppbind_redis_free(storage->redis);
    xmppbind_redis_uv_free(storage->joined);
    xmppbind_sessions_free(server->sessions);
    xmppbind_host_free(server->host);
    xmppbind_store_free(storage->store);
    xmppbind_sqlite_store_free(storage->sqlite);
    free(storage);
}
