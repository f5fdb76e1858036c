/* Domainparts (RFC 7622 section 3.2): host names, IPv4 among them, and [IPv6]. */
#include "address.h"
#include "idn.h"
#include "label.h"
#include "stringprep.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

/* Why a domainpart is refused: an octet that no domainpart has, or else what is wrong with its form. */
static int refuse(const char *text, size_t length, int form) {
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

/* A name that is more than letters, digits and hyphens. */
static int prepare_unicode(int profile, const char *text, size_t length, char *out, size_t *out_length) {
    return profile == XMPPBIND_ADDRESS_PROFILE_RFC3920 ? xmppbind_stringprep_domain(text, length, out, out_length)
                                                       : xmppbind_idn_prepare(text, length, out, out_length);
}

static int prepare_labels(int profile, const char *text, size_t length, char *out, size_t *out_length) {
    char *end = out;
    memcpy(out, text, length);
    out[length] = '\0';
    int result = xmppbind_label_lower_all(&end);
    if (result == XMPPBIND_ERROR_ADDRESS_UNSUPPORTED) /* a label stands for Unicode */
        return prepare_unicode(profile, text, length, out, out_length);
    if (result != XMPPBIND_OK)
        return refuse(text, length, result);
    if (end != out + length)
        return refuse(text, length, XMPPBIND_ERROR_ADDRESS_DOMAIN);
    *out_length = length;
    return XMPPBIND_OK;
}

int xmppbind_address_prepare_domain(int profile, const char *text, size_t length, char *out, size_t *out_length) {
    if (length > 0 && text[length - 1] == '.')
        length--;
    if (length == 0)
        return XMPPBIND_ERROR_ADDRESS_EMPTY;
    if (!xmppbind_address_is_ascii(text, length))
        return prepare_unicode(profile, text, length, out, out_length);
    if (length > XMPPBIND_PART_MAXIMUM)
        return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
    if (text[0] == '[')
        return prepare_ipv6(text, length, out, out_length);
    return prepare_labels(profile, text, length, out, out_length);
}
