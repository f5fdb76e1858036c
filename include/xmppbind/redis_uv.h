/**
 * @file redis_uv.h
 * @brief Joins a node of a directory in Redis to a loop of libuv: link with `pkg-config xmppbind-redis-uv`.
 */
#ifndef XMPPBIND_REDIS_UV_H
#define XMPPBIND_REDIS_UV_H

#include "redis.h"

#ifdef __cplusplus
extern "C" {
#endif

struct uv_loop_s;

/** What connects a node and a loop. Opaque. */
typedef struct xmppbind_redis_uv xmppbind_redis_uv;

/**
 * @brief Joins a node to a loop and starts it. From now on the loop gives the node its turns, on the loop's thread.
 * @param[out] joined the new object; untouched on failure
 * @param redis a node with a server that is not started and has no watch callback
 * @param loop the loop (`uv_loop_t *`); it must live until it has run once after xmppbind_redis_uv_free()
 * @param allocator where memory comes from, or NULL for malloc
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_NO_MEMORY or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_uv_new(xmppbind_redis_uv **joined, xmppbind_redis *redis, struct uv_loop_s *loop,
                                          const xmppbind_allocator *allocator);
/**
 * @brief Parts them: after xmppbind_redis_free(). Its memory is freed when the loop runs next.
 * @param joined what xmppbind_redis_uv_new() made, or NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT void xmppbind_redis_uv_free(xmppbind_redis_uv *joined);

#ifdef __cplusplus
}
#endif

#endif
