#include "stringprep.h"

#ifndef XMPPBIND_WITH_LIBIDN

int xmppbind_address_has_profile(int profile) {
    return profile == XMPPBIND_ADDRESS_PROFILE_RFC7622;
}

static int refuse(size_t length) {
    return length == 0 ? XMPPBIND_ERROR_ADDRESS_EMPTY : XMPPBIND_ERROR_ADDRESS_UNSUPPORTED;
}

int xmppbind_stringprep_local(const char *text, size_t length, char *out, size_t *out_length) {
    (void)text, (void)out, (void)out_length;
    return refuse(length);
}

int xmppbind_stringprep_domain(const char *text, size_t length, char *out, size_t *out_length) {
    (void)text, (void)out, (void)out_length;
    return refuse(length);
}

int xmppbind_stringprep_resource(const char *text, size_t length, char *out, size_t *out_length) {
    (void)text, (void)out, (void)out_length;
    return refuse(length);
}

#else

#include "label.h"

#include <idna.h>
#include <stdlib.h>
#include <string.h>
#include <stringprep.h>
#include <unistr.h>

int xmppbind_address_has_profile(int profile) {
    return profile == XMPPBIND_ADDRESS_PROFILE_RFC7622 || profile == XMPPBIND_ADDRESS_PROFILE_RFC3920;
}

/* Addresses are kept, so code points that Unicode 3.2 does not have are refused (RFC 3454 section 7): nobody could say
 * what they will be equal to. */
static const Stringprep_profile_flags flags = STRINGPREP_NO_UNASSIGNED;

enum { PASSES = 4 };

struct buffer {
    char text[4 * XMPPBIND_PART_MAXIMUM + 1]; /* more is too long whatever becomes of it */
};

static int copy(struct buffer *buffer, const char *text, size_t length) {
    if (u8_check((const uint8_t *)text, length) != NULL) /* JID-5 */
        return XMPPBIND_ERROR_ADDRESS_NOT_UTF8;
    if (memchr(text, '\0', length) != NULL)
        return XMPPBIND_ERROR_ADDRESS_FORBIDDEN;
    if (length > XMPPBIND_PART_INPUT)
        return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
    memcpy(buffer->text, text, length);
    buffer->text[length] = '\0';
    return XMPPBIND_OK;
}

static int deliver(const char *text, char *out, size_t *out_length) {
    size_t length = strlen(text);
    if (length == 0)
        return XMPPBIND_ERROR_ADDRESS_EMPTY;
    if (length > XMPPBIND_PART_MAXIMUM)
        return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
    memcpy(out, text, length + 1);
    *out_length = length;
    return XMPPBIND_OK;
}

static int error_of(int error) {
    switch (error) {
    case STRINGPREP_MALLOC_ERROR:
        return XMPPBIND_ERROR_NO_MEMORY;
    case STRINGPREP_TOO_SMALL_BUFFER:
        return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
    case STRINGPREP_BIDI_BOTH_L_AND_RAL:
    case STRINGPREP_BIDI_LEADTRAIL_NOT_RAL:
        return XMPPBIND_ERROR_ADDRESS_BIDI;
    default:
        return XMPPBIND_ERROR_ADDRESS_FORBIDDEN;
    }
}

/* Until preparing again changes nothing (JID-6): the mappings come before the normalisation, and not again behind it.
 */
static int prepare(const Stringprep_profile *profile, const char *text, size_t length, char *out, size_t *out_length) {
    struct buffer buffer, before;
    int result = copy(&buffer, text, length);
    if (result != XMPPBIND_OK)
        return result;
    int error = STRINGPREP_OK, changed = 1;
    for (int pass = 0; pass < PASSES && changed && error == STRINGPREP_OK; pass++) {
        memcpy(before.text, buffer.text, strlen(buffer.text) + 1);
        error = stringprep(buffer.text, sizeof buffer.text, flags, profile);
        changed = strcmp(before.text, buffer.text) != 0;
    }
    if (error != STRINGPREP_OK || changed)
        return error_of(error);
    return deliver(buffer.text, out, out_length);
}

int xmppbind_stringprep_local(const char *text, size_t length, char *out, size_t *out_length) {
    return prepare(stringprep_xmpp_nodeprep, text, length, out, out_length);
}

int xmppbind_stringprep_resource(const char *text, size_t length, char *out, size_t *out_length) {
    return prepare(stringprep_xmpp_resourceprep, text, length, out, out_length);
}

static int error_of_name(int error) {
    switch (error) {
    case IDNA_MALLOC_ERROR:
        return XMPPBIND_ERROR_NO_MEMORY;
    case IDNA_STRINGPREP_ERROR:
        return XMPPBIND_ERROR_ADDRESS_FORBIDDEN;
    case IDNA_PUNYCODE_ERROR: /* a label has no room for it */
    case IDNA_INVALID_LENGTH:
        return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
    default:
        return XMPPBIND_ERROR_ADDRESS_DOMAIN;
    }
}

/* Labels that are ASCII keep to the rule of names that are ASCII as a whole: preparing again would find it broken. */
static int check_labels(const char *name) {
    int result = XMPPBIND_OK;
    for (const char *label = name; result == XMPPBIND_OK; label++) {
        size_t length = strcspn(label, ".");
        if (xmppbind_address_is_ascii(label, length))
            result = xmppbind_label_check(label, length);
        label += length;
        if (*label == '\0')
            break;
    }
    return result;
}

/* A name for which ToASCII works (RFC 3920 section 3.2), in the form that has no "xn--" where there is one. */
int xmppbind_stringprep_domain(const char *text, size_t length, char *out, size_t *out_length) {
    struct buffer buffer;
    char *ascii = NULL, *unicode = NULL;
    int result = copy(&buffer, text, length);
    if (result != XMPPBIND_OK)
        return result;
    int error = idna_to_ascii_8z(buffer.text, &ascii, IDNA_USE_STD3_ASCII_RULES);
    for (char *at = ascii; error == IDNA_SUCCESS && *at != '\0'; at++) /* labels in ASCII are left as they are */
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + ('a' - 'A'));
    if (error == IDNA_SUCCESS)
        error = idna_to_unicode_8z8z(ascii, &unicode, IDNA_USE_STD3_ASCII_RULES);
    result = error == IDNA_SUCCESS ? check_labels(unicode) : error_of_name(error);
    if (result == XMPPBIND_OK)
        result = deliver(unicode, out, out_length);
    else if (result == XMPPBIND_ERROR_ADDRESS_UNSUPPORTED) /* an "xn--" that stands for nothing */
        result = XMPPBIND_ERROR_ADDRESS_DOMAIN;
    free(ascii);
    free(unicode);
    return result;
}

#endif
