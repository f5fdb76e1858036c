/*
 * Localparts and resourceparts (RFC 7622 sections 3.3 and 3.4). What is ASCII, and most is, takes a path of its own
 * with the same results (JID-7): there the profiles say the same.
 */
#include "address.h"
#include "ascii.h"
#include "precis.h"
#include "stringprep.h"

int xmppbind_address_is_ascii(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] >= 0x80)
            return 0;
    return 1;
}

static int prepare(int (*map)(struct xmppbind_code_points *text), const char *text, size_t length, char *out,
                   size_t *out_length) {
    struct xmppbind_code_points code_points;
    int result = xmppbind_code_points_decode(&code_points, text, length);
    if (result == XMPPBIND_OK)
        result = map(&code_points);
    return result == XMPPBIND_OK ? xmppbind_code_points_encode(&code_points, out, out_length) : result;
}

/* What the profile would allow and a localpart does not (RFC 7622 section 3.3.1). */
static int check_exclusions(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x80 &&
            (xmppbind_ascii_classes[(unsigned char)text[i]] & XMPPBIND_ASCII_LOCAL) == 0)
            return XMPPBIND_ERROR_ADDRESS_FORBIDDEN;
    return XMPPBIND_OK;
}

int xmppbind_address_prepare_local(int profile, const char *text, size_t length, char *out, size_t *out_length) {
    if (length == 0)
        return XMPPBIND_ERROR_ADDRESS_EMPTY;
    if (length <= XMPPBIND_PART_MAXIMUM) {
        memcpy(out, text, length);
        out[length] = '\0';
        if (xmppbind_ascii_lower(XMPPBIND_ASCII_LOCAL, out) == out + length) {
            *out_length = length;
            return XMPPBIND_OK;
        }
    }
    if (profile == XMPPBIND_ADDRESS_PROFILE_RFC3920)
        return xmppbind_stringprep_local(text, length, out, out_length);
    int result = prepare(xmppbind_precis_username, text, length, out, &length);
    if (result == XMPPBIND_OK)
        result = check_exclusions(out, length);
    if (result == XMPPBIND_OK)
        *out_length = length;
    return result;
}

int xmppbind_address_prepare_resource(int profile, const char *text, size_t length, char *out, size_t *out_length) {
    if (length == 0)
        return XMPPBIND_ERROR_ADDRESS_EMPTY;
    if (length <= XMPPBIND_PART_MAXIMUM && xmppbind_ascii_is_resource(text, length)) {
        memcpy(out, text, length);
        *out_length = length;
        return XMPPBIND_OK;
    }
    return profile == XMPPBIND_ADDRESS_PROFILE_RFC3920 ? xmppbind_stringprep_resource(text, length, out, out_length)
                                                       : prepare(xmppbind_precis_opaque, text, length, out, out_length);
}
