/* Localparts and resourceparts (RFC 7622 sections 3.3 and 3.4), in ASCII: there the stringprep profiles of RFC 3920 say
 * the same. */
#include "address.h"
#include "ascii.h"

#include <string.h>

/* The length of the UTF-8 sequence at `text`, or 0 when there is none (RFC 3629: no overlong form, no surrogate, no
 * more than U+10FFFF). */
static size_t sequence(const unsigned char *text, size_t length) {
    unsigned first = text[0];
    size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (size == 0 || size > length)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    if ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f) || (first == 0xf0 && text[1] < 0x90) ||
        (first == 0xf4 && text[1] > 0x8f))
        return 0;
    return size;
}

int xmppbind_address_refuse(const char *text, size_t length) {
    const unsigned char *octets = (const unsigned char *)text;
    int ascii = 1;
    for (size_t at = 0; at < length;) {
        size_t size = sequence(octets + at, length - at);
        if (size == 0)
            return XMPPBIND_ERROR_ADDRESS_NOT_UTF8;
        ascii &= size == 1;
        at += size;
    }
    return ascii ? XMPPBIND_ERROR_ADDRESS_FORBIDDEN : XMPPBIND_ERROR_ADDRESS_UNSUPPORTED;
}

static int check_length(size_t length) {
    if (length == 0)
        return XMPPBIND_ERROR_ADDRESS_EMPTY;
    return length > XMPPBIND_PART_MAXIMUM ? XMPPBIND_ERROR_ADDRESS_TOO_LONG : XMPPBIND_OK;
}

int xmppbind_address_prepare_local(const char *text, size_t length, char *out, size_t *out_length) {
    int result = check_length(length);
    if (result != XMPPBIND_OK)
        return result;
    memcpy(out, text, length);
    out[length] = '\0';
    if (xmppbind_ascii_lower(XMPPBIND_ASCII_LOCAL, out) != out + length)
        return xmppbind_address_refuse(text, length);
    *out_length = length;
    return XMPPBIND_OK;
}

int xmppbind_address_check_resource(const char *text, size_t length) {
    int result = check_length(length);
    if (result == XMPPBIND_OK && !xmppbind_ascii_is_resource(text, length))
        result = xmppbind_address_refuse(text, length);
    return result;
}

int xmppbind_address_prepare_resource(const char *text, size_t length, char *out, size_t *out_length) {
    int result = xmppbind_address_check_resource(text, length);
    if (result == XMPPBIND_OK) {
        memcpy(out, text, length);
        *out_length = length;
    }
    return result;
}
