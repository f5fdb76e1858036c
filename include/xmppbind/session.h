/**
 * @file session.h
 * @brief One session for each resource (XEP-0193 section 3.2): presence, rosters, privacy lists, delivery (RFC 6121,
 * XEP-0016). For servers that have no code of their own for this.
 *
 * It stands between the events of the streams and the host. The host goes on as before: it feeds the stanzas of its
 * clients with xmppbind_stream_receive() and drains xmppbind_stream_next_event(). What changes is what comes out:
 *
 * - #XMPPBIND_EVENT_ROUTE is what leaves the account, each with its 'to': also the presence of its sessions to their
 * contacts, their probes, subscription stanzas. What is addressed to an account that the host serves itself comes back
 * in with xmppbind_sessions_deliver(); an IQ to the server, or to the account itself for which there is no code here,
 * is the host's to answer.
 * - #XMPPBIND_EVENT_SEND is for the client, as before; roster and privacy list requests are answered.
 * - #XMPPBIND_EVENT_HOST is a stanza for the account that is the host's to deal with: a message for whom nobody is
 * there (store it, or return it), an IQ to the account.
 *
 * What happens without a stream (an answer to a probe for an account where nobody is) is drained with
 * xmppbind_sessions_next_event(). Streams that got something from elsewhere are woken as by an eviction:
 * xmppbind_host_set_wakeup(), xmppbind_host_next_ready().
 *
 * While storage does not answer, what stands behind the stanza that waits for it on its stream waits too; what others
 * send to the stream comes through. xmppbind_sessions_expire() ends the waiting.
 *
 * # Order
 *
 * What a stanza causes is drained on its stream before anything that stands behind it: roster answers before the pushes
 * that they cause, presence to contacts before presence to the account's own sessions. When a session ends, its
 * unavailable presence comes before its #XMPPBIND_EVENT_CLOSED; of a stream that is freed without being drained, from
 * xmppbind_sessions_next_event().
 *
 * # Threads
 *
 * Streams are on different threads, as without it; xmppbind_sessions_deliver() may be called on any. A call into the
 * sessions from the host's allocator or its preparation of addresses is refused with #XMPPBIND_ERROR_REENTRANT.
 */
#ifndef XMPPBIND_SESSION_H
#define XMPPBIND_SESSION_H

#include "binding.h"
#include "store.h"

#ifdef __cplusplus
extern "C" {
#endif

struct _xmlNode;

/** The sessions of a host. Opaque; safe to share. */
typedef struct xmppbind_sessions xmppbind_sessions;

/**
 * @brief Gives a host sessions. From then on its streams have them.
 * @param[out] sessions the new object; untouched on failure
 * @param host a host without streams, which has none yet
 * @param store where rosters and privacy lists are kept, with its callbacks set; it outlives the sessions. What it has
 * no callbacks for is empty, and cannot be changed. NULL: in memory
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_NO_MEMORY, #XMPPBIND_ERROR_RANDOM or
 *         #XMPPBIND_ERROR_STATE (there are streams, or sessions already)
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_sessions_new(xmppbind_sessions **sessions, xmppbind_host *host, xmppbind_store *store);
/**
 * @brief Frees the sessions: after the last stream, and before the host and the store. What was not drained is dropped.
 *
 * While streams exist they live on, and go with the last of them.
 * @param sessions the sessions or NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT void xmppbind_sessions_free(xmppbind_sessions *sessions);

/**
 * @brief Says whether the host has an account (RFC 6121 section 8.5.1).
 * @param account its prepared bare JID
 * @param length its length in octets
 * @param user_data as given to the setter
 * @return 0 for no, anything else for yes
 * @since 0.1.0
 */
typedef int (*xmppbind_account_callback)(const char *account, size_t length, void *user_data);
/**
 * @brief Sets who is asked whether an account exists. Without it, every account that something is delivered to does.
 * @param sessions the sessions of a host without streams
 * @param exists the callback, or NULL for none
 * @param user_data passed to it
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_sessions_set_account(xmppbind_sessions *sessions, xmppbind_account_callback exists,
                                                  void *user_data);
/**
 * @brief Says that xmppbind_sessions_next_event() has something: once until it was drained empty.
 * @param sessions the sessions; pass the word on to whoever drains them, on any thread
 * @param user_data as given to the setter
 * @since 0.1.0
 */
typedef void (*xmppbind_sessions_wakeup_callback)(xmppbind_sessions *sessions, void *user_data);
/**
 * @brief Sets the wake-up callback of what leaves without a stream. Hosts with one thread may drain after each call
 * instead.
 * @param sessions the sessions of a host without streams
 * @param wakeup the callback, or NULL for none
 * @param user_data passed to it
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_sessions_set_wakeup(xmppbind_sessions *sessions, xmppbind_sessions_wakeup_callback wakeup,
                                                 void *user_data);

/**
 * @brief A stanza for an account of this host arrived: from another account, another server, the host itself.
 * @param sessions the sessions
 * @param stanza a message, presence or IQ with 'from' and 'to', which the host vouches for; 'to' is of an account, with
 * or without a resource. On #XMPPBIND_OK the library owns it, and has unlinked it; on an error it is the caller's
 * @return #XMPPBIND_OK; #XMPPBIND_ERROR_NOT_A_STANZA; #XMPPBIND_ERROR_INVALID_ARGUMENT ('from' or 'to' is missing or no
 * JID); #XMPPBIND_ERROR_QUEUE_FULL: a stream that it is for has "max-queued-events" to be drained, or as many stanzas
 * for the account wait for the store;
 * #XMPPBIND_ERROR_NO_MEMORY or #XMPPBIND_ERROR_REENTRANT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_sessions_deliver(xmppbind_sessions *sessions, struct _xmlNode *stanza);
/**
 * @brief As xmppbind_sessions_deliver(), with the stanza as text.
 * @param sessions the sessions
 * @param text one element, as for xmppbind_stream_receive_bytes()
 * @param length its length in octets
 * @return as xmppbind_sessions_deliver(), or #XMPPBIND_ERROR_NOT_WELL_FORMED or #XMPPBIND_ERROR_TOO_LARGE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_sessions_deliver_bytes(xmppbind_sessions *sessions, const char *text, size_t length);
/**
 * @brief What leaves without a stream: #XMPPBIND_EVENT_ROUTE and #XMPPBIND_EVENT_HOST.
 * @param sessions the sessions; drained by one thread at a time
 * @param[out] event the event, valid until the next call of this function; untouched unless 1 is returned
 * @return 1 for an event, 0 for none, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_REENTRANT, or
 *         #XMPPBIND_ERROR_NO_MEMORY: something is due that found no memory; drain again later, nothing is lost
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_sessions_next_event(xmppbind_sessions *sessions, xmppbind_event **event);
/**
 * @brief The stanza of an event of xmppbind_sessions_next_event() as text; as xmppbind_event_bytes() for streams.
 * @param sessions the sessions
 * @param event the event that was handed out last
 * @param[out] text the element; valid as long as the event
 * @param[out] length its length in octets
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_NO_MEMORY or #XMPPBIND_ERROR_REENTRANT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_sessions_event_bytes(xmppbind_sessions *sessions, xmppbind_event *event, const char **text,
                                                  size_t *length);
/**
 * @brief When xmppbind_sessions_expire() has to be called. The clock of what waits for the store starts at the first
 * call of this function or of xmppbind_sessions_expire() after it began to wait.
 * @param sessions the sessions
 * @param now the time now, in milliseconds
 * @return the deadline in milliseconds, or #XMPPBIND_NO_DEADLINE
 * @since 0.1.0
 */
XMPPBIND_EXPORT uint64_t xmppbind_sessions_next_deadline(xmppbind_sessions *sessions, uint64_t now);
/**
 * @brief Ends what waits for the store longer than "storage-timeout": its client gets resource-constraint. A change
 * that the store accepts after all is taken, and pushed.
 * @param sessions the sessions
 * @param now the time now, in milliseconds
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_REENTRANT or #XMPPBIND_ERROR_NO_MEMORY (call
 * again)
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_sessions_expire(xmppbind_sessions *sessions, uint64_t now);

/** What is known of a session, as bits. */
enum xmppbind_session_state {
    XMPPBIND_SESSION_AVAILABLE = 1, /**< it has sent presence (RFC 6121 section 4.2) */
    XMPPBIND_SESSION_INTERESTED = 2 /**< it has asked for the roster (RFC 6121 section 2.2) */
};
/**
 * @brief What is known of a session.
 * @param sessions the sessions
 * @param jid its prepared full JID
 * @param length its length in octets
 * @param[out] priority of its presence, -128 to 127; may be NULL
 * @param[out] list room for the name of its active privacy list, NUL-terminated, "" for none; may be NULL when
 * `capacity` is 0
 * @param capacity the size of `list`; a longer name is cut
 * @return #xmppbind_session_state bits, or #XMPPBIND_ERROR_UNKNOWN_CLAIM (no such session),
 * #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_REENTRANT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_sessions_describe(xmppbind_sessions *sessions, const char *jid, size_t length,
                                               int *priority, char *list, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
