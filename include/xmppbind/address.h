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

#ifdef __cplusplus
}
#endif

#endif
