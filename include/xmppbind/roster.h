/**
 * @file roster.h
 * @brief What a store keeps: contacts of rosters, and privacy lists. Only data; who may change what is decided
 * elsewhere.
 *
 * Texts are UTF-8, which is not checked here, and never contain NUL.
 */
#ifndef XMPPBIND_ROSTER_H
#define XMPPBIND_ROSTER_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A contact of a roster, or one that asks to become one. Opaque; used by one thread at a time. */
typedef struct xmppbind_roster_item xmppbind_roster_item;
/** A privacy list with its rules (XEP-0016). Opaque; used by one thread at a time. */
typedef struct xmppbind_privacy_list xmppbind_privacy_list;

/* --- a contact ---------------------------------------------------------------------------------------------------- */

/** Who gets whose presence (RFC 6121 section 2.1.2.5). */
enum xmppbind_subscription {
    XMPPBIND_SUBSCRIPTION_NONE = 0, /**< neither */
    XMPPBIND_SUBSCRIPTION_TO = 1,   /**< the account gets the contact's */
    XMPPBIND_SUBSCRIPTION_FROM = 2, /**< the contact gets the account's */
    XMPPBIND_SUBSCRIPTION_BOTH = 3  /**< both */
};

/** What else is known about a contact, as bits. */
enum xmppbind_roster_flag {
    XMPPBIND_ROSTER_ASK = 1,        /**< the account asked for a subscription: 'ask', "Pending Out" */
    XMPPBIND_ROSTER_APPROVED = 2,   /**< a subscription of the contact is approved in advance */
    XMPPBIND_ROSTER_PENDING_IN = 4, /**< the contact asked for a subscription (SUB-2); see the stanza */
    XMPPBIND_ROSTER_LISTED = 8,     /**< it is in the roster; "None + Pending In" is kept, but shown to nobody */
    XMPPBIND_ROSTER_REMOVED = 16    /**< it was removed: only its JID and its version count; goes with no other bit */
};

/**
 * @brief Makes a contact: listed, subscription none, without a name, groups, a stanza, or a version.
 * @param[out] item the new object; untouched on failure
 * @param allocator where memory comes from, or NULL for malloc
 * @param jid its prepared address
 * @param length its length in octets, not 0
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_NO_MEMORY
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_roster_item_new(xmppbind_roster_item **item, const xmppbind_allocator *allocator,
                                             const char *jid, size_t length);
/** @brief Frees a contact. @param item the contact or NULL @since 0.1.0 */
XMPPBIND_EXPORT void xmppbind_roster_item_free(xmppbind_roster_item *item);
/**
 * @brief The prepared address of a contact.
 * @param item the contact
 * @param[out] length its length in octets; may be NULL
 * @return the text, valid as long as the contact
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_roster_item_jid(const xmppbind_roster_item *item, size_t *length);
/**
 * @brief The name that the user gave a contact (RFC 6121 section 2.1.2.4).
 * @param item the contact
 * @param[out] length its length in octets; may be NULL
 * @return the text, valid until it is set again; NULL when there is none, which is not the same as an empty one
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_roster_item_name(const xmppbind_roster_item *item, size_t *length);
/**
 * @brief Sets the name.
 * @param item the contact
 * @param name the text, which is copied; NULL for none
 * @param length its length in octets
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT (NUL in the text) or #XMPPBIND_ERROR_NO_MEMORY
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_roster_item_set_name(xmppbind_roster_item *item, const char *name, size_t length);
/** @brief How many groups a contact is in. @param item the contact @return their number @since 0.1.0 */
XMPPBIND_EXPORT size_t xmppbind_roster_item_group_count(const xmppbind_roster_item *item);
/**
 * @brief One of the groups, in the order they were added.
 * @param item the contact
 * @param index from 0
 * @param[out] length the length of its name in octets; may be NULL
 * @return its name, valid until the groups change; NULL beyond the last
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_roster_item_group(const xmppbind_roster_item *item, size_t index, size_t *length);
/**
 * @brief Adds a group.
 * @param item the contact
 * @param name its name, which is copied
 * @param length its length in octets, not 0
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT (also for a group that it is in already) or
 *         #XMPPBIND_ERROR_NO_MEMORY
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_roster_item_add_group(xmppbind_roster_item *item, const char *name, size_t length);
/** @brief Takes a contact out of all groups. @param item the contact @since 0.1.0 */
XMPPBIND_EXPORT void xmppbind_roster_item_clear_groups(xmppbind_roster_item *item);
/** @brief The state of its subscriptions. @param item the contact @return an #xmppbind_subscription @since 0.1.0 */
XMPPBIND_EXPORT int xmppbind_roster_item_subscription(const xmppbind_roster_item *item);
/**
 * @brief Sets the state of its subscriptions.
 * @param item the contact
 * @param subscription an #xmppbind_subscription
 * @return #XMPPBIND_OK or #XMPPBIND_ERROR_INVALID_ARGUMENT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_roster_item_set_subscription(xmppbind_roster_item *item, int subscription);
/** @brief What else is known of it. @param item the contact @return #xmppbind_roster_flag bits @since 0.1.0 */
XMPPBIND_EXPORT uint32_t xmppbind_roster_item_flags(const xmppbind_roster_item *item);
/**
 * @brief Sets what else is known of it, all at once.
 * @param item the contact
 * @param flags #xmppbind_roster_flag bits
 * @return #XMPPBIND_OK or #XMPPBIND_ERROR_INVALID_ARGUMENT (an unknown bit, or "removed" with another)
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_roster_item_set_flags(xmppbind_roster_item *item, uint32_t flags);
/**
 * @brief The presence stanza by which the contact asked for a subscription: the server keeps it until it is answered,
 * and shows it as it came (RFC 6121 section 3.1.3).
 * @param item the contact
 * @param[out] length its length in octets; may be NULL
 * @return the XML, valid until it is set again; NULL when there is none
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_roster_item_stanza(const xmppbind_roster_item *item, size_t *length);
/**
 * @brief Sets that stanza.
 * @param item the contact
 * @param stanza the XML, which is copied and not looked at; NULL for none
 * @param length its length in octets
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT (NUL in it) or #XMPPBIND_ERROR_NO_MEMORY
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_roster_item_set_stanza(xmppbind_roster_item *item, const char *stanza, size_t length);
/** @brief The version its last change got. @param item the contact @return the number; 0: none @since 0.1.0 */
XMPPBIND_EXPORT uint64_t xmppbind_roster_item_version(const xmppbind_roster_item *item);
/**
 * @brief Sets its version; only a store does, in the answer to a load.
 * @param item the contact
 * @param version the number
 * @return #XMPPBIND_OK or #XMPPBIND_ERROR_INVALID_ARGUMENT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_roster_item_set_version(xmppbind_roster_item *item, uint64_t version);

/* --- a privacy list ----------------------------------------------------------------------------------------------- */

/** What a rule of a privacy list looks at (XEP-0016 section 2.1). */
enum xmppbind_privacy_type {
    XMPPBIND_PRIVACY_ANY = 0,         /**< no 'type': matches everything, has no value */
    XMPPBIND_PRIVACY_JID = 1,         /**< value: a full or bare JID, a domain with or without a resource */
    XMPPBIND_PRIVACY_GROUP = 2,       /**< value: a group of the roster */
    XMPPBIND_PRIVACY_SUBSCRIPTION = 3 /**< value: "both", "to", "from" or "none" */
};

/** What becomes of what a rule matches. */
enum xmppbind_privacy_action {
    XMPPBIND_PRIVACY_ALLOW = 1, /**< it goes through */
    XMPPBIND_PRIVACY_DENY = 2   /**< it does not */
};

/** Which stanzas a rule is for, as bits; none of them means all stanzas. */
enum xmppbind_privacy_kind {
    XMPPBIND_PRIVACY_MESSAGE = 1,     /**< incoming messages */
    XMPPBIND_PRIVACY_IQ = 2,          /**< incoming IQs */
    XMPPBIND_PRIVACY_PRESENCE_IN = 4, /**< incoming presence */
    XMPPBIND_PRIVACY_PRESENCE_OUT = 8 /**< outgoing presence */
};

/**
 * @brief Makes a privacy list without rules.
 * @param[out] list the new object; untouched on failure
 * @param allocator where memory comes from, or NULL for malloc
 * @param name its name
 * @param length the length of the name in octets, not 0
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_NO_MEMORY
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_privacy_list_new(xmppbind_privacy_list **list, const xmppbind_allocator *allocator,
                                              const char *name, size_t length);
/** @brief Frees a list. @param list the list or NULL @since 0.1.0 */
XMPPBIND_EXPORT void xmppbind_privacy_list_free(xmppbind_privacy_list *list);
/**
 * @brief The name of a list.
 * @param list the list
 * @param[out] length its length in octets; may be NULL
 * @return the text, valid as long as the list
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_privacy_list_name(const xmppbind_privacy_list *list, size_t *length);
/**
 * @brief Adds a rule. Rules are kept in the order of their numbers (PRIV-4).
 * @param list the list
 * @param order its number, which no other rule of the list has
 * @param type an #xmppbind_privacy_type
 * @param value what it is compared with, copied; NULL for #XMPPBIND_PRIVACY_ANY and for nothing else
 * @param length the length of the value in octets
 * @param action an #xmppbind_privacy_action
 * @param kinds #xmppbind_privacy_kind bits; 0 for all stanzas
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_NO_MEMORY
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_privacy_list_add(xmppbind_privacy_list *list, uint32_t order, int type, const char *value,
                                              size_t length, int action, uint32_t kinds);
/** @brief How many rules a list has. @param list the list @return their number @since 0.1.0 */
XMPPBIND_EXPORT size_t xmppbind_privacy_list_count(const xmppbind_privacy_list *list);
/**
 * @brief The number of a rule.
 * @param list the list
 * @param index from 0, by number
 * @return the number; 0 beyond the last
 * @since 0.1.0
 */
XMPPBIND_EXPORT uint32_t xmppbind_privacy_list_order(const xmppbind_privacy_list *list, size_t index);
/**
 * @brief What a rule looks at.
 * @param list the list
 * @param index from 0, by number
 * @return an #xmppbind_privacy_type; #XMPPBIND_PRIVACY_ANY beyond the last
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_privacy_list_type(const xmppbind_privacy_list *list, size_t index);
/**
 * @brief What a rule compares with.
 * @param list the list
 * @param index from 0, by number
 * @param[out] length its length in octets; may be NULL
 * @return the text, valid as long as the list; NULL for #XMPPBIND_PRIVACY_ANY and beyond the last
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_privacy_list_value(const xmppbind_privacy_list *list, size_t index,
                                                        size_t *length);
/**
 * @brief What becomes of what a rule matches.
 * @param list the list
 * @param index from 0, by number
 * @return an #xmppbind_privacy_action; 0 beyond the last
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_privacy_list_action(const xmppbind_privacy_list *list, size_t index);
/**
 * @brief Which stanzas a rule is for.
 * @param list the list
 * @param index from 0, by number
 * @return #xmppbind_privacy_kind bits; 0: all
 * @since 0.1.0
 */
XMPPBIND_EXPORT uint32_t xmppbind_privacy_list_kinds(const xmppbind_privacy_list *list, size_t index);

#ifdef __cplusplus
}
#endif

#endif
