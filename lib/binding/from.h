/* What the 'from' of a stanza becomes: the rules of area FROM, without side effects. */
#ifndef XMPPBIND_BINDING_FROM_H
#define XMPPBIND_BINDING_FROM_H

#include "resource_list.h"
#include "stream.h"

/* Whose address a 'from' is, for a request to bind or unbind (BIND-8). */
enum xmppbind_from {
    XMPPBIND_FROM_NONE,      /* no address that counts */
    XMPPBIND_FROM_ACCOUNT,   /* of the account: bare, or any full JID */
    XMPPBIND_FROM_FOREIGN,   /* of another account, and that closes the stream */
    XMPPBIND_FROM_MALFORMED, /* no address, and that is an error */
    XMPPBIND_FROM_UNDECIDED  /* no memory to say */
};
enum xmppbind_from xmppbind_from_classify(const struct xmppbind_stream *stream, const char *from, size_t length);

/*
 * The resource that a stanza is from: XMPPBIND_OK, XMPPBIND_ERROR_UNKNOWN_SENDER, XMPPBIND_ERROR_JID_MALFORMED,
 * XMPPBIND_ERROR_INVALID_FROM or XMPPBIND_ERROR_NO_MEMORY. `from` NULL: no 'from'. The stream holds at least one
 * resource.
 */
int xmppbind_from_decide(struct xmppbind_stream *stream, const char *from, size_t length,
                         struct xmppbind_claim **sender);

/* The resource whose full JID `from` is, octet by octet, or NULL. Such octets are prepared already (JID-6), so they
 * decide alone when they are equal, never when not. */
static inline struct xmppbind_claim *xmppbind_from_known(struct xmppbind_stream *stream, const char *from,
                                                         size_t length) {
    struct xmppbind_claim *claim = from == NULL ? NULL : xmppbind_resource_find(stream, from, length);
    if (claim != NULL)
        stream->sender = claim;
    return claim;
}
/* What it is from when it is not known: as xmppbind_from_decide(). */
int xmppbind_from_decide_unknown(const struct xmppbind_stream *stream, const char *from, size_t length,
                                 struct xmppbind_claim **sender);

/* Whether an address is the account's bare JID or its domain (what 'to' of a request may be): XMPPBIND_OK or
 * XMPPBIND_ERROR_NO_MEMORY. */
int xmppbind_from_is_account_or_domain(const struct xmppbind_stream *stream, const char *address, size_t length,
                                       int *is);

#endif
