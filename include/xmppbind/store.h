/**
 * @file store.h
 * @brief Rosters and privacy lists: what a host may plug in, and what is built in: one in memory, one in SQLite.
 *
 * # The contract
 *
 * A store is asked seven things: to load a roster, to put or remove one contact of it; to load the privacy lists of an
 * account, to put or remove one of them, to make one the default. Each question is a request with an id that is never
 * used twice. The callback answers by calling xmppbind_store_accept() or xmppbind_store_reject() with that id: inside
 * the callback or later, on any thread, exactly once. Returning 0 from the callback without an answer means "later";
 * it grants nothing. Any other return value is a rejection with internal-server-error, if no answer was given before.
 *
 * - A change is stored whole or not at all, and is stored for good before it is accepted (ROST-2, ROST-5).
 * - Each change of a roster gets a version, a number that only grows for that owner (RFC 6121 section 2.6). It is the
 * version of the roster from then on, and that of the contact.
 * - A contact that is removed leaves its address, its version and #XMPPBIND_ROSTER_REMOVED behind, so that a client can
 * be told what changed since the version it knows. A store may forget the oldest of them, and then says up to which
 * version it did: xmppbind_store_floor(). A client that knows an older version than that gets the whole roster.
 * - A load is answered by naming each contact, in the order of their versions, those that were removed included; or
 * each list, in any order, and the default; then accept or reject. Nothing of it is used before it is accepted.
 * - Removing what is not there, or making a list the default that is not there, is rejected with
 * #XMPPBIND_CONDITION_ITEM_NOT_FOUND. Removing the default list leaves the account without a default.
 * - A second answer, or one to an id nobody asked, is #XMPPBIND_ERROR_UNKNOWN_REQUEST and changes nothing. An answer
 * for which nobody waits any longer is taken all the same.
 */
#ifndef XMPPBIND_STORE_H
#define XMPPBIND_STORE_H

#include "base.h"
#include "roster.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The store as a host sees it: its callbacks and the requests that are open. Opaque; safe to share. */
typedef struct xmppbind_store xmppbind_store;
/** One question to the store. Opaque; valid until it is answered, and never changed. */
typedef struct xmppbind_store_request xmppbind_store_request;

/* --- requests ----------------------------------------------------------------------------------------------------- */

/** What a request asks. */
enum xmppbind_store_kind {
    XMPPBIND_STORE_ROSTER_LOAD = 1,   /**< name the contacts, then accept with the version now */
    XMPPBIND_STORE_ROSTER_PUT = 2,    /**< store the contact in place of what is known of it; accept with the version */
    XMPPBIND_STORE_ROSTER_REMOVE = 3, /**< remove the contact; accept with the version that this change got */
    XMPPBIND_STORE_LISTS_LOAD = 4,    /**< name the privacy lists and the default, then accept */
    XMPPBIND_STORE_LIST_PUT = 5,      /**< store the list in place of the one with its name */
    XMPPBIND_STORE_LIST_REMOVE = 6,   /**< remove the list */
    XMPPBIND_STORE_LIST_DEFAULT = 7   /**< make the list the default; without a name: there is no default any longer */
};

/**
 * @brief Answers a request of the store, now or later: see the contract above.
 * @param request what is asked; valid until it is answered, its id may be kept
 * @param user_data as given to the setter
 * @return 0, or anything else for a rejection with internal-server-error
 */
typedef int (*xmppbind_store_callback)(const xmppbind_store_request *request, void *user_data);

/** @brief The id of a request: not 0, never used twice. @param request the request @return the id @since 0.1.0 */
XMPPBIND_EXPORT uint64_t xmppbind_store_request_id(const xmppbind_store_request *request);
/** @brief What it asks. @param request the request @return an #xmppbind_store_kind @since 0.1.0 */
XMPPBIND_EXPORT int xmppbind_store_request_kind(const xmppbind_store_request *request);
/**
 * @brief Whose roster or lists: the prepared bare JID of the account, or a full JID, where each resource has a roster
 * of its own (ROST-6).
 * @param request the request
 * @param[out] length its length in octets; may be NULL
 * @return the text, valid until the request is answered
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_store_request_owner(const xmppbind_store_request *request, size_t *length);
/**
 * @brief Which session asks (ROST-6).
 * @param request the request
 * @param[out] length its length in octets; may be NULL
 * @return its prepared full JID, valid until the request is answered; empty when it was no session, but a subscription
 * that came in
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_store_request_session(const xmppbind_store_request *request, size_t *length);
/**
 * @brief The contact that is to be stored.
 * @param request a request of kind #XMPPBIND_STORE_ROSTER_PUT
 * @return the contact, valid until the request is answered; NULL for other kinds
 * @since 0.1.0
 */
XMPPBIND_EXPORT const xmppbind_roster_item *xmppbind_store_request_item(const xmppbind_store_request *request);
/**
 * @brief The privacy list that is to be stored.
 * @param request a request of kind #XMPPBIND_STORE_LIST_PUT
 * @return the list, valid until the request is answered; NULL for other kinds
 * @since 0.1.0
 */
XMPPBIND_EXPORT const xmppbind_privacy_list *xmppbind_store_request_list(const xmppbind_store_request *request);
/**
 * @brief What is to be removed, or to be the default.
 * @param request the request
 * @param[out] length its length in octets; may be NULL
 * @return the address of the contact (#XMPPBIND_STORE_ROSTER_REMOVE) or the name of the list
 * (#XMPPBIND_STORE_LIST_REMOVE, #XMPPBIND_STORE_LIST_DEFAULT), valid until the request is answered; empty for other
 * kinds, and for "no default any longer"
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_store_request_name(const xmppbind_store_request *request, size_t *length);

/* --- the store and its answers ------------------------------------------------------------------------------------ */

/**
 * @brief Makes a store without callbacks.
 * @param[out] store the new object; untouched on failure
 * @param allocator where memory comes from, or NULL for malloc
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_NO_MEMORY
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_store_new(xmppbind_store **store, const xmppbind_allocator *allocator);
/**
 * @brief Frees a store. Who still waits for an answer gets internal-server-error; no answer may come after it.
 * @param store the store or NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT void xmppbind_store_free(xmppbind_store *store);
/**
 * @brief Plugs in the callbacks for rosters. They go together: each needs the others' records.
 * @param store a store that was not asked anything yet
 * @param load answers #XMPPBIND_STORE_ROSTER_LOAD
 * @param put answers #XMPPBIND_STORE_ROSTER_PUT
 * @param erase answers #XMPPBIND_STORE_ROSTER_REMOVE
 * @param user_data passed to all of them
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, or #XMPPBIND_ERROR_STATE after the first request
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_store_set_roster(xmppbind_store *store, xmppbind_store_callback load,
                                              xmppbind_store_callback put, xmppbind_store_callback erase,
                                              void *user_data);
/**
 * @brief Plugs in the callbacks for privacy lists.
 * @param store a store that was not asked anything yet
 * @param load answers #XMPPBIND_STORE_LISTS_LOAD
 * @param put answers #XMPPBIND_STORE_LIST_PUT
 * @param erase answers #XMPPBIND_STORE_LIST_REMOVE
 * @param set_default answers #XMPPBIND_STORE_LIST_DEFAULT
 * @param user_data passed to all of them
 * @return as xmppbind_store_set_roster()
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_store_set_lists(xmppbind_store *store, xmppbind_store_callback load,
                                             xmppbind_store_callback put, xmppbind_store_callback erase,
                                             xmppbind_store_callback set_default, void *user_data);
/**
 * @brief Names one contact in answer to #XMPPBIND_STORE_ROSTER_LOAD.
 * @param store the store that asked
 * @param request the id of the request
 * @param item the contact with its version; it is copied
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_UNKNOWN_REQUEST, #XMPPBIND_ERROR_INVALID_ARGUMENT or
 *         #XMPPBIND_ERROR_NO_MEMORY; after that last one, accepting the request is as good as rejecting it
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_store_roster_entry(xmppbind_store *store, uint64_t request,
                                                const xmppbind_roster_item *item);
/**
 * @brief Names one privacy list in answer to #XMPPBIND_STORE_LISTS_LOAD.
 * @param store the store that asked
 * @param request the id of the request
 * @param list the list; it is copied
 * @return as xmppbind_store_roster_entry()
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_store_list_entry(xmppbind_store *store, uint64_t request,
                                              const xmppbind_privacy_list *list);
/**
 * @brief Names the default list in answer to #XMPPBIND_STORE_LISTS_LOAD; if it is not called, there is none.
 * @param store the store that asked
 * @param request the id of the request
 * @param name the name of the list
 * @param length its length in octets, not 0
 * @return as xmppbind_store_roster_entry()
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_store_default_entry(xmppbind_store *store, uint64_t request, const char *name,
                                                 size_t length);
/**
 * @brief Says in answer to #XMPPBIND_STORE_ROSTER_LOAD up to which version removals are forgotten; if it is not called,
 * none are.
 * @param store the store that asked
 * @param request the id of the request
 * @param floor the version; what a client that knows an older one has to forget cannot be said any longer
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_UNKNOWN_REQUEST or #XMPPBIND_ERROR_INVALID_ARGUMENT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_store_floor(xmppbind_store *store, uint64_t request, uint64_t floor);
/**
 * @brief Accepts a request: what was asked is done, what was to be named has been named.
 * @param store the store that asked
 * @param request the id of the request
 * @param version of a roster: for a change the version that it got, not 0; for a load the version now, 0 when there
 * never was a change. Otherwise ignored
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_UNKNOWN_REQUEST, or #XMPPBIND_ERROR_INVALID_ARGUMENT for a change without a
 *         version
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_store_accept(xmppbind_store *store, uint64_t request, uint64_t version);
/**
 * @brief Rejects a request: nothing was changed.
 * @param store the store that asked
 * @param request the id of the request
 * @param condition why; it is given to the client as it is. #XMPPBIND_CONDITION_NONE and what is no condition as
 * internal-server-error
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_UNKNOWN_REQUEST or #XMPPBIND_ERROR_INVALID_ARGUMENT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_store_reject(xmppbind_store *store, uint64_t request, int condition);
/** @brief How many requests wait for an answer. @param store the store @return their number @since 0.1.0 */
XMPPBIND_EXPORT size_t xmppbind_store_pending(xmppbind_store *store);

/* --- in memory ---------------------------------------------------------------------------------------------------- */

/** The built-in store in memory, for one process. Opaque; safe to share, also between stores. */
typedef struct xmppbind_memory_store xmppbind_memory_store;

/**
 * @brief Makes a store in memory. Of each roster it remembers the 1,000 removals that are the newest.
 *
 * Versions begin at a random number, so that a version which a client kept from a former life is not taken for one of
 * this.
 * @param[out] memory the new object; untouched on failure
 * @param allocator where memory comes from, or NULL for malloc
 * @param random where the key of its hash and the first version come from, or NULL for the system's
 * @param user_data passed to `random`
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_NO_MEMORY or #XMPPBIND_ERROR_RANDOM
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_memory_store_new(xmppbind_memory_store **memory, const xmppbind_allocator *allocator,
                                              xmppbind_random_callback random, void *user_data);
/**
 * @brief Frees it. No store may use it any longer.
 * @param memory the store in memory or NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT void xmppbind_memory_store_free(xmppbind_memory_store *memory);
/**
 * @brief Answers a request at once.
 * @param memory the store in memory
 * @param store the store that asked
 * @param request the request
 * @return #XMPPBIND_OK when an answer was given, a refusal included; #XMPPBIND_ERROR_INVALID_ARGUMENT; or
 *         #XMPPBIND_ERROR_UNKNOWN_REQUEST when somebody else was quicker
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_memory_store_answer(xmppbind_memory_store *memory, xmppbind_store *store,
                                                 const xmppbind_store_request *request);

/* --- in SQLite ---------------------------------------------------------------------------------------------------- */

/**
 * The built-in store in a file of SQLite. Opaque; safe to share between threads and stores. Several processes may use
 * one file, each with an object of its own, made after the fork.
 */
typedef struct xmppbind_sqlite_store xmppbind_sqlite_store;

/**
 * @brief Opens a file, or makes it, checks it, and brings it from an older schema to the present one.
 *
 * The check reads the whole file once. A file that may not be written can be loaded from, and changes are refused; in a
 * folder that may not be written either, it is taken for one that nobody else changes. Beside the file there are two
 * more while it is used (`-wal` and `-shm`), which belong to it; in copying it, SQLite's own tools help.
 * Of each roster the 1,000 removals that are the newest are remembered.
 *
 * @param[out] sqlite the new object; untouched on failure
 * @param path the file; not ":memory:" or a URI, which are taken for the names of files
 * @param length its length in octets, not 0
 * @param allocator where memory comes from, or NULL for malloc; SQLite itself has its own
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT, #XMPPBIND_ERROR_NO_MEMORY, or one of the errors of stores:
 *         #XMPPBIND_ERROR_STORE_UNSUPPORTED, #XMPPBIND_ERROR_STORE_OPEN, #XMPPBIND_ERROR_STORE_DAMAGED,
 *         #XMPPBIND_ERROR_STORE_READ_ONLY (and it is empty or has an older schema), #XMPPBIND_ERROR_STORE_NEWER,
 *         #XMPPBIND_ERROR_STORE_FULL, #XMPPBIND_ERROR_STORE_BUSY, #XMPPBIND_ERROR_STORE_FOREIGN,
 *         #XMPPBIND_ERROR_STORE_INPUT_OUTPUT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_sqlite_store_new(xmppbind_sqlite_store **sqlite, const char *path, size_t length,
                                              const xmppbind_allocator *allocator);
/**
 * @brief Closes it. No store may use it any longer.
 * @param sqlite the store in SQLite or NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT void xmppbind_sqlite_store_free(xmppbind_sqlite_store *sqlite);
/**
 * @brief Answers a request at once. This reads or writes the file, and waits up to 5 seconds for another process that
 * writes it: a host that must not wait keeps the request and calls this on a thread of its own.
 *
 * When SQLite fails, the request is rejected with internal-server-error, and xmppbind_sqlite_store_message() says why.
 * Every change is one transaction, which is on the disk when it is accepted. After an error of the disk that was
 * answered with a rejection, the change may be found to be stored when the file is opened the next time: then it is
 * there as a whole.
 * @param sqlite the store in SQLite
 * @param store the store that asked
 * @param request the request
 * @return #XMPPBIND_OK when an answer was given, a refusal included; #XMPPBIND_ERROR_INVALID_ARGUMENT;
 *         #XMPPBIND_ERROR_REENTRANT (not answered) from a callback of the allocator while it answers; or
 *         #XMPPBIND_ERROR_UNKNOWN_REQUEST when somebody else was quicker
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_sqlite_store_answer(xmppbind_sqlite_store *sqlite, xmppbind_store *store,
                                                 const xmppbind_store_request *request);
/**
 * @brief What the last failure was, in words, for a log.
 * @param sqlite the store in SQLite
 * @param[out] text where it goes, NUL-terminated, cut off where there is no more room; may be NULL when `size` is 0
 * @param size the room in octets
 * @return the length of the whole text; 0 when nothing has failed
 * @since 0.1.0
 */
XMPPBIND_EXPORT size_t xmppbind_sqlite_store_message(xmppbind_sqlite_store *sqlite, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
