/* Domainparts (RFC 7622 section 3.2), in ASCII: host names of letters, digits and hyphens, IPv4 among them, and [IPv6].
 */
#include "address.h"
#include "label.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

/* Why a domainpart is refused: an octet that no domainpart has, or else what is wrong with its form. */
static int refuse(const char *text, size_t length, int form) {
    int result = xmppbind_address_refuse(text, length);
    if (result != XMPPBIND_ERROR_ADDRESS_FORBIDDEN)
        return result;
    for (size_t i = 0; i < length; i++)
        if ((xmppbind_ascii_classes[(unsigned char)text[i]] & XMPPBIND_ASCII_RESOURCE) == 0)
            return XMPPBIND_ERROR_ADDRESS_FORBIDDEN; /* NUL or another control */
    return form;
}

static int prepare_ipv6(const char *text, size_t length, char *out, size_t *out_length) {
    char literal[INET6_ADDRSTRLEN], canonical[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (length < 2 || length - 2 >= sizeof literal || text[length - 1] != ']' || memchr(text, '\0', length) != NULL)
        return refuse(text, length, XMPPBIND_ERROR_ADDRESS_DOMAIN);
    memcpy(literal, text + 1, length - 2);
    literal[length - 2] = '\0';
    if (inet_pton(AF_INET6, literal, &address) != 1)
        return refuse(text, length, XMPPBIND_ERROR_ADDRESS_DOMAIN);
    (void)inet_ntop(AF_INET6, &address, canonical, sizeof canonical); /* there is room for each */
    size_t canonical_length = strlen(canonical);
    out[0] = '[';
    memcpy(out + 1, canonical, canonical_length);
    out[canonical_length + 1] = ']';
    *out_length = canonical_length + 2;
    return XMPPBIND_OK;
}

static int prepare_labels(const char *text, size_t length, char *out) {
    char *end = out;
    memcpy(out, text, length);
    out[length] = '\0';
    int result = xmppbind_label_lower_all(&end);
    if (result != XMPPBIND_OK)
        return refuse(text, length, result);
    return end == out + length ? XMPPBIND_OK : refuse(text, length, XMPPBIND_ERROR_ADDRESS_DOMAIN);
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
