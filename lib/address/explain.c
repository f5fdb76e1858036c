/* Why an address is refused, for people. Not on any hot path: parts are prepared one by one, and what is wrong is
 * looked for once more. */
#include "address.h"
#include "ascii.h"
#include "precis.h"

#include <stdio.h>

typedef int (*prepare_function)(int profile, const char *text, size_t length, char *out, size_t *out_length);

static const prepare_function functions[] = {
    [XMPPBIND_ADDRESS_PART_LOCAL] = xmppbind_address_prepare_local,
    [XMPPBIND_ADDRESS_PART_DOMAIN] = xmppbind_address_prepare_domain,
    [XMPPBIND_ADDRESS_PART_RESOURCE] = xmppbind_address_prepare_resource,
};

/* The first part that cannot be prepared, and why. */
static int find_part(int profile, const char *text, size_t length, int *part) {
    static const int order[] = {XMPPBIND_ADDRESS_PART_LOCAL, XMPPBIND_ADDRESS_PART_DOMAIN,
                                XMPPBIND_ADDRESS_PART_RESOURCE};
    char out[XMPPBIND_PART_MAXIMUM + 1];
    for (int i = 0; i < 3; i++) {
        size_t part_length, out_length;
        const char *octets = xmppbind_jid_part(text, length, order[i], &part_length);
        int result = octets == NULL ? XMPPBIND_OK : functions[order[i]](profile, octets, part_length, out, &out_length);
        if (result != XMPPBIND_OK) {
            *part = order[i];
            return result;
        }
    }
    *part = XMPPBIND_ADDRESS_PART_NONE;
    return XMPPBIND_OK;
}

static int is_allowed(const struct xmppbind_code_points *text, size_t at, int part) {
    uint32_t code_point = text->text[at];
    if (part == XMPPBIND_ADDRESS_PART_LOCAL && code_point < 0x80 && (code_point < 'A' || code_point > 'Z'))
        return (xmppbind_ascii_classes[code_point] & XMPPBIND_ASCII_LOCAL) != 0;
    if (part == XMPPBIND_ADDRESS_PART_DOMAIN && code_point == '.')
        return 1;
    return xmppbind_precis_allows(text, at, part == XMPPBIND_ADDRESS_PART_RESOURCE);
}

/* The first code point of a part that PRECIS does not allow where it stands; near enough for IDNA2008 and stringprep.
 */
static uint32_t find_code_point(const char *text, size_t length, int part) {
    struct xmppbind_code_points code_points;
    if (xmppbind_code_points_decode(&code_points, text, length) != XMPPBIND_OK)
        return 0;
    if (part != XMPPBIND_ADDRESS_PART_RESOURCE)
        xmppbind_code_points_map_width(&code_points);
    for (size_t i = 0; i < code_points.count; i++)
        if (!is_allowed(&code_points, i, part))
            return code_points.text[i];
    return 0;
}

static void describe(int result, int part, uint32_t code_point, char *message, size_t capacity) {
    static const char *const names[] = {"", "localpart: ", "domainpart: ", "resourcepart: "};
    if (code_point == 0)
        (void)snprintf(message, capacity, "%s%s", names[part], xmppbind_strerror(result));
    else
        (void)snprintf(message, capacity, "%s%s: U+%04X", names[part], xmppbind_strerror(result), (unsigned)code_point);
}

int xmppbind_jid_explain(int profile, const char *text, size_t length, int *part, uint32_t *code_point, char *message,
                         size_t capacity) {
    int wrong = XMPPBIND_ADDRESS_PART_NONE,
        known = profile == XMPPBIND_ADDRESS_PROFILE_RFC7622 || profile == XMPPBIND_ADDRESS_PROFILE_RFC3920;
    uint32_t refused = 0;
    int result = text == NULL || !known ? XMPPBIND_ERROR_INVALID_ARGUMENT : find_part(profile, text, length, &wrong);
    if (result == XMPPBIND_ERROR_ADDRESS_FORBIDDEN || result == XMPPBIND_ERROR_ADDRESS_CONTEXT) {
        size_t part_length;
        const char *octets = xmppbind_jid_part(text, length, wrong, &part_length);
        refused = find_code_point(octets, part_length, wrong);
    }
    if (part != NULL)
        *part = wrong;
    if (code_point != NULL)
        *code_point = refused;
    if (message != NULL)
        describe(result, wrong, refused, message, capacity);
    return result;
}
