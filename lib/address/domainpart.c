/* Domainparts (RFC 7622 section 3.2), in ASCII: host names of letters, digits and hyphens, IPv4 among them, and [IPv6].
 */
#include "address.h"
#include "ascii.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

enum { LABEL_MAXIMUM = 63 };

static int prepare_ipv6(const char *text, size_t length, char *out, size_t *out_length) {
    char literal[INET6_ADDRSTRLEN], canonical[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (length < 2 || length - 2 >= sizeof literal || text[length - 1] != ']' || memchr(text, '\0', length) != NULL)
        return XMPPBIND_ERROR_ADDRESS_DOMAIN;
    memcpy(literal, text + 1, length - 2);
    literal[length - 2] = '\0';
    if (inet_pton(AF_INET6, literal, &address) != 1 ||
        inet_ntop(AF_INET6, &address, canonical, sizeof canonical) == NULL)
        return XMPPBIND_ERROR_ADDRESS_DOMAIN;
    size_t canonical_length = strlen(canonical);
    out[0] = '[';
    memcpy(out + 1, canonical, canonical_length);
    out[canonical_length + 1] = ']';
    *out_length = canonical_length + 2;
    return XMPPBIND_OK;
}

/* A label in lower case. A hyphen in its third and fourth place is reserved; "xn--" stands for Unicode (RFC 5890
 * section 2.3.1). */
static int check_label(const char *label, size_t length) {
    if (length == 0 || label[0] == '-' || label[length - 1] == '-')
        return XMPPBIND_ERROR_ADDRESS_DOMAIN;
    if (length > LABEL_MAXIMUM)
        return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
    if (length >= 4 && label[2] == '-' && label[3] == '-')
        return memcmp(label, "xn", 2) == 0 ? XMPPBIND_ERROR_ADDRESS_UNSUPPORTED : XMPPBIND_ERROR_ADDRESS_DOMAIN;
    return XMPPBIND_OK;
}

static int prepare_labels(const char *text, size_t length, char *out) {
    size_t label = 0;
    unsigned bits = XMPPBIND_ASCII_DOMAIN;
    int result = XMPPBIND_OK;
    for (size_t i = 0; i <= length && result == XMPPBIND_OK; i++) {
        if (i == length || text[i] == '.') {
            if (bits != 0)
                result = check_label(out + label, i - label);
            label = i + 1;
        } else {
            bits &= xmppbind_ascii_bits(text[i]);
        }
        if (i < length)
            out[i] = xmppbind_ascii_lower(text[i]);
    }
    if (bits != 0)
        return result;
    result = xmppbind_address_refuse(text, length);
    return result == XMPPBIND_ERROR_ADDRESS_FORBIDDEN ? XMPPBIND_ERROR_ADDRESS_DOMAIN : result;
}

int xmppbind_address_prepare_domain(const char *text, size_t length, char *out, size_t *out_length) {
    if (length > 0 && text[length - 1] == '.')
        length--;
    if (length == 0)
        return XMPPBIND_ERROR_ADDRESS_EMPTY;
    if (length > XMPPBIND_PART_MAXIMUM)
        return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
    if (text[0] == '[')
        return prepare_ipv6(text, length, out, out_length);
    int result = prepare_labels(text, length, out);
    if (result == XMPPBIND_OK)
        *out_length = length;
    return result;
}
