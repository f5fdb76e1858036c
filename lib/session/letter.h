/* A stanza as the flows see it: what it is, and for whom. */
#ifndef XMPPBIND_SESSION_LETTER_H
#define XMPPBIND_SESSION_LETTER_H

#include "lib/stanza/view.h"
#include "xmppbind/address.h"

enum xmppbind_letter_type {
    XMPPBIND_LETTER_OTHER, /* no type that is known: of a message, a normal one; otherwise an error of the sender */
    /* message */
    XMPPBIND_LETTER_NORMAL,
    XMPPBIND_LETTER_CHAT,
    XMPPBIND_LETTER_GROUPCHAT,
    XMPPBIND_LETTER_HEADLINE,
    /* presence */
    XMPPBIND_LETTER_AVAILABLE,
    XMPPBIND_LETTER_UNAVAILABLE,
    XMPPBIND_LETTER_PROBE,
    XMPPBIND_LETTER_SUBSCRIBE,
    XMPPBIND_LETTER_SUBSCRIBED,
    XMPPBIND_LETTER_UNSUBSCRIBE,
    XMPPBIND_LETTER_UNSUBSCRIBED,
    /* IQ */
    XMPPBIND_LETTER_GET,
    XMPPBIND_LETTER_SET,
    XMPPBIND_LETTER_RESULT,
    /* any */
    XMPPBIND_LETTER_ERROR
};

/* An address in prepared form, or why it is none. */
struct xmppbind_letter_address {
    int result; /* XMPPBIND_OK, or that of preparing it; XMPPBIND_ERROR_ADDRESS_EMPTY when there is none */
    int given;
    size_t length, bare_length;
    char jid[XMPPBIND_JID_MAXIMUM + 1];
    char bare[XMPPBIND_JID_MAXIMUM + 1];
};

struct xmppbind_letter {
    xmlNode *node;
    enum xmppbind_element element;
    enum xmppbind_letter_type type;
    struct xmppbind_letter_address to, from;
};

/* XMPPBIND_OK, XMPPBIND_ERROR_NOT_A_STANZA or XMPPBIND_ERROR_NO_MEMORY. `from` is read when it is asked for: that of a
 * stanza of a stream is known. */
int xmppbind_letter_read(const struct xmppbind_host *host, xmlNode *node, int with_from,
                         struct xmppbind_letter *letter);

static inline int xmppbind_letter_is_subscription(const struct xmppbind_letter *letter) {
    return letter->type >= XMPPBIND_LETTER_SUBSCRIBE && letter->type <= XMPPBIND_LETTER_UNSUBSCRIBED;
}

/* A request, to which there is to be an answer. */
static inline int xmppbind_letter_asks(const struct xmppbind_letter *letter) {
    return letter->type == XMPPBIND_LETTER_GET || letter->type == XMPPBIND_LETTER_SET;
}

/* Whether it may be answered with an error (RFC 6120 8.3.1). */
static inline int xmppbind_letter_is_answerable(const struct xmppbind_letter *letter) {
    return letter->type != XMPPBIND_LETTER_ERROR && letter->type != XMPPBIND_LETTER_RESULT;
}

/* Whether two elements have one namespace, wherever it was declared; none is that of clients. */
int xmppbind_letter_shares_space(const xmlNode *left, const xmlNode *right);
/* The first child element of this name and namespace, or NULL. */
xmlNode *xmppbind_letter_child(const xmlNode *parent, const char *name, const char *space);
/* The next such element behind `at`, or NULL. */
xmlNode *xmppbind_letter_next(const xmlNode *at, const char *name, const char *space);

#endif
