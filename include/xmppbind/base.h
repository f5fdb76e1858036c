/**
 * @file base.h
 * @brief Errors, conditions, memory, version: what all layers of the library share.
 */
#ifndef XMPPBIND_BASE_H
#define XMPPBIND_BASE_H

#include <stddef.h>
#include <stdint.h>

/** Marks what the shared library exports; everything else in it is hidden. */
#if defined(__GNUC__)
#define XMPPBIND_EXPORT __attribute__((visibility("default")))
#else
#define XMPPBIND_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The version of these headers as a number: major * 65536 + minor * 256 + patch. */
#define XMPPBIND_VERSION_NUMBER 0x000100
/** The version of these headers as text. */
#define XMPPBIND_VERSION "0.1.0"

/** What functions return: 0 or a negative number of this list. The numbers never change. */
enum xmppbind_error {
    XMPPBIND_OK = 0,                         /**< it worked */
    XMPPBIND_ERROR_NO_MEMORY = -1001,        /**< memory ran out; nothing changed, the call can be made again */
    XMPPBIND_ERROR_INVALID_ARGUMENT = -1002, /**< an argument is NULL, out of range or contradicts another */
    XMPPBIND_ERROR_REENTRANT = -1003,    /**< called from a callback of a call that is still running on this object */
    XMPPBIND_ERROR_STATE = -1004,        /**< too late or too early: say, an option set after the first stream */
    XMPPBIND_ERROR_CLOSED = -1005,       /**< the stream is over; what was offered stays with the caller */
    XMPPBIND_ERROR_QUEUE_FULL = -1006,   /**< too many events wait to be drained; drain, then call again */
    XMPPBIND_ERROR_WAITING_FULL = -1007, /**< too many stanzas wait for storage; call again after its answer */
    XMPPBIND_ERROR_WAITING = -1008,      /**< a bind or unbind waits for storage; ask again after its answer */
    XMPPBIND_ERROR_UNKNOWN_REQUEST = -1009, /**< no such request is open: unknown, stale or answered already */
    XMPPBIND_ERROR_UNKNOWN_CLAIM = -1010,   /**< nobody here holds this address under this claim number */
    XMPPBIND_ERROR_UNKNOWN_OPTION = -1011,  /**< no option has this number or name */
    XMPPBIND_ERROR_OPTION_VALUE = -1012,    /**< the option does not take this value */
    XMPPBIND_ERROR_RANDOM = -1013,          /**< the source of random octets failed */
    XMPPBIND_ERROR_NOT_A_STANZA = -1014,    /**< no message, presence or IQ in jabber:client or no namespace */
    XMPPBIND_ERROR_NOT_WELL_FORMED = -1015, /**< the octets are not one well-formed element without a DTD */
    XMPPBIND_ERROR_TOO_LARGE = -1016,       /**< the stanza is longer than "max-stanza-bytes" */
    XMPPBIND_ERROR_UNKNOWN_SENDER = -1017,  /**< return the stanza to its client with unknown-sender */
    XMPPBIND_ERROR_JID_MALFORMED = -1018,   /**< return the stanza to its client with jid-malformed */
    XMPPBIND_ERROR_INVALID_FROM = -1019,    /**< 'from' of another account: the stream is being closed */
    XMPPBIND_ERROR_NOT_BOUND = -1020,       /**< a stanza before the first bind: the stream is being closed */
    XMPPBIND_ERROR_ADDRESS_EMPTY = -1030,   /**< a part of the address that has to be there is empty */
    XMPPBIND_ERROR_ADDRESS_TOO_LONG =
        -1031, /**< a part of the address is longer than 1023 octets, or a label than 63 */
    XMPPBIND_ERROR_ADDRESS_NOT_UTF8 = -1032,    /**< the address is not valid UTF-8 */
    XMPPBIND_ERROR_ADDRESS_FORBIDDEN = -1033,   /**< a code point is not allowed in this part */
    XMPPBIND_ERROR_ADDRESS_DOMAIN = -1034,      /**< the domainpart is no domain name and no IP literal */
    XMPPBIND_ERROR_ADDRESS_UNSUPPORTED = -1035, /**< the library was built without what this profile needs */
    XMPPBIND_ERROR_ADDRESS_CONTEXT = -1036,   /**< a code point is not allowed where it stands (RFC 5892 appendix A) */
    XMPPBIND_ERROR_ADDRESS_BIDI = -1037,      /**< right-to-left characters against the bidi rule (RFC 5893) */
    XMPPBIND_ERROR_STORE_UNSUPPORTED = -1040, /**< the library was built without SQLite */
    XMPPBIND_ERROR_STORE_OPEN = -1041,        /**< the file of the store cannot be opened or made */
    XMPPBIND_ERROR_STORE_DAMAGED = -1042,     /**< the file of the store is damaged, or no database at all */
    XMPPBIND_ERROR_STORE_READ_ONLY = -1043,   /**< the file of the store would have to be written, and may not be */
    XMPPBIND_ERROR_STORE_NEWER = -1044,       /**< a newer version of the library has written the file of the store */
    XMPPBIND_ERROR_STORE_FULL = -1045,        /**< no room on the disk for the file of the store */
    XMPPBIND_ERROR_STORE_BUSY = -1046,        /**< another process holds the file of the store for too long */
    XMPPBIND_ERROR_STORE_FOREIGN = -1047,     /**< the file is a database of another program */
    XMPPBIND_ERROR_STORE_INPUT_OUTPUT = -1048 /**< reading or writing the file of the store failed */
};

/**
 * @brief What an error means, in words.
 * @param error a return value of any function of the library, or any other number
 * @return a static text, never NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_strerror(int error);

/**
 * @brief The name of an error, such as "XMPPBIND_ERROR_NO_MEMORY".
 * @param error a return value of any function of the library, or any other number
 * @return a static text, never NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_error_name(int error);

/** The conditions of stanza errors and stream errors (RFC 6120 sections 4.9.3 and 8.3.3) that the library uses. */
enum xmppbind_condition {
    XMPPBIND_CONDITION_NONE = 0,                  /**< no error */
    XMPPBIND_CONDITION_BAD_REQUEST = 1,           /**< stanza, type modify */
    XMPPBIND_CONDITION_CONFLICT = 2,              /**< stanza, type modify; also a stream error */
    XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR = 3, /**< stanza, type wait */
    XMPPBIND_CONDITION_ITEM_NOT_FOUND = 4,        /**< stanza, type cancel */
    XMPPBIND_CONDITION_JID_MALFORMED = 5,         /**< stanza, type modify */
    XMPPBIND_CONDITION_NOT_ALLOWED = 6,           /**< stanza, type cancel */
    XMPPBIND_CONDITION_RESOURCE_CONSTRAINT = 7,   /**< stanza, type wait */
    XMPPBIND_CONDITION_RESOURCE_LIMIT = 8,        /**< resource-constraint with resource-limit-exceeded (XEP-0205) */
    XMPPBIND_CONDITION_UNKNOWN_SENDER = 9,        /**< stanza, type modify (XEP-0193 section 3.1) */
    XMPPBIND_CONDITION_NOT_AUTHORIZED = 10,       /**< stream error */
    XMPPBIND_CONDITION_INVALID_FROM = 11,         /**< stream error */
    XMPPBIND_CONDITION_POLICY_VIOLATION = 12,     /**< stream error */
    XMPPBIND_CONDITION_FORBIDDEN = 13,            /**< stanza, type auth */
    XMPPBIND_CONDITION_NOT_ACCEPTABLE = 14,       /**< stanza, type modify */
    XMPPBIND_CONDITION_SERVICE_UNAVAILABLE = 15,  /**< stanza, type cancel */
    XMPPBIND_CONDITION_LIST_IN_USE = 16           /**< conflict as a stanza error of type cancel (XEP-0016) */
};

/**
 * @brief The element name of a condition, such as "bad-request" (RFC 6120 section 8.3.3).
 * @param condition an #xmppbind_condition, or any other number
 * @return a static text, never NULL; "" for #XMPPBIND_CONDITION_NONE, "undefined-condition" for a number not listed
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_condition_name(int condition);

/**
 * @brief The error type that goes with a condition in a stanza error (RFC 6120 section 8.3.2).
 * @param condition an #xmppbind_condition, or any other number
 * @return "auth", "modify", "cancel" or "wait", never NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_condition_type(int condition);

/**
 * @brief The version of the library that runs, as text such as "0.1.0".
 * @return a static text
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_version(void);

/**
 * @brief The version of the library that runs, as #XMPPBIND_VERSION_NUMBER counts it.
 * @return the number
 * @since 0.1.0
 */
XMPPBIND_EXPORT uint32_t xmppbind_version_number(void);

/**
 * @brief Returns at least `size` octets of memory, aligned for any type, or NULL. `size` is never 0.
 */
typedef void *(*xmppbind_allocate_callback)(size_t size, void *user_data);
/**
 * @brief Takes back what the allocate callback of the same allocator gave. `memory` is never NULL.
 */
typedef void (*xmppbind_release_memory_callback)(void *memory, void *user_data);

/** A source of memory for the objects of the library. Opaque. */
typedef struct xmppbind_allocator xmppbind_allocator;

/**
 * @brief Makes an allocator. It is copied by whatever it is given to, so it can be freed at once.
 *
 * Trees and text that libxml2 makes come from libxml2's own allocator, not from here.
 *
 * @param[out] allocator the new object; untouched on failure
 * @param allocate gives memory
 * @param release takes it back
 * @param user_data passed to both; must live as long as any object that uses the allocator
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_NO_MEMORY
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_allocator_new(xmppbind_allocator **allocator, xmppbind_allocate_callback allocate,
                                           xmppbind_release_memory_callback release, void *user_data);

/**
 * @brief Frees the allocator object itself; objects that copied it go on using its callbacks.
 * @param allocator the allocator or NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT void xmppbind_allocator_free(xmppbind_allocator *allocator);

/**
 * @brief Fills `octets` with `length` unpredictable octets.
 * @return 0 when all were filled, anything else is a failure
 */
typedef int (*xmppbind_random_callback)(uint8_t *octets, size_t length, void *user_data);

#ifdef __cplusplus
}
#endif

#endif
