/**
 * @file address.h
 * @brief XMPP addresses (JIDs): splitting and preparing (RFC 7622).
 *
 * Addresses of every script are prepared as RFC 7622 says: localparts by UsernameCaseMapped without the characters that
 * the RFC excludes, resourceparts by OpaqueString (RFC 8265), domainparts as U-labels (IDNA2008). What is not ASCII
 * costs some memory from malloc inside libidn2 (names) and none elsewhere.
 */
#ifndef XMPPBIND_ADDRESS_H
#define XMPPBIND_ADDRESS_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The longest part of an address, in octets (RFC 7622 section 3.1). */
#define XMPPBIND_PART_MAXIMUM 1023
/** The longest address, in octets, without a terminator: three parts and two separators. */
#define XMPPBIND_JID_MAXIMUM 3071

/** How addresses are prepared before they are compared: the option "address-profile". */
enum xmppbind_address_profile {
    XMPPBIND_ADDRESS_PROFILE_RFC7622 = 0, /**< PRECIS (RFC 7622, 8264, 8265) */
    XMPPBIND_ADDRESS_PROFILE_RFC3920 =
        1 /**< stringprep (nodeprep, nameprep, resourceprep of RFC 3920), with GNU libidn */
};

/**
 * @brief Splits a JID and prepares its parts, so that two spellings of one address become the same octets.
 *
 * Splitting is that of RFC 7622 section 3.1: the resourcepart is all after the first '/', the localpart all before the
 * first '@' of the rest.
 *
 * @param profile an #xmppbind_address_profile
 * @param text the JID as it came
 * @param length its length in octets
 * @param[out] prepared room for the prepared JID and a NUL; untouched on failure
 * @param capacity the size of `prepared`; #XMPPBIND_JID_MAXIMUM + 1 is always enough
 * @param[out] prepared_length the length of the prepared JID in octets
 * @param[out] bare_length how many of them are the bare JID: all of them when there is no resourcepart
 * @return #XMPPBIND_OK, an `XMPPBIND_ERROR_ADDRESS_...`, or #XMPPBIND_ERROR_INVALID_ARGUMENT (NULL, an unknown profile,
 * a `capacity` that is too small)
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_jid_prepare(int profile, const char *text, size_t length, char *prepared, size_t capacity,
                                         size_t *prepared_length, size_t *bare_length);

/**
 * @brief Prepares a resourcepart alone (RFC 7622 section 3.4).
 * @param profile an #xmppbind_address_profile
 * @param text the resourcepart as it came
 * @param length its length in octets; more than 1023 is refused, never cut
 * @param[out] prepared room for the prepared resourcepart and a NUL; untouched on failure
 * @param capacity the size of `prepared`; #XMPPBIND_PART_MAXIMUM + 1 is always enough
 * @param[out] prepared_length the length of the prepared resourcepart in octets
 * @return as xmppbind_jid_prepare()
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_resource_prepare(int profile, const char *text, size_t length, char *prepared,
                                              size_t capacity, size_t *prepared_length);

/**
 * @brief Compares two JIDs in prepared form.
 * @param profile an #xmppbind_address_profile
 * @param left one JID, @param left_length its length in octets
 * @param right the other, @param right_length its length in octets
 * @param[out] same 1 when they are the same address, 0 when not; untouched on failure
 * @return as xmppbind_jid_prepare(), for the first of the two that cannot be prepared
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_jid_compare(int profile, const char *left, size_t left_length, const char *right,
                                         size_t right_length, int *same);

/**
 * @brief Puts a JID together from its parts, each of which is prepared.
 * @param profile an #xmppbind_address_profile
 * @param local the localpart, or NULL for none; @param local_length its length in octets
 * @param domain the domainpart; @param domain_length its length in octets
 * @param resource the resourcepart, or NULL for none; @param resource_length its length in octets
 * @param[out] prepared room for the JID and a NUL; untouched on failure
 * @param capacity the size of `prepared`; #XMPPBIND_JID_MAXIMUM + 1 is always enough
 * @param[out] prepared_length the length of the JID in octets
 * @param[out] bare_length how many of them are the bare JID
 * @return as xmppbind_jid_prepare()
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_jid_format(int profile, const char *local, size_t local_length, const char *domain,
                                        size_t domain_length, const char *resource, size_t resource_length,
                                        char *prepared, size_t capacity, size_t *prepared_length, size_t *bare_length);

/** The parts of an address. */
enum xmppbind_address_part {
    XMPPBIND_ADDRESS_PART_NONE = 0,
    XMPPBIND_ADDRESS_PART_LOCAL = 1,
    XMPPBIND_ADDRESS_PART_DOMAIN = 2,
    XMPPBIND_ADDRESS_PART_RESOURCE = 3
};

/**
 * @brief Finds a part of a JID, as it stands there (RFC 7622 section 3.1). Nothing is prepared or checked.
 * @param text the JID
 * @param length its length in octets
 * @param part an #xmppbind_address_part
 * @param[out] part_length its length in octets; may be NULL
 * @return where it begins in `text`; NULL when there is no such part
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_jid_part(const char *text, size_t length, int part, size_t *part_length);

/**
 * @brief Says why a JID cannot be prepared, for people: which part, why, and which code point.
 * @param profile an #xmppbind_address_profile
 * @param text the JID
 * @param length its length in octets
 * @param[out] part the #xmppbind_address_part that is wrong, or none; may be NULL
 * @param[out] code_point the first code point that is not allowed, or 0 when it is not for one; may be NULL
 * @param[out] message room for a text in English with a NUL, cut where it has to be; may be NULL
 * @param capacity the size of `message`; 128 is always enough
 * @return as xmppbind_jid_prepare()
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_jid_explain(int profile, const char *text, size_t length, int *part, uint32_t *code_point,
                                         char *message, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
