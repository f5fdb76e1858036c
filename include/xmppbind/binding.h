/**
 * @file binding.h
 * @brief The state machine: hosts, streams, their resources and 'from'. No XML.
 *
 * A host holds the policies; a stream is one authenticated client stream. A server with an XML tree of its own calls
 * xmppbind_stream_bind(), xmppbind_stream_unbind() and xmppbind_stream_stamp(); one that uses libxml2 calls
 * xmppbind_stream_receive() of stanza.h instead. What comes out is drained with xmppbind_stream_next_event(): after
 * each call on a stream, and when a stream is said to be ready, until it returns 0.
 */
#ifndef XMPPBIND_BINDING_H
#define XMPPBIND_BINDING_H

#include "base.h"
#include "storage.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Policies, options and storage, shared by many streams. Opaque. */
typedef struct xmppbind_host xmppbind_host;
/** One authenticated client stream of one account, with 0..n resources. Opaque. */
typedef struct xmppbind_stream xmppbind_stream;
/** Something that the host is to do or to know. Opaque; valid until the next xmppbind_stream_next_event(). */
typedef struct xmppbind_event xmppbind_event;

/** @name Hosts
 * @{ */

/**
 * @brief Makes a host with the default options and the built-in directory in memory.
 * @param[out] host the new object; untouched on failure
 * @param allocator where memory of it and its streams comes from (copied), or NULL for malloc
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_NO_MEMORY or #XMPPBIND_ERROR_RANDOM
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_host_new(xmppbind_host **host, const xmppbind_allocator *allocator);
/**
 * @brief Frees the host. While streams or calls of it exist it lives on, and goes with the last of them.
 *
 * A storage that answers later must not answer any longer then. In good order: free the streams, which asks for the
 * release of what they hold; wait until xmppbind_directory_pending() says 0, or stop the storage; free the host.
 * @param host the host or NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT void xmppbind_host_free(xmppbind_host *host);

/** The options of a host. Set them before the first stream. The names are those of the console. */
enum xmppbind_option {
    XMPPBIND_OPTION_MISSING_FROM = 1,              /**< "missing-from": #xmppbind_missing_from */
    XMPPBIND_OPTION_UNBOUND_FROM = 2,              /**< "unbound-from": #xmppbind_unbound_from */
    XMPPBIND_OPTION_FOREIGN_FROM = 3,              /**< "foreign-from": #xmppbind_foreign_from */
    XMPPBIND_OPTION_CONFLICT = 4,                  /**< "conflict": #xmppbind_conflict; default replace */
    XMPPBIND_OPTION_EMPTY_RESOURCE = 5,            /**< "empty-resource": #xmppbind_empty_resource */
    XMPPBIND_OPTION_MAX_BIND_FAILURES = 6,         /**< "max-bind-failures": 10; 0 for no limit */
    XMPPBIND_OPTION_MAX_RESOURCES_PER_STREAM = 7,  /**< "max-resources-per-stream": 10; 1..65535 */
    XMPPBIND_OPTION_MAX_RESOURCES_PER_ACCOUNT = 8, /**< "max-resources-per-account": 100; 1..65535 */
    XMPPBIND_OPTION_ACCOUNT_LIMIT = 9,             /**< "account-limit": #xmppbind_account_limit */
    XMPPBIND_OPTION_UNBIND = 10,                   /**< "unbind": #xmppbind_unbind; default on */
    XMPPBIND_OPTION_ADDRESS_PROFILE = 11,          /**< "address-profile": #xmppbind_address_profile */
    XMPPBIND_OPTION_DELIVER_TO = 12,               /**< "deliver-to": #xmppbind_deliver_to */
    XMPPBIND_OPTION_ROSTER_SCOPE = 13,             /**< "roster-scope": #xmppbind_roster_scope */
    XMPPBIND_OPTION_STORAGE_TIMEOUT = 14,          /**< "storage-timeout": 30; seconds, 1..86400 */
    XMPPBIND_OPTION_MAX_WAITING = 15,              /**< "max-waiting": 64; stanzas behind a bind or unbind, 0..65535 */
    XMPPBIND_OPTION_MAX_QUEUED_EVENTS = 16,        /**< "max-queued-events": 1024; 2..65535 */
    XMPPBIND_OPTION_MAX_STANZA_BYTES = 17,     /**< "max-stanza-bytes": 16777216; 10000..1073741824, for octets only */
    XMPPBIND_OPTION_MAX_ROSTER_ITEMS = 18,     /**< "max-roster-items": 20000; 1..1000000, contacts of one roster */
    XMPPBIND_OPTION_MAX_PRIVACY_LISTS = 19,    /**< "max-privacy-lists": 100; 1..65535, of one account */
    XMPPBIND_OPTION_MAX_PRIVACY_ITEMS = 20,    /**< "max-privacy-items": 1000; 1..65535, rules of one list */
    XMPPBIND_OPTION_MAX_DIRECTED_PRESENCE = 21 /**< "max-directed-presence": 1000; 0..65535, addresses that one session
                                                  may send presence to beside its contacts (PRES-4) */
};
/** Several resources bound and no usable 'from' (FROM-3). */
enum xmppbind_missing_from { XMPPBIND_MISSING_FROM_STAMP = 0, XMPPBIND_MISSING_FROM_REJECT = 1 };
/** 'from' is a full JID of the account that is not bound here (FROM-4). */
enum xmppbind_unbound_from { XMPPBIND_UNBOUND_FROM_REJECT = 0, XMPPBIND_UNBOUND_FROM_STAMP = 1 };
/** 'from' is of another account (FROM-6). */
enum xmppbind_foreign_from { XMPPBIND_FOREIGN_FROM_CLOSE = 0, XMPPBIND_FOREIGN_FROM_OVERRIDE = 1 };
/** What an empty resource element means (BIND-3). */
enum xmppbind_empty_resource { XMPPBIND_EMPTY_RESOURCE_REFUSE = 0, XMPPBIND_EMPTY_RESOURCE_GENERATE = 1 };
/** Whether unbind is known (FEAT-3, UNBIND-5). */
enum xmppbind_unbind { XMPPBIND_UNBIND_OFF = 0, XMPPBIND_UNBIND_ON = 1 };
/** SESS-3; for the session layer. */
enum xmppbind_deliver_to { XMPPBIND_DELIVER_TO_KEEP = 0, XMPPBIND_DELIVER_TO_RESOURCE = 1 };
/** ROST-6; for the session layer. */
enum xmppbind_roster_scope { XMPPBIND_ROSTER_SCOPE_ACCOUNT = 0, XMPPBIND_ROSTER_SCOPE_RESOURCE = 1 };

/**
 * @brief Sets an option. One setter serves all, so that a new option is a new number and not a new symbol.
 * @param host a host without streams
 * @param option an #xmppbind_option
 * @param value its value
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_UNKNOWN_OPTION, #XMPPBIND_ERROR_OPTION_VALUE,
 * or #XMPPBIND_ERROR_STATE after the first stream
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_host_set_option(xmppbind_host *host, int option, uint32_t value);
/**
 * @brief Sets an option by name and value as text, such as "missing-from" and "reject": for configuration files.
 * @param host a host without streams
 * @param name the name
 * @param name_length its length in octets
 * @param value the value: a word, or a decimal number
 * @param value_length its length in octets
 * @return as xmppbind_host_set_option()
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_host_set_option_text(xmppbind_host *host, const char *name, size_t name_length,
                                                  const char *value, size_t value_length);
/**
 * @brief The value of an option.
 * @param host the host
 * @param option an #xmppbind_option
 * @param[out] value its value
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_UNKNOWN_OPTION
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_host_option(const xmppbind_host *host, int option, uint32_t *value);
/**
 * @brief The directory of the host, to plug in callbacks, to answer requests and to list resources.
 * @param host the host
 * @return the directory, as long as the host lives; NULL for NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT xmppbind_directory *xmppbind_host_directory(xmppbind_host *host);

/**
 * @brief Prepares a part of an address as the server that the library lives in does.
 *
 * Called for parts that are not empty. Preparing what was prepared has to change nothing.
 *
 * @param text the part as it came, perhaps no UTF-8
 * @param length its length in octets
 * @param[out] prepared room for the prepared part, without a terminator
 * @param capacity the size of `prepared`
 * @param[out] prepared_length its length in octets
 * @param user_data as given to xmppbind_host_set_preparation()
 * @return 0, or an `XMPPBIND_ERROR_ADDRESS_...`
 * @since 0.1.0
 */
typedef int (*xmppbind_prepare_callback)(const char *text, size_t length, char *prepared, size_t capacity,
                                         size_t *prepared_length, void *user_data);
/**
 * @brief Plugs in a preparation of addresses in place of the option "address-profile".
 *
 * The rules of comparison stay those of the library: a prepared part has 1 to 1023 octets of UTF-8 without NUL, no '@'
 * and no '/' before the resourcepart; what is not so is refused.
 *
 * @param host the host
 * @param local prepares localparts; NULL: as the option says
 * @param domain prepares domainparts; NULL: as the option says
 * @param resource prepares resourceparts; NULL: as the option says
 * @param user_data passed to all three
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_STATE (there are streams)
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_host_set_preparation(xmppbind_host *host, xmppbind_prepare_callback local,
                                                  xmppbind_prepare_callback domain, xmppbind_prepare_callback resource,
                                                  void *user_data);

/**
 * @brief Plugs in a source of random octets, for generated resources. The default is the system's.
 * @param host a host without streams
 * @param random the source, or NULL for the default
 * @param user_data passed to it
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_host_set_random(xmppbind_host *host, xmppbind_random_callback random, void *user_data);

/**
 * @brief Decides a conflict: another stream holds the full JID that this one asks for.
 * @param stream the stream that asks; calls on it are refused as reentrant
 * @param jid the full JID
 * @param length its length in octets
 * @param user_data as given to xmppbind_host_set_conflict()
 * @return an #xmppbind_conflict; any other number, and 0, rejects
 */
typedef int (*xmppbind_conflict_callback)(const xmppbind_stream *stream, const char *jid, size_t length,
                                          void *user_data);
/**
 * @brief Lets the host decide each conflict, in place of the option "conflict".
 * @param host a host without streams
 * @param conflict decides; NULL: the option does
 * @param user_data passed to it
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_host_set_conflict(xmppbind_host *host, xmppbind_conflict_callback conflict,
                                               void *user_data);

/**
 * @brief Says that a stream has something to drain that no call on it caused: an answer of storage, an eviction.
 *
 * Once until the next call on the stream, however much happens meanwhile; not while a call on it is running, which
 * takes along what happens, nor when it was disconnected.
 *
 * It may run on the thread of another stream: pass the word on to the stream's own thread, then drain there. The stream
 * may be freed by its own thread meanwhile; with several threads give streams a `user_data` that outlives them, such as
 * an id.
 *
 * @param stream the stream: for comparing only
 * @param stream_user_data as given to xmppbind_stream_new()
 * @param user_data as given to xmppbind_host_set_wakeup()
 */
typedef void (*xmppbind_wakeup_callback)(xmppbind_stream *stream, void *stream_user_data, void *user_data);
/**
 * @brief Sets the wake-up callback. Hosts with one thread may use xmppbind_host_next_ready() instead.
 * @param host a host without streams
 * @param wakeup the callback, or NULL for none
 * @param user_data passed to it
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_host_set_wakeup(xmppbind_host *host, xmppbind_wakeup_callback wakeup, void *user_data);
/**
 * @brief The next stream with something to drain that no call on it caused; each is named once per occasion.
 * @param host the host; all its streams on one thread
 * @return the stream, or NULL when there is none
 * @since 0.1.0
 */
XMPPBIND_EXPORT xmppbind_stream *xmppbind_host_next_ready(xmppbind_host *host);

/** How much a line of the log matters. */
enum xmppbind_log_level { XMPPBIND_LOG_ERROR = 1, XMPPBIND_LOG_WARNING = 2, XMPPBIND_LOG_INFO = 3 };
/** @brief Receives one line of log: an #xmppbind_log_level, the text and its length in octets. */
typedef void (*xmppbind_log_callback)(int level, const char *message, size_t length, void *user_data);
/**
 * @brief Sets where the log goes. The default is nowhere.
 * @param host a host without streams
 * @param log the callback, or NULL for none
 * @param user_data passed to it
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_STATE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_host_set_log(xmppbind_host *host, xmppbind_log_callback log, void *user_data);
/**
 * @brief The stream of this host that holds a full JID, to deliver a stanza to it.
 *
 * A stream is named from the moment its OPENED event is queued until the release of the JID is asked for (unbind,
 * disconnect, free) or its eviction is told. Drain it before writing to its client, so that the answer to the bind
 * comes first (BIND-15). A stream that closes is still named for what it has bound; what comes after its
 * #XMPPBIND_EVENT_CLOSE reaches nobody, so call xmppbind_stream_disconnect() there.
 *
 * @param host the host; its streams on one thread, or the answer may be out of date
 * @param jid the prepared full JID
 * @param length its length in octets
 * @param[out] claim the number of the claim, not 0; may be NULL
 * @return the stream, or NULL when none here holds it
 * @since 0.1.0
 */
XMPPBIND_EXPORT xmppbind_stream *xmppbind_host_find(xmppbind_host *host, const char *jid, size_t length,
                                                    uint64_t *claim);

/** @} */
/** @name Streams
 * @{ */

/**
 * @brief Makes a stream that holds no resource yet.
 * @param[out] stream the new object; untouched on failure
 * @param host its host; lives at least as long as the stream
 * @param account the bare JID that authenticated; it is prepared
 * @param length its length in octets
 * @param user_data anything; see xmppbind_stream_user_data()
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT (a full JID included), #XMPPBIND_ERROR_NO_MEMORY, or an
 *         `XMPPBIND_ERROR_ADDRESS_...`
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_stream_new(xmppbind_stream **stream, xmppbind_host *host, const char *account,
                                        size_t length, void *user_data);
/**
 * @brief Ends and frees a stream: what it holds is released, oldest first (UNBIND-11); what was not drained is dropped,
 * so call xmppbind_stream_disconnect() and drain first.
 * @param stream the stream or NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT void xmppbind_stream_free(xmppbind_stream *stream);
/**
 * @brief The transport is gone: stanzas that waited are decided, all resources are released, oldest first, and each
 *        gives an event #XMPPBIND_EVENT_CLOSED to be drained (UNBIND-11). Never fails for lack of memory.
 * @param stream the stream
 * @return #XMPPBIND_OK (also the second time), #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_REENTRANT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_stream_disconnect(xmppbind_stream *stream);
/** @brief What was given to xmppbind_stream_new(). @param stream the stream @return it @since 0.1.0 */
XMPPBIND_EXPORT void *xmppbind_stream_user_data(const xmppbind_stream *stream);
/**
 * @brief The prepared bare JID of the account.
 * @param stream the stream
 * @param[out] length its length in octets; may be NULL
 * @return the text, as long as the stream lives
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_stream_account(const xmppbind_stream *stream, size_t *length);
/**
 * @brief How many resources are bound, as the last call on the stream has seen it.
 * @param stream the stream
 * @return their number
 * @since 0.1.0
 */
XMPPBIND_EXPORT uint32_t xmppbind_stream_resource_count(const xmppbind_stream *stream);
/**
 * @brief The full JID of a bound resource. Position 0 is the oldest, the default resource (XEP-0193 section 3.1). The
 * cost grows with the position.
 * @param stream the stream
 * @param position 0 to xmppbind_stream_resource_count() - 1
 * @param[out] length its length in octets; may be NULL
 * @return the full JID, valid until the next call on the stream; NULL beyond the last
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_stream_resource(const xmppbind_stream *stream, uint32_t position, size_t *length);
/** What a stream offers as stream features, as bits (FEAT-1 to FEAT-4). */
enum xmppbind_offer { XMPPBIND_OFFER_BIND = 1, XMPPBIND_OFFER_REQUIRED = 2, XMPPBIND_OFFER_UNBIND = 4 };
/** @brief What the stream offers now. @param stream the stream @return #xmppbind_offer bits @since 0.1.0 */
XMPPBIND_EXPORT uint32_t xmppbind_stream_offers(const xmppbind_stream *stream);

/**
 * @brief Binds a resource (XEP-0193; RFC 6120 section 7). The outcome is an event #XMPPBIND_EVENT_ANSWER with `tag`, in
 * order.
 * @param stream the stream
 * @param resource the resource asked for, or NULL: the library generates one (BIND-2)
 * @param length its length in octets
 * @param tag any number, to tell answers apart
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_NO_MEMORY, #XMPPBIND_ERROR_REENTRANT,
 *         #XMPPBIND_ERROR_CLOSED, #XMPPBIND_ERROR_QUEUE_FULL or #XMPPBIND_ERROR_WAITING_FULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_stream_bind(xmppbind_stream *stream, const char *resource, size_t length, uint64_t tag);
/**
 * @brief Unbinds a resource (XEP-0193 section 2). The outcome is an event #XMPPBIND_EVENT_ANSWER with `tag`, in order;
 * after the last resource an event #XMPPBIND_EVENT_CLOSE follows.
 * @param stream the stream
 * @param resource the resource
 * @param length its length in octets
 * @param tag any number, to tell answers apart
 * @return as xmppbind_stream_bind()
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_stream_unbind(xmppbind_stream *stream, const char *resource, size_t length, uint64_t tag);

/** What kind of stanza is stamped. */
enum xmppbind_stanza_kind {
    XMPPBIND_STANZA_MESSAGE = 1,  /**< a message */
    XMPPBIND_STANZA_PRESENCE = 2, /**< presence of any other type */
    XMPPBIND_STANZA_IQ = 3,       /**< an IQ */
    XMPPBIND_STANZA_SUBSCRIPTION =
        4 /**< presence of type subscribe, subscribed, unsubscribe or unsubscribed (FROM-5) */
};
/**
 * @brief Decides what the 'from' of a stanza becomes (RULES area FROM; RFC 6120 section 8.1.2.1).
 *
 * It never waits and takes no lock unless storage has something to tell.
 *
 * @param stream the stream the stanza came on
 * @param kind an #xmppbind_stanza_kind
 * @param from the attribute as it came, or NULL when there was none
 * @param length its length in octets
 * @param[out] stamp the 'from' to write: the full JID, or the bare JID for a subscription
 * @param[out] stamp_length its length in octets
 * @param[out] session the full JID of the sender, also for a subscription; may be NULL
 * @param[out] session_length its length in octets; may be NULL
 * @return #XMPPBIND_OK: the texts are valid until the next call on the stream. #XMPPBIND_ERROR_UNKNOWN_SENDER and
 *         #XMPPBIND_ERROR_JID_MALFORMED: return the stanza to its client with that error, or drop it if it is itself an
 * answer (FROM-8). #XMPPBIND_ERROR_INVALID_FROM and #XMPPBIND_ERROR_NOT_BOUND: drop it, an event #XMPPBIND_EVENT_CLOSE
 * is queued. #XMPPBIND_ERROR_WAITING: a bind or unbind waits for storage, ask again after its answer. Or
 *         #XMPPBIND_ERROR_CLOSED (also when a callback has freed the stream meanwhile), #XMPPBIND_ERROR_REENTRANT,
 * #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_NO_MEMORY
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_stream_stamp(xmppbind_stream *stream, int kind, const char *from, size_t length,
                                          const char **stamp, size_t *stamp_length, const char **session,
                                          size_t *session_length);

/** The deadline of a stream that waits for nothing. */
#define XMPPBIND_NO_DEADLINE UINT64_MAX
/**
 * @brief When xmppbind_stream_expire() has to be called. Ask after draining: the clock of a request starts at the first
 * call of this function or of xmppbind_stream_expire() after it was made.
 * @param stream the stream
 * @param now the time now, in milliseconds
 * @return the deadline in milliseconds, or #XMPPBIND_NO_DEADLINE; `now` when storage has just answered: then drain
 * @since 0.1.0
 */
XMPPBIND_EXPORT uint64_t xmppbind_stream_next_deadline(xmppbind_stream *stream, uint64_t now);
/**
 * @brief Ends what storage did not answer in time (BIND-12): the client of a bind gets resource-constraint, that of an
 * unbind its result; an answer that still comes is undone.
 * @param stream the stream
 * @param now the time now, in milliseconds
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_REENTRANT or #XMPPBIND_ERROR_NO_MEMORY (call
 * again)
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_stream_expire(xmppbind_stream *stream, uint64_t now);

/** @} */
/** @name Events
 * @{ */

/** What an event asks of the host. */
enum xmppbind_event_kind {
    XMPPBIND_EVENT_SEND = 1,    /**< write this stanza to the stream's client */
    XMPPBIND_EVENT_ROUTE = 2,   /**< the stanza is accepted and stamped: hand it on */
    XMPPBIND_EVENT_CLOSE = 3,   /**< close the stream, with the stream error of xmppbind_event_condition() or none */
    XMPPBIND_EVENT_OPENED = 4,  /**< a session began */
    XMPPBIND_EVENT_CLOSED = 5,  /**< a session ended; see xmppbind_event_reason() */
    XMPPBIND_EVENT_DISCARD = 6, /**< the stanza was refused and must not be answered; the condition says why */
    XMPPBIND_EVENT_ANSWER =
        7,                  /**< xmppbind_stream_bind() or xmppbind_stream_unbind() is done: see tag, condition, JID */
    XMPPBIND_EVENT_HOST = 8 /**< with sessions (session.h): a stanza for the account that is the host's to deal with */
};
/** Why a session ended. */
enum xmppbind_reason {
    XMPPBIND_REASON_UNBOUND = 1,      /**< the client unbound it */
    XMPPBIND_REASON_EVICTED = 2,      /**< another stream has the JID now, or the account had too many */
    XMPPBIND_REASON_DISCONNECTED = 3, /**< the stream ended */
    XMPPBIND_REASON_EXPIRED = 4,      /**< unbound, but the directory did not answer the release in time (UNBIND-9) */
    XMPPBIND_REASON_FAILED = 5        /**< unbound, but the directory failed to release it (UNBIND-9) */
};
/** @brief A reason as a word, such as "unbound". @param reason an #xmppbind_reason @return never NULL @since 0.1.0 */
XMPPBIND_EXPORT const char *xmppbind_reason_name(int reason);

/**
 * @brief Takes the next event of the stream. Drain after every call that can make events, until it returns 0.
 * @param stream the stream
 * @param[out] event the event, valid until the next call of this function on this stream; untouched unless 1 is
 * returned
 * @return 1 for an event, 0 for none (also when a callback has freed the stream meanwhile, which is gone then),
 *         #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_REENTRANT, or
 *         #XMPPBIND_ERROR_NO_MEMORY: something is due that found no memory; drain again later, nothing is lost
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_stream_next_event(xmppbind_stream *stream, xmppbind_event **event);
/** @brief What it asks. @param event the event @return an #xmppbind_event_kind @since 0.1.0 */
XMPPBIND_EXPORT int xmppbind_event_kind(const xmppbind_event *event);
/**
 * @brief The full JID of the session: of OPENED and CLOSED, of the sender of ROUTE, of a bind or unbind that worked in
 * ANSWER.
 * @param event the event
 * @param[out] length its length in octets; may be NULL
 * @return the text, valid as long as the event; NULL when there is none
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_event_jid(const xmppbind_event *event, size_t *length);
/** @brief The claim number of that session; 0 for none. @param event the event @return the number @since 0.1.0 */
XMPPBIND_EXPORT uint64_t xmppbind_event_claim(const xmppbind_event *event);
/** @brief Why a session ended, for CLOSED; 0 otherwise. @param event the event @return an #xmppbind_reason @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_event_reason(const xmppbind_event *event);
/**
 * @brief The stream error of CLOSE, the refusal of ANSWER, the reason of DISCARD; otherwise #XMPPBIND_CONDITION_NONE.
 * @param event the event
 * @return an #xmppbind_condition
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_event_condition(const xmppbind_event *event);
/** @brief The tag of ANSWER; 0 otherwise. @param event the event @return the number @since 0.1.0 */
XMPPBIND_EXPORT uint64_t xmppbind_event_tag(const xmppbind_event *event);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
