#include "idn.h"

#include "address.h"
#include "code_points.h"
#include "label.h"

#include <idn2.h>
#include <string.h>

/* Why libidn2 refuses a label. */
static int error_of(int error) {
    switch (error) {
    case IDN2_MALLOC:
        return XMPPBIND_ERROR_NO_MEMORY;
    case IDN2_PUNYCODE_BIG_OUTPUT: /* a label has no room for it */
    case IDN2_TOO_BIG_LABEL:
    case IDN2_TOO_BIG_DOMAIN:
        return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
    case IDN2_DISALLOWED:
    case IDN2_UNASSIGNED:
        return XMPPBIND_ERROR_ADDRESS_FORBIDDEN;
    case IDN2_CONTEXTJ:
    case IDN2_CONTEXTJ_NO_RULE:
    case IDN2_CONTEXTO:
    case IDN2_CONTEXTO_NO_RULE:
        return XMPPBIND_ERROR_ADDRESS_CONTEXT;
    case IDN2_BIDI:
        return XMPPBIND_ERROR_ADDRESS_BIDI;
    default:
        return XMPPBIND_ERROR_ADDRESS_DOMAIN;
    }
}

/* Whether a U-label may be registered (RFC 5891 section 4.2); when it came as an A-label, whether it is that one's. */
static int check_unicode(const char *label, const char *ascii) {
    uint8_t *registered = NULL;
    int result = idn2_register_u8((const uint8_t *)label, (const uint8_t *)ascii, &registered, 0);
    idn2_free(registered);
    return result == IDN2_OK ? XMPPBIND_OK : error_of(result);
}

/* Where the labels of the prepared name are put together. */
struct name {
    char *text; /* of XMPPBIND_PART_MAXIMUM + 1 octets */
    size_t length;
};

static int append(struct name *name, const char *label, size_t length) {
    if (length > XMPPBIND_PART_MAXIMUM - name->length)
        return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
    memcpy(name->text + name->length, label, length);
    name->length += length;
    name->text[name->length] = '\0';
    return XMPPBIND_OK;
}

/* An A-label becomes the U-label that it stands for. */
static int append_encoded(struct name *name, const char *label) {
    char *unicode = NULL;
    int result = idn2_to_unicode_8z8z(label, &unicode, 0);
    if (result != IDN2_OK)
        return error_of(result);
    result = check_unicode(unicode, label);
    if (result == XMPPBIND_OK)
        result = append(name, unicode, strlen(unicode));
    idn2_free(unicode);
    return result;
}

/* `label` is terminated. */
static int append_label(struct name *name, const char *label) {
    size_t length = strlen(label);
    int result;
    if (strncmp(label, "xn--", 4) == 0)
        return append_encoded(name, label);
    if (xmppbind_address_is_ascii(label, length)) {
        const char *end = label;
        while (xmppbind_ascii_classes[(unsigned char)*end] & XMPPBIND_ASCII_DOMAIN)
            end++;
        result = *end == '\0' ? xmppbind_label_check(label, length) : XMPPBIND_ERROR_ADDRESS_DOMAIN;
    } else {
        result = check_unicode(label, NULL);
    }
    return result == XMPPBIND_OK ? append(name, label, length) : result;
}

/* The labels of `text`, which is cut in pieces. */
static int append_labels(struct name *name, char *text) {
    int result = XMPPBIND_OK;
    for (char *label = text, *dot; result == XMPPBIND_OK; label = dot + 1) {
        dot = strchr(label, '.');
        if (dot != NULL)
            *dot = '\0';
        result = append_label(name, label);
        if (dot == NULL)
            break;
        if (result == XMPPBIND_OK)
            result = append(name, ".", 1);
    }
    return result;
}

int xmppbind_idn_prepare(const char *text, size_t length, char *out, size_t *out_length) {
    struct xmppbind_code_points code_points;
    char mapped[XMPPBIND_PART_MAXIMUM + 1];
    struct name name = {out, 0};
    int result = xmppbind_code_points_decode(&code_points, text, length);
    if (result != XMPPBIND_OK)
        return result;
    xmppbind_code_points_map_width(&code_points);
    xmppbind_code_points_lower_each(&code_points);
    result = xmppbind_code_points_compose(&code_points);
    if (result == XMPPBIND_OK)
        result = xmppbind_code_points_encode(&code_points, mapped, &length);
    if (result != XMPPBIND_OK)
        return result;
    if (memchr(mapped, '\0', length) != NULL)
        return XMPPBIND_ERROR_ADDRESS_FORBIDDEN;
    result = append_labels(&name, mapped);
    if (result == XMPPBIND_OK)
        *out_length = name.length;
    return result;
}
