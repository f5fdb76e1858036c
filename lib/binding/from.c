#include "from.h"
#include "lib/address/ascii.h"
#include "lib/base/text.h"
#include "preparation.h"

/* A 'from' in prepared form. */
struct address {
    size_t length;
    size_t bare_length;
    char text[XMPPBIND_JID_MAXIMUM + 1];
};

/* Most addresses spell the account as it is prepared: then only the resource is left to prepare. */
static int prepare(const struct xmppbind_stream *stream, const char *from, size_t length, struct address *address) {
    size_t account_length = stream->account_length;
    if (length <= account_length || from[account_length] != '/' ||
        !xmppbind_same(from, stream->account, account_length))
        return xmppbind_preparation_jid(stream->host, from, length, address->text, sizeof address->text,
                                        &address->length, &address->bare_length);
    memcpy(address->text, from, account_length + 1);
    int result = xmppbind_preparation_resource(stream->host, from + account_length + 1, length - account_length - 1,
                                               address->text + account_length + 1, &address->length);
    address->length += account_length + 1;
    address->bare_length = account_length;
    return result;
}

static int is_of_account(const struct xmppbind_stream *stream, const struct address *address) {
    return address->bare_length == stream->account_length &&
           xmppbind_same(address->text, stream->account, stream->account_length);
}

static enum xmppbind_from classify(const struct xmppbind_stream *stream, const char *from, size_t length,
                                   struct address *address) {
    int override = xmppbind_host_value(stream->host, XMPPBIND_OPTION_FOREIGN_FROM) == XMPPBIND_FOREIGN_FROM_OVERRIDE;
    if (from == NULL)
        return XMPPBIND_FROM_NONE;
    int result = prepare(stream, from, length, address);
    if (result == XMPPBIND_ERROR_NO_MEMORY)
        return XMPPBIND_FROM_UNDECIDED;
    if (result != XMPPBIND_OK)
        return override ? XMPPBIND_FROM_NONE : XMPPBIND_FROM_MALFORMED; /* FROM-11 */
    if (is_of_account(stream, address))
        return XMPPBIND_FROM_ACCOUNT;
    return override ? XMPPBIND_FROM_NONE : XMPPBIND_FROM_FOREIGN; /* FROM-6 */
}

enum xmppbind_from xmppbind_from_classify(const struct xmppbind_stream *stream, const char *from, size_t length) {
    struct address address;
    return classify(stream, from, length, &address);
}

/* FROM-2, FROM-3, and the end of FROM-4: no resource is named. FROM-9: the oldest or none. */
static int decide_missing(const struct xmppbind_stream *stream, struct xmppbind_claim **sender) {
    if (stream->resource_count > 1 &&
        xmppbind_host_value(stream->host, XMPPBIND_OPTION_MISSING_FROM) == XMPPBIND_MISSING_FROM_REJECT)
        return XMPPBIND_ERROR_UNKNOWN_SENDER;
    *sender = stream->oldest;
    return XMPPBIND_OK;
}

/* FROM-2 and FROM-4: a full JID of the account that is not bound here. */
static int decide_unbound(const struct xmppbind_stream *stream, struct xmppbind_claim **sender) {
    if (stream->several &&
        xmppbind_host_value(stream->host, XMPPBIND_OPTION_UNBOUND_FROM) == XMPPBIND_UNBOUND_FROM_REJECT)
        return XMPPBIND_ERROR_UNKNOWN_SENDER;
    *sender = stream->oldest;
    return XMPPBIND_OK;
}

/* Whether it is a full JID of the account in prepared form: then it was looked for already. */
static int is_prepared(const struct xmppbind_stream *stream, const char *from, size_t length) {
    size_t at = stream->account_length;
    return from != NULL && stream->host->prepare_resource == NULL && length > at + 1 &&
           length - at - 1 <= XMPPBIND_PART_MAXIMUM && from[at] == '/' && xmppbind_same(from, stream->account, at) &&
           xmppbind_ascii_is_resource(from + at + 1, length - at - 1);
}

int xmppbind_from_decide_unknown(const struct xmppbind_stream *stream, const char *from, size_t length,
                                 struct xmppbind_claim **sender) {
    struct address address;
    if (is_prepared(stream, from, length))
        return decide_unbound(stream, sender);
    switch (classify(stream, from, length, &address)) {
    case XMPPBIND_FROM_UNDECIDED:
        return XMPPBIND_ERROR_NO_MEMORY;
    case XMPPBIND_FROM_MALFORMED:
        return XMPPBIND_ERROR_JID_MALFORMED;
    case XMPPBIND_FROM_FOREIGN:
        return XMPPBIND_ERROR_INVALID_FROM;
    case XMPPBIND_FROM_NONE:
        return decide_missing(stream, sender);
    case XMPPBIND_FROM_ACCOUNT:
    default:
        break;
    }
    if (address.length == address.bare_length)
        return decide_missing(stream, sender);
    *sender = xmppbind_resource_find(stream, address.text, address.length); /* FROM-1: another spelling */
    return *sender != NULL ? XMPPBIND_OK : decide_unbound(stream, sender);
}

int xmppbind_from_decide(struct xmppbind_stream *stream, const char *from, size_t length,
                         struct xmppbind_claim **sender) {
    *sender = xmppbind_from_known(stream, from, length);
    return *sender != NULL ? XMPPBIND_OK : xmppbind_from_decide_unknown(stream, from, length, sender);
}

int xmppbind_from_is_account_or_domain(const struct xmppbind_stream *stream, const char *address, size_t length,
                                       int *is) {
    struct address prepared;
    int result = xmppbind_preparation_jid(stream->host, address, length, prepared.text, sizeof prepared.text,
                                          &prepared.length, &prepared.bare_length);
    *is = 0;
    if (result != XMPPBIND_OK)
        return result == XMPPBIND_ERROR_NO_MEMORY ? result : XMPPBIND_OK;
    const char *at = memchr(stream->account, '@', stream->account_length);
    size_t domain_at = at == NULL ? 0 : (size_t)(at - stream->account) + 1;
    size_t domain_length = stream->account_length - domain_at;
    int is_domain =
        prepared.length == domain_length && memcmp(prepared.text, stream->account + domain_at, domain_length) == 0;
    *is = is_domain || (prepared.length == prepared.bare_length && is_of_account(stream, &prepared));
    return XMPPBIND_OK;
}
