/**
 * @file redis.h
 * @brief A directory that several nodes share through Redis: link with `pkg-config xmppbind-redis`.
 *
 * Every node (a process with a host of its own) makes one #xmppbind_redis for the directory of its host. Claims,
 * releases and lists become atomic scripts in Redis, so at no moment do two nodes hold one full JID (CONF-5). Redis 5
 * or later, alone or as a cluster.
 *
 * # What is promised
 *
 * - **Numbers.** Every claim gets a fencing number that is greater than all before it for that account, also when Redis
 *   has lost its data; the host sees it as the claim number of the session. Whoever acts for a session outside (writes
 *   to a store, say) hands that number on, so that a late holder is told from the present one.
 * - **Leases.** A node keeps a lease that it renews. What a dead node held is free when its lease ends.
 * - **Eviction** reaches the node that held the claim by publish/subscribe, and at the latest at the next of its own
 *   checks ("check-interval"). Until then both nodes serve the JID, under different numbers; the greater is right.
 * - **Redis away.** Claims that wait end after "claim-timeout" with resource-constraint (type wait). Sessions that
 *   exist go on. Releases are answered and kept, and delivered later. When Redis comes back, with its data or without,
 *   the node claims again what it holds; where another node has a claim with a greater number, this one is evicted.
 *
 * # The event loop is the host's
 *
 * Whatever it is, it watches the descriptors that the watch callback names, and calls xmppbind_redis_ready() when one
 * can be read or written, and xmppbind_redis_run() at xmppbind_redis_deadline(). xmppbind_redis_poll() is such a loop
 * with poll(2) in one call; `xmppbind/redis_uv.h` is an adapter for libuv. All functions except
 * xmppbind_redis_count() are for the one thread of that loop; the streams of the host may be on any threads.
 *
 * Redis may close a connection that is just being written to: the SIGPIPE of that is taken care of here, whatever the
 * host does with this signal.
 *
 * Names of servers are resolved by the system, which may block: give addresses where that matters.
 *
 * Memory of connections is hiredis's and comes from malloc.
 */
#ifndef XMPPBIND_REDIS_H
#define XMPPBIND_REDIS_H

#include "base.h"
#include "binding.h"
#include "storage.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One node of a directory in Redis. Opaque. */
typedef struct xmppbind_redis xmppbind_redis;

/** What a node can be told with xmppbind_redis_set(), by number or by name. Times are in milliseconds. */
enum xmppbind_redis_option {
    XMPPBIND_REDIS_LEASE = 1,          /**< "lease": how long a node that says nothing is held alive; 15000 */
    XMPPBIND_REDIS_CHECK_INTERVAL = 2, /**< "check-interval": how often each claim held here is checked; 60000 */
    XMPPBIND_REDIS_CLAIM_TIMEOUT = 3,  /**< "claim-timeout": how long a claim may wait for Redis; 5000 */
    XMPPBIND_REDIS_REPLY_TIMEOUT = 4,  /**< "reply-timeout": silence after which a connection is cut; 3000 */
    XMPPBIND_REDIS_BACKOFF_LEAST = 5,  /**< "backoff-least": the first pause before connecting again; 50 */
    XMPPBIND_REDIS_BACKOFF_MOST = 6,   /**< "backoff-most": the longest such pause; 5000 */
    XMPPBIND_REDIS_MAX_WAITING = 7,    /**< "max-waiting": claims and lists that may wait; more are refused; 100000 */
    XMPPBIND_REDIS_MAX_RELEASES = 8,   /**< "max-releases": releases that may be kept. With more, the node gives up its
                                          lease instead and claims again what it holds; 100000 */
    XMPPBIND_REDIS_KEEP = 9            /**< "keep": for how long Redis keeps what it knows of an account that nobody
                                          checks any longer, and so its last fencing number; 86400000. Never shorter
                                          than three times "check-interval" */
};

/** How a node stands to Redis. */
enum xmppbind_redis_state {
    XMPPBIND_REDIS_IDLE = 0,    /**< not started */
    XMPPBIND_REDIS_AWAY = 1,    /**< there is no connection, or no lease; claims wait */
    XMPPBIND_REDIS_READY = 2,   /**< claims are answered */
    XMPPBIND_REDIS_LEAVING = 3, /**< xmppbind_redis_leave() was called */
    XMPPBIND_REDIS_LEFT = 4     /**< and everything is given back */
};

/** What xmppbind_redis_count() counts. */
enum xmppbind_redis_counter {
    XMPPBIND_REDIS_HELD = 1,         /**< claims that this node holds */
    XMPPBIND_REDIS_WAITING = 2,      /**< requests that are not answered yet */
    XMPPBIND_REDIS_RELEASES = 3,     /**< releases that were not delivered yet */
    XMPPBIND_REDIS_CONNECTIONS = 4,  /**< connections made, since the start */
    XMPPBIND_REDIS_INCARNATIONS = 5, /**< leases taken, since the start; more than 1 after trouble */
    XMPPBIND_REDIS_EVICTIONS = 6     /**< claims lost to others, since the start */
};

/** Events of a descriptor, as bits. */
enum xmppbind_redis_events { XMPPBIND_REDIS_READ = 1, XMPPBIND_REDIS_WRITE = 2 };

/**
 * @brief Makes a node and plugs it into a directory, in place of what was there.
 *
 * @param[out] redis the new object; untouched on failure
 * @param directory the directory of a host that has no stream yet; it must outlive the node's last answer
 * @param node the name of the node, for people and for its channel: 1 to 64 of letters, digits, '-', '_'
 * @param length its length in octets
 * @param allocator where memory comes from, or NULL for malloc
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_NO_MEMORY, #XMPPBIND_ERROR_RANDOM, or
 *         #XMPPBIND_ERROR_STATE when the host has streams, or no descriptor is free
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_new(xmppbind_redis **redis, xmppbind_directory *directory, const char *node,
                                       size_t length, const xmppbind_allocator *allocator);
/**
 * @brief Frees a node: after the last stream of its host and before the host. Connections are closed.
 *
 * What waits is answered (claims and lists with resource-constraint, releases accepted). What it still holds in Redis
 * is free when its lease ends; call xmppbind_redis_leave() first to give it back at once.
 *
 * @param redis the node or NULL; not from a callback of the node
 * @since 0.1.0
 */
XMPPBIND_EXPORT void xmppbind_redis_free(xmppbind_redis *redis);

/**
 * @brief Names a server: of one Redis, or of a cluster (some of its masters are enough). Where several are named that
 * are no cluster, the next one is tried when one fails.
 * @param redis a node that is not started
 * @param host an address, a name, or the path of a local socket, which begins with '/'
 * @param length its length in octets, 255 at most
 * @param port the port, 1 to 65535; of a local socket 0
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_NO_MEMORY or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_add_server(xmppbind_redis *redis, const char *host, size_t length, uint32_t port);
/**
 * @brief Sets what every key and channel of the directory begins with; "xmppbind:" if not called. All nodes of a
 * directory use the same.
 * @param redis a node that is not started
 * @param prefix 1 to 64 octets without braces, spaces and control characters
 * @param length its length in octets
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_set_prefix(xmppbind_redis *redis, const char *prefix, size_t length);
/**
 * @brief Sets what the node logs in with (AUTH), on every server.
 * @param redis a node that is not started
 * @param user the user, or NULL for the default one (Redis 5 knows no other)
 * @param user_length its length in octets, 255 at most
 * @param password the password
 * @param password_length its length in octets, 255 at most
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_set_password(xmppbind_redis *redis, const char *user, size_t user_length,
                                                const char *password, size_t password_length);
/**
 * @brief Sets an option.
 * @param redis a node that is not started
 * @param option an #xmppbind_redis_option
 * @param value its value; times in milliseconds
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_UNKNOWN_OPTION, #XMPPBIND_ERROR_OPTION_VALUE
 *         or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_set(xmppbind_redis *redis, int option, uint32_t value);
/**
 * @brief The number of an option.
 * @param name its name, such as "lease"
 * @param length its length in octets
 * @return an #xmppbind_redis_option or #XMPPBIND_ERROR_UNKNOWN_OPTION
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_option_number(const char *name, size_t length);
/**
 * @brief Sets where the node's log goes: lost connections, leases that ended, what Redis complains of.
 * @param redis a node that is not started
 * @param log the callback, or NULL for none
 * @param user_data passed to it
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_set_log(xmppbind_redis *redis, xmppbind_log_callback log, void *user_data);

/**
 * @brief Says which events of a descriptor are to be watched from now on.
 * @param descriptor the descriptor
 * @param events #xmppbind_redis_events bits; 0: none any longer, the descriptor is about to be closed
 * @param user_data as given to xmppbind_redis_set_watch()
 */
typedef void (*xmppbind_redis_watch_callback)(int descriptor, int events, void *user_data);
/**
 * @brief Joins the node to the event loop of the host.
 * @param redis a node that is not started
 * @param watch is told what to watch, and must not call the node; NULL for none, as it is at first
 * @param user_data passed to it
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_set_watch(xmppbind_redis *redis, xmppbind_redis_watch_callback watch,
                                             void *user_data);
/**
 * @brief Starts: connects, and takes a lease.
 * @param redis a node with a server
 * @param now the time in milliseconds, of any clock that does not go backwards
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, or #XMPPBIND_ERROR_STATE (started already, or no server)
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_start(xmppbind_redis *redis, uint64_t now);
/**
 * @brief A descriptor that is watched can be read or written. Claims may be answered and streams evicted in this call.
 * @param redis the node
 * @param descriptor the descriptor
 * @param events what it is ready for, as #xmppbind_redis_events bits; an error of the descriptor counts as both
 * @param now the time in milliseconds
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_STATE (not started) or
 *         #XMPPBIND_ERROR_REENTRANT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_ready(xmppbind_redis *redis, int descriptor, int events, uint64_t now);
/**
 * @brief When xmppbind_redis_run() is to be called next.
 * @param redis the node
 * @return the time in milliseconds, perhaps past; UINT64_MAX for never
 * @since 0.1.0
 */
XMPPBIND_EXPORT uint64_t xmppbind_redis_deadline(xmppbind_redis *redis);
/**
 * @brief Does what is due: renews the lease, checks claims, ends those that waited too long, connects again.
 * @param redis the node
 * @param now the time in milliseconds
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_STATE (not started) or
 *         #XMPPBIND_ERROR_REENTRANT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_run(xmppbind_redis *redis, uint64_t now);
/**
 * @brief One turn of a loop with poll(2) and the system's monotonic clock, for a node without a watch callback: waits
 * until something is to be done, and does it. The first one starts the node.
 * @param redis a node with a server
 * @param timeout the longest wait in milliseconds; 0: none, negative: without end
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_NO_MEMORY, #XMPPBIND_ERROR_REENTRANT, or
 *         #XMPPBIND_ERROR_STATE (no server, or a watch callback is set)
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_poll(xmppbind_redis *redis, int timeout);
/**
 * @brief Leaves: delivers the releases that wait, then gives up the lease, and with it whatever is still held. From now
 * on claims are refused with resource-constraint. Go on with the loop until the state is #XMPPBIND_REDIS_LEFT, or for
 * as long as there is time.
 * @param redis a node that is started
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_redis_leave(xmppbind_redis *redis);
/** @brief How it stands to Redis. @param redis the node @return an #xmppbind_redis_state @since 0.1.0 */
XMPPBIND_EXPORT int xmppbind_redis_state(const xmppbind_redis *redis);
/**
 * @brief A number for people who watch over the node. On any thread.
 * @param redis the node
 * @param counter an #xmppbind_redis_counter
 * @return the number; 0 for a counter that is not known
 * @since 0.1.0
 */
XMPPBIND_EXPORT uint64_t xmppbind_redis_count(xmppbind_redis *redis, int counter);

#ifdef __cplusplus
}
#endif

#endif
