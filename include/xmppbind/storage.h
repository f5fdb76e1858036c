/**
 * @file storage.h
 * @brief The directory: who holds which full JID. What a host may plug in, and the one in memory that is built in.
 *
 * # The contract
 *
 * The library asks the directory for three things: to *claim* a full JID, to *release* it, to *list* what an account
 * holds. Each question is a request with an id that is never used twice. The callback answers by calling
 * xmppbind_directory_accept() or xmppbind_directory_reject() with that id: inside the callback or later, on any
 * thread, exactly once. Returning 0 from the callback without an answer means "later"; it grants nothing. Any other
 * return value is a rejection with internal-server-error, if no answer was given before.
 *
 * - A claim is atomic: at no moment do two streams hold one full JID (CONF-5). Its answer carries the claim number,
 * which must grow with every claim of that JID; release and eviction name that number, so that a late one never hits
 * the next holder (CONF-8).
 * - A directory that takes a JID from its holder (replace, evict-oldest) calls xmppbind_directory_evicted() with the
 * old number *before* it accepts the new claim. On another thread or node the news may come in any order: of two
 * claims for one JID the higher number is in force.
 * - A claim whose client has gone or that was not answered in time may still be accepted: the library then releases it
 * at once, so xmppbind_directory_accept() may call the release callback before it returns.
 * - A second answer, or one to an id nobody asked, is #XMPPBIND_ERROR_UNKNOWN_REQUEST and changes nothing.
 * - Answers need the host: see xmppbind_host_free() for how to end.
 *
 * # Between the decision and the eviction
 *
 * Streams are on different threads, and what the directory decides reaches the one that loses a resource later:
 *
 * - Until xmppbind_directory_evicted() is called the stream goes on under the old number: it sends, and is found by
 * xmppbind_host_find(). Over several nodes that may overlap with the new holder; the numbers tell them apart. On one
 * node accepting the new claim ends the old one too.
 * - No call on the stream that begins after that stamps with the resource, on whatever thread: it drops it first, and
 * stanzas from it are treated as from a resource that is not bound (FROM-4). It is not found any longer, and nobody
 * asks for its release. (Those that only look, as xmppbind_stream_resource(), show what the last call has seen.)
 * - What was stamped before stays in the queue, before the end of its session, and carries the old number
 * (xmppbind_event_claim()).
 * - The host is told once: by the wake-up callback, on the thread that called xmppbind_directory_evicted(), or by
 * xmppbind_host_next_ready(). It dispatches that to the thread of the stream and drains it there. A call that is
 * running on the stream takes the news along; then nobody is told but who drains after it.
 * - What it drains is #XMPPBIND_EVENT_CLOSED with #XMPPBIND_REASON_EVICTED and the old number. If nothing else is bound
 * #XMPPBIND_EVENT_CLOSE with conflict follows (CONF-4), unless a bind waits that may evict the oldest itself: then only
 * if that is refused (CONF-7).
 */
#ifndef XMPPBIND_STORAGE_H
#define XMPPBIND_STORAGE_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The directory as a host sees it: its callbacks and the requests that are open. A host owns one. Opaque. */
typedef struct xmppbind_directory xmppbind_directory;
/** One question to the directory. Opaque; valid until it is answered. */
typedef struct xmppbind_request xmppbind_request;

/** What a request asks. */
enum xmppbind_request_kind {
    XMPPBIND_REQUEST_CLAIM = 1, /**< take the full JID; accept with the claim number */
    XMPPBIND_REQUEST_RELEASE =
        2,                    /**< give the full JID back, if it is still held under the claim number of the request */
    XMPPBIND_REQUEST_LIST = 3 /**< name the resources of the account, oldest first, then accept */
};

/** What becomes of a claim for a full JID that is held (RULES CONF-1 to CONF-3; RFC 6120 section 7.7.2.2). */
enum xmppbind_conflict {
    XMPPBIND_CONFLICT_REJECT = 0,  /**< the new one is refused */
    XMPPBIND_CONFLICT_REPLACE = 1, /**< the old holder is evicted */
    XMPPBIND_CONFLICT_RENAME = 2   /**< the new one gets a generated resource; a directory never sees this value */
};

/** What becomes of a claim beyond the limit of the account (CONF-7). */
enum xmppbind_account_limit {
    XMPPBIND_ACCOUNT_LIMIT_REFUSE = 0,      /**< reject with #XMPPBIND_CONDITION_RESOURCE_LIMIT */
    XMPPBIND_ACCOUNT_LIMIT_EVICT_OLDEST = 1 /**< evict the oldest resource of the account, then accept */
};

/**
 * @brief Answers a request of the directory, now or later: see the contract above.
 * @param request what is asked; valid until it is answered, its id may be kept
 * @param user_data as given to the setter
 * @return 0, or anything else for a rejection with internal-server-error
 */
typedef int (*xmppbind_request_callback)(const xmppbind_request *request, void *user_data);

/** @brief The id of a request: not 0, never used twice. @param request the request @return the id @since 0.1.0 */
XMPPBIND_EXPORT uint64_t xmppbind_request_id(const xmppbind_request *request);
/** @brief What it asks. @param request the request @return an #xmppbind_request_kind @since 0.1.0 */
XMPPBIND_EXPORT int xmppbind_request_kind(const xmppbind_request *request);
/**
 * @brief The prepared full JID of a claim or release; the prepared bare JID of a list.
 * @param request the request
 * @param[out] length its length in octets; may be NULL
 * @return the text, valid until the request is answered
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_request_jid(const xmppbind_request *request, size_t *length);
/**
 * @brief How many octets of xmppbind_request_jid() are the bare JID, that is, the account.
 * @param request the request
 * @return the length in octets
 * @since 0.1.0
 */
XMPPBIND_EXPORT size_t xmppbind_request_account_length(const xmppbind_request *request);
/** @brief The claim number that a release names; 0 for others. @param request the request @return the number @since
 * 0.1.0 */
XMPPBIND_EXPORT uint64_t xmppbind_request_claim(const xmppbind_request *request);
/**
 * @brief What a claim wants when the full JID is held by another.
 * @param request the request
 * @return #XMPPBIND_CONFLICT_REJECT (reject it with #XMPPBIND_CONDITION_CONFLICT) or #XMPPBIND_CONFLICT_REPLACE
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_request_conflict(const xmppbind_request *request);
/**
 * @brief How many resources the account may hold, the claimed one included ("max-resources-per-account").
 * @param request the request
 * @return the number
 * @since 0.1.0
 */
XMPPBIND_EXPORT uint32_t xmppbind_request_limit(const xmppbind_request *request);
/** @brief What a claim beyond that limit does. @param request the request @return an #xmppbind_account_limit @since
 * 0.1.0 */
XMPPBIND_EXPORT int xmppbind_request_account_limit(const xmppbind_request *request);

/**
 * @brief Plugs in the callbacks for claim and release. The two go together: each needs the other's records.
 * @param directory the directory of a host that has no stream yet
 * @param claim answers #XMPPBIND_REQUEST_CLAIM
 * @param release answers #XMPPBIND_REQUEST_RELEASE
 * @param user_data passed to both
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, or #XMPPBIND_ERROR_STATE after the first stream
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_directory_set_claims(xmppbind_directory *directory, xmppbind_request_callback claim,
                                                  xmppbind_request_callback release, void *user_data);
/**
 * @brief Plugs in the callback for list.
 * @param directory the directory of a host that has no stream yet
 * @param list answers #XMPPBIND_REQUEST_LIST
 * @param user_data passed to it
 * @return as xmppbind_directory_set_claims()
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_directory_set_list(xmppbind_directory *directory, xmppbind_request_callback list,
                                                void *user_data);

/**
 * @brief Accepts a request. A claim that nobody waits for any longer is released again at once.
 * @param directory the directory that asked
 * @param request the id of the request
 * @param claim for a claim: its number, not 0; otherwise ignored
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_UNKNOWN_REQUEST, or #XMPPBIND_ERROR_INVALID_ARGUMENT for a claim number of 0
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_directory_accept(xmppbind_directory *directory, uint64_t request, uint64_t claim);
/**
 * @brief Rejects a request.
 * @param directory the directory that asked
 * @param request the id of the request
 * @param condition why: #XMPPBIND_CONDITION_CONFLICT and #XMPPBIND_CONDITION_RESOURCE_LIMIT as the request says, any
 * other is given to the client as it is; #XMPPBIND_CONDITION_NONE and what is no condition as internal-server-error
 * @return #XMPPBIND_OK or #XMPPBIND_ERROR_UNKNOWN_REQUEST
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_directory_reject(xmppbind_directory *directory, uint64_t request, int condition);
/**
 * @brief Names one resource in answer to a list request; the answer ends with accept or reject.
 * @param directory the directory that asked
 * @param request the id of the list request
 * @param jid the prepared full JID
 * @param length its length in octets
 * @param claim the number of its claim
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_UNKNOWN_REQUEST or #XMPPBIND_ERROR_INVALID_ARGUMENT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_directory_list_entry(xmppbind_directory *directory, uint64_t request, const char *jid,
                                                  size_t length, uint64_t claim);
/**
 * @brief Says that a claim held here was taken away: another stream, perhaps on another node, has the JID now (CONF-1).
 *
 * The stream that held it loses that resource at its next call, before anything else happens on it; the wake-up
 * callback of its host is called. See above, "Between the decision and the eviction".
 *
 * @param directory the directory that granted the claim
 * @param jid the prepared full JID
 * @param length its length in octets
 * @param claim the number of the claim that ended
 * @return #XMPPBIND_OK, or #XMPPBIND_ERROR_UNKNOWN_CLAIM when that claim is not (or not yet, or no longer) held here
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_directory_evicted(xmppbind_directory *directory, const char *jid, size_t length,
                                               uint64_t claim);

/**
 * @brief Receives the answer to xmppbind_directory_list(): once for each resource, then once with `jid` NULL at the
 * end.
 * @param jid the prepared full JID, valid during the callback; NULL at the end
 * @param length its length in octets
 * @param claim the number of its claim; at the end 0
 * @param condition at the end #XMPPBIND_CONDITION_NONE, or why the list could not be had
 * @param user_data as given to xmppbind_directory_list()
 */
typedef void (*xmppbind_list_callback)(const char *jid, size_t length, uint64_t claim, int condition, void *user_data);

/**
 * @brief Lists the resources of an account over all streams and nodes, oldest first.
 * @param directory the directory to ask
 * @param account the prepared bare JID
 * @param length its length in octets
 * @param callback receives the answer, inside this call or later
 * @param user_data passed to it
 * @return #XMPPBIND_OK (the callback gets the end exactly once, at the latest when the directory goes),
 *         #XMPPBIND_ERROR_INVALID_ARGUMENT (NULL, or no bare JID) or #XMPPBIND_ERROR_NO_MEMORY
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_directory_list(xmppbind_directory *directory, const char *account, size_t length,
                                            xmppbind_list_callback callback, void *user_data);

/** @brief How many requests wait for an answer. @param directory the directory @return their number @since 0.1.0 */
XMPPBIND_EXPORT size_t xmppbind_directory_pending(xmppbind_directory *directory);

/** The built-in directory: one process, in memory. Opaque. */
typedef struct xmppbind_memory_directory xmppbind_memory_directory;

/**
 * @brief Makes a directory in memory. A host has one of its own; make another to put something before it.
 *
 * It serves one host at a time, because evictions are told to the one that asks: as long as a full JID is held for one,
 * requests of another are not answered.
 *
 * Any thread may use it: accounts are spread over parts that have a lock each, and no callback runs inside one. What is
 * decided about an account (a claim with its limit, an eviction) is decided at one moment. Its claim numbers grow
 * within an account; those of two accounts have nothing to do with each other. A list tells each resource as it is at
 * that moment: one that is replaced meanwhile may be told again, with the greater number.
 * @param[out] memory the new object; untouched on failure
 * @param allocator where memory comes from, or NULL for malloc
 * @param random where the key of its hash comes from, or NULL for the system's
 * @param user_data passed to `random`
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_NO_MEMORY or #XMPPBIND_ERROR_RANDOM
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_memory_directory_new(xmppbind_memory_directory **memory,
                                                  const xmppbind_allocator *allocator, xmppbind_random_callback random,
                                                  void *user_data);
/**
 * @brief Frees it. No directory may use it any longer.
 * @param memory the directory in memory or NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT void xmppbind_memory_directory_free(xmppbind_memory_directory *memory);
/**
 * @brief Answers a request (claim, release or list) at once.
 * @param memory the directory in memory
 * @param directory the directory that asked
 * @param request the request
 * @return #XMPPBIND_OK when an answer was given, a refusal included; #XMPPBIND_ERROR_INVALID_ARGUMENT;
 *         #XMPPBIND_ERROR_STATE (not answered) when it holds full JIDs for another directory; or
 *         #XMPPBIND_ERROR_UNKNOWN_REQUEST when somebody else was quicker
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_memory_directory_answer(xmppbind_memory_directory *memory, xmppbind_directory *directory,
                                                     const xmppbind_request *request);
/**
 * @brief Who holds a full JID, as its claim number: what xmppbind_directory_list() would say of it, without the others.
 * @param memory the directory in memory
 * @param jid the prepared full JID
 * @param length its length in octets
 * @param[out] claim the number of its claim; untouched when it is not held; may be NULL
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_UNKNOWN_CLAIM when it is not held (or no full JID), or
 *         #XMPPBIND_ERROR_INVALID_ARGUMENT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_memory_directory_find(xmppbind_memory_directory *memory, const char *jid, size_t length,
                                                   uint64_t *claim);
/** @brief How many full JIDs are held. @param memory the directory in memory @return their number @since 0.1.0 */
XMPPBIND_EXPORT size_t xmppbind_memory_directory_count(xmppbind_memory_directory *memory);

#ifdef __cplusplus
}
#endif

#endif
