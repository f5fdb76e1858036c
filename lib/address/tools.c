/* What else one does with addresses: compare, put together, take apart. */
#include "split.h"

int xmppbind_jid_format(int profile, const char *local, size_t local_length, const char *domain, size_t domain_length,
                        const char *resource, size_t resource_length, char *prepared, size_t capacity,
                        size_t *prepared_length, size_t *bare_length) {
    const struct xmppbind_parts parts = {local, domain, resource, local_length, domain_length, resource_length};
    char out[XMPPBIND_JID_MAXIMUM + 1];
    size_t whole, bare;
    if (!xmppbind_parts_is_profile(profile) || domain == NULL || prepared == NULL || prepared_length == NULL ||
        bare_length == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = xmppbind_parts_prepare(profile, &parts, out, &whole, &bare);
    if (result == XMPPBIND_OK)
        result = xmppbind_parts_deliver(out, whole, prepared, capacity);
    if (result == XMPPBIND_OK) {
        *prepared_length = whole;
        *bare_length = bare;
    }
    return result;
}

const char *xmppbind_jid_part(const char *text, size_t length, int part, size_t *part_length) {
    struct xmppbind_parts parts = {NULL, NULL, NULL, 0, 0, 0};
    if (text != NULL)
        xmppbind_parts_split(text, length, &parts);
    const char *const begins[] = {NULL, parts.local, parts.domain, parts.resource};
    const size_t lengths[] = {0, parts.local_length, parts.domain_length, parts.resource_length};
    int known = part >= XMPPBIND_ADDRESS_PART_LOCAL && part <= XMPPBIND_ADDRESS_PART_RESOURCE;
    if (part_length != NULL)
        *part_length = known ? lengths[part] : 0;
    return known ? begins[part] : NULL;
}

int xmppbind_jid_compare(int profile, const char *left, size_t left_length, const char *right, size_t right_length,
                         int *same) {
    char one[XMPPBIND_JID_MAXIMUM + 1], other[XMPPBIND_JID_MAXIMUM + 1];
    size_t bare_length;
    if (same == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = xmppbind_jid_prepare(profile, left, left_length, one, sizeof one, &left_length, &bare_length);
    if (result == XMPPBIND_OK)
        result = xmppbind_jid_prepare(profile, right, right_length, other, sizeof other, &right_length, &bare_length);
    if (result == XMPPBIND_OK)
        *same = left_length == right_length && memcmp(one, other, left_length) == 0;
    return result;
}
