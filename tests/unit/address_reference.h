/* What preparing an address comes to, said again in the slowest and plainest way, to compare the library with. */
#ifndef XMPPBIND_TESTS_UNIT_ADDRESS_REFERENCE_H
#define XMPPBIND_TESTS_UNIT_ADDRESS_REFERENCE_H

#include "xmppbind/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

struct reference {
    int result;
    char text[XMPPBIND_JID_MAXIMUM + 1];
    size_t length;
    size_t bare_length;
};

/* How many octets the code point at `text` has: the one encoding (RFC 3629) of the number it decodes to, or 0. */
static inline size_t reference_code_point(const unsigned char *text, size_t length) {
    static const unsigned long lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = text[0] < 0x80 ? 1 : text[0] >> 5 == 6 ? 2 : text[0] >> 4 == 14 ? 3 : text[0] >> 3 == 30 ? 4 : 0;
    unsigned long number = size == 1 ? text[0] : text[0] & (0xffU >> (size + 1));
    if (size == 0 || size > length)
        return 0;
    for (size_t i = 1; i < size; i++) {
        if (text[i] >> 6 != 2)
            return 0;
        number = number * 64 + text[i] % 64;
    }
    int is_surrogate = number >= 0xd800 && number < 0xe000;
    return number < lowest[size] || number > 0x10ffff || is_surrogate ? 0 : size;
}

/* XMPPBIND_OK for ASCII without controls. */
static inline int reference_octets(const char *text, size_t length) {
    int result = XMPPBIND_OK;
    for (size_t i = 0, size; i < length; i += size) {
        size = reference_code_point((const unsigned char *)text + i, length - i);
        if (size == 0)
            return XMPPBIND_ERROR_ADDRESS_NOT_UTF8;
        if (size > 1)
            result = XMPPBIND_ERROR_ADDRESS_UNSUPPORTED;
        if (result == XMPPBIND_OK && (text[i] < 0x20 || text[i] == 0x7f))
            result = XMPPBIND_ERROR_ADDRESS_FORBIDDEN;
    }
    return result;
}

static inline int reference_length(size_t length) {
    return length == 0 ? XMPPBIND_ERROR_ADDRESS_EMPTY : length > 1023 ? XMPPBIND_ERROR_ADDRESS_TOO_LONG : XMPPBIND_OK;
}

static inline void reference_add(struct reference *reference, const char *text, size_t length, int fold) {
    for (size_t i = 0; i < length; i++) {
        char octet = text[i];
        const char *upper = fold && octet != '\0' ? strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", octet) : NULL;
        reference->text[reference->length++] = upper == NULL ? octet : (char)(octet + 32);
    }
}

static inline int reference_local(struct reference *reference, const char *text, size_t length) {
    int result = reference_length(length);
    if (result == XMPPBIND_OK)
        result = reference_octets(text, length);
    for (size_t i = 0; i < length && result == XMPPBIND_OK; i++)
        if (strchr(" \"&'/:<>@", text[i]) != NULL)
            result = XMPPBIND_ERROR_ADDRESS_FORBIDDEN;
    if (result == XMPPBIND_OK)
        reference_add(reference, text, length, 1);
    return result;
}

static inline int reference_resource(struct reference *reference, const char *text, size_t length) {
    int result = reference_length(length);
    if (result == XMPPBIND_OK)
        result = reference_octets(text, length);
    if (result == XMPPBIND_OK)
        reference_add(reference, text, length, 0);
    return result;
}

static inline int reference_label(const char *label, size_t length) {
    if (length > 63)
        return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
    if (length == 0 || label[0] == '-' || label[length - 1] == '-')
        return XMPPBIND_ERROR_ADDRESS_DOMAIN;
    if (length >= 4 && strncmp(label + 2, "--", 2) == 0)
        return strchr("xX", label[0]) && strchr("nN", label[1]) ? XMPPBIND_ERROR_ADDRESS_UNSUPPORTED
                                                                : XMPPBIND_ERROR_ADDRESS_DOMAIN;
    return XMPPBIND_OK;
}

/* Of ASCII without controls. */
static inline int reference_name(const char *text, size_t length) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    char copy[1024];
    memcpy(copy, text, length);
    copy[length] = '\0';
    for (const char *label = copy;;) {
        size_t size = strspn(label, letters);
        int result = reference_label(label, size);
        if (result != XMPPBIND_OK || label[size] == '\0')
            return result;
        if (label[size] != '.')
            return XMPPBIND_ERROR_ADDRESS_DOMAIN;
        label += size + 1;
    }
}

static inline int reference_literal(struct reference *reference, const char *text, size_t length) {
    char inner[1024], canonical[INET6_ADDRSTRLEN];
    unsigned char address[16];
    snprintf(inner, sizeof inner, "%.*s", (int)length - 1, text + 1);
    char *end = strchr(inner, ']');
    if (end == NULL || end[1] != '\0')
        return XMPPBIND_ERROR_ADDRESS_DOMAIN;
    *end = '\0';
    if (inet_pton(AF_INET6, inner, address) != 1)
        return XMPPBIND_ERROR_ADDRESS_DOMAIN;
    inet_ntop(AF_INET6, address, canonical, sizeof canonical);
    reference->length += (size_t)snprintf(reference->text + reference->length, sizeof canonical + 2, "[%s]", canonical);
    return XMPPBIND_OK;
}

static inline int reference_domain(struct reference *reference, const char *text, size_t length) {
    if (length > 0 && text[length - 1] == '.')
        length--;
    int result = reference_length(length);
    if (result == XMPPBIND_OK)
        result = reference_octets(text, length);
    if (result == XMPPBIND_OK && text[0] == '[')
        return reference_literal(reference, text, length);
    if (result == XMPPBIND_OK)
        result = reference_name(text, length);
    if (result == XMPPBIND_OK)
        reference_add(reference, text, length, 1);
    return result;
}

static inline size_t reference_find(const char *text, size_t length, char octet) {
    size_t at = 0;
    while (at < length && text[at] != octet)
        at++;
    return at;
}

/* JID-1: first the '/', then the '@' before it. */
static inline void reference_jid(struct reference *reference, const char *text, size_t length) {
    size_t slash = reference_find(text, length, '/');
    size_t at = reference_find(text, slash, '@');
    size_t domain = at < slash ? at + 1 : 0;
    reference->result = XMPPBIND_OK;
    reference->length = 0;
    if (at < slash) {
        reference->result = reference_local(reference, text, at);
        reference_add(reference, "@", 1, 0);
    }
    if (reference->result == XMPPBIND_OK)
        reference->result = reference_domain(reference, text + domain, slash - domain);
    reference->bare_length = reference->length;
    if (reference->result == XMPPBIND_OK && slash < length) {
        reference_add(reference, "/", 1, 0);
        reference->result = reference_resource(reference, text + slash + 1, length - slash - 1);
    }
}

#endif
