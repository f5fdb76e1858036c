/**
 * @file xmppbind.h
 * @brief The whole public interface of libxmppbind: the server side of XMPP resource binding
 *        (XEP-0193, RFC 6120 section 7) without any I/O.
 *
 * # Conventions, valid for every function of the library
 *
 * - **Results.** A function that returns `int` returns #XMPPBIND_OK (0) or a positive answer, or a negative
 *   `XMPPBIND_ERROR_...`. A refused call changes nothing: it may be made again.
 * - **NULL.** An object that is NULL gives #XMPPBIND_ERROR_INVALID_ARGUMENT (or 0 or NULL from a getter);
 *   `x_free(NULL)` does nothing. A constructor leaves `*out` untouched when it fails.
 * - **Strings.** In: pointer and length in octets, no terminator needed. Out: pointer and length, and
 *   NUL-terminated too. All text is UTF-8.
 * - **Ownership.** What a function takes over is said there; everything else stays the caller's. What the library
 *   returns stays the library's and lives as long as is said there.
 * - **Threads.** A stream is used by one thread at a time, and may move between threads. Different streams, also of one
 *   account, may be used on different threads at once; hosts, directories and stores are safe to share, contacts and
 *   privacy lists are not.
 * - **Callbacks** run on the caller's thread, inside a call of this library, when the transition is complete and no
 *   lock is held; they must return normally (no longjmp, no exception). Inside a callback every function may be
 *   called: what does not fit the moment (using the very stream whose call made the callback, changing a host that has
 *   streams) answers #XMPPBIND_ERROR_REENTRANT or #XMPPBIND_ERROR_STATE and changes nothing. Freeing inside a callback
 * is deferred until the outermost call returns.
 * - **Time** is an argument, in milliseconds of any clock that does not go backwards.
 * - **Process.** There is no global state and no set-up call; the library never prints, aborts, blocks (but for the
 *   store in SQLite, which reads and writes its file) or touches libxml2's process-wide settings.
 *
 * Numbers of enumerators never change; new ones may appear, so treat an unknown one as "something else".
 */
#ifndef XMPPBIND_H
#define XMPPBIND_H

#include "xmppbind/address.h"
#include "xmppbind/base.h"
#include "xmppbind/binding.h"
#include "xmppbind/roster.h"
#include "xmppbind/session.h"
#include "xmppbind/stanza.h"
#include "xmppbind/storage.h"
#include "xmppbind/store.h"

#endif
