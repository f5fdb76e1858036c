/*
 * "im on": sessions, with rosters and privacy lists in memory. Accounts are those that were opened here. What is routed
 * to one of them is delivered as soon as the line's own events are printed, as a server with one process would do.
 */
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"

struct console_account {
    struct console_account *next;
    size_t length;
    char jid[];
};

struct console_delivery {
    struct console_delivery *next;
    xmlNode *stanza;
};

struct console_im {
    xmppbind_sessions *sessions;
    struct console_account *accounts;
    struct console_delivery *first, **last; /* what is to be delivered */
};

static int account_exists(const char *account, size_t length, void *user_data) {
    const struct console_im *im = user_data;
    const struct console_account *at = im->accounts;
    while (at != NULL && (at->length != length || memcmp(at->jid, account, length) != 0))
        at = at->next;
    return at != NULL;
}

int console_im_new(struct console *console) {
    struct console_im *made = calloc(1, sizeof *made);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    made->last = &made->first;
    int result = xmppbind_sessions_new(&made->sessions, console->host, console_store_im(console->store));
    if (result == XMPPBIND_OK)
        result = xmppbind_sessions_set_account(made->sessions, account_exists, made);
    if (result == XMPPBIND_OK)
        console->im = made;
    else
        free(made);
    return result;
}

void console_im_free(struct console *console) {
    struct console_im *im = console->im;
    if (im == NULL)
        return;
    xmppbind_sessions_free(im->sessions);
    while (im->first != NULL) {
        struct console_delivery *delivery = im->first;
        im->first = delivery->next;
        xmlFreeNode(delivery->stanza);
        free(delivery);
    }
    while (im->accounts != NULL) {
        struct console_account *account = im->accounts;
        im->accounts = account->next;
        free(account);
    }
    free(im);
}

int console_im_add_account(struct console *console, const xmppbind_stream *stream) {
    size_t length = 0;
    const char *jid = xmppbind_stream_account(stream, &length);
    if (console->im == NULL || account_exists(jid, length, console->im))
        return XMPPBIND_OK;
    struct console_account *made = malloc(sizeof *made + length);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    made->length = length;
    memcpy(made->jid, jid, length);
    made->next = console->im->accounts;
    console->im->accounts = made;
    return XMPPBIND_OK;
}

/* Whether a stanza is for an account here. */
static bool is_here(const struct console *console, xmlNode *stanza) {
    uint32_t profile = XMPPBIND_ADDRESS_PROFILE_RFC7622;
    char prepared[XMPPBIND_JID_MAXIMUM + 1];
    size_t length = 0;
    size_t bare = 0;
    xmlChar *to = xmlGetNoNsProp(stanza, (const xmlChar *)"to");
    if (to == NULL)
        return false;
    (void)xmppbind_host_option(console->host, XMPPBIND_OPTION_ADDRESS_PROFILE, &profile);
    int result = xmppbind_jid_prepare((int)profile, (const char *)to, strlen((const char *)to), prepared,
                                      sizeof prepared, &length, &bare);
    xmlFree(to);
    return result == XMPPBIND_OK && account_exists(prepared, bare, console->im) != 0;
}

bool console_im_takes(struct console *console, xmppbind_event *event) {
    if (console->im == NULL || xmppbind_event_kind(event) != XMPPBIND_EVENT_ROUTE ||
        !is_here(console, xmppbind_event_stanza(event)))
        return false;
    struct console_delivery *delivery = malloc(sizeof *delivery);
    if (delivery == NULL) {
        console_fail(console, "a stanza cannot be kept", XMPPBIND_ERROR_NO_MEMORY);
        return true;
    }
    delivery->next = NULL;
    delivery->stanza = xmppbind_event_take_stanza(event);
    *console->im->last = delivery;
    console->im->last = &delivery->next;
    return true;
}

/* What leaves without a stream. */
static void drain(struct console *console) {
    xmppbind_event *event = NULL;
    int result = XMPPBIND_OK;
    while (!console->failed && (result = xmppbind_sessions_next_event(console->im->sessions, &event)) == 1) {
        const char *text = NULL;
        size_t length = 0;
        if (console_im_takes(console, event))
            continue;
        result = xmppbind_sessions_event_bytes(console->im->sessions, event, &text, &length);
        if (result != XMPPBIND_OK)
            break;
        console_print_host(console, text, length);
    }
    if (result < 0)
        console_fail(console, "what leaves cannot be drained", result);
}

/* A stream that is full is drained first, and the delivery tried again. */
static bool deliver_first(struct console *console) {
    struct console_im *im = console->im;
    struct console_delivery *delivery = im->first;
    if (delivery == NULL || console->failed)
        return false;
    int result = xmppbind_sessions_deliver(im->sessions, delivery->stanza);
    if (result == XMPPBIND_ERROR_QUEUE_FULL)
        return false;
    if (result != XMPPBIND_OK)
        console_fail(console, "a stanza cannot be delivered", result);
    im->first = delivery->next;
    if (im->first == NULL)
        im->last = &im->first;
    if (result != XMPPBIND_OK)
        xmlFreeNode(delivery->stanza);
    free(delivery);
    return true;
}

bool console_im_settle(struct console *console) {
    if (console->im == NULL)
        return false;
    drain(console);
    return deliver_first(console);
}

void console_im_expire(struct console *console) {
    if (console->im == NULL)
        return;
    int result = xmppbind_sessions_expire(console->im->sessions, console->clock);
    if (result != XMPPBIND_OK)
        console_fail(console, "deadlines cannot be met", result);
}

void console_im_start_clock(struct console *console) {
    if (console->im != NULL)
        (void)xmppbind_sessions_next_deadline(console->im->sessions, console->clock);
}

int console_im_deliver(struct console *console, struct console_text stanza) {
    return xmppbind_sessions_deliver_bytes(console->im->sessions, stanza.data, stanza.length);
}

void console_im_print_state(const struct console *console, const char *jid, size_t length) {
    int priority = 0;
    char list[256];
    if (console->im == NULL)
        return;
    int state = xmppbind_sessions_describe(console->im->sessions, jid, length, &priority, list, sizeof list);
    if (state < 0)
        return;
    if ((state & XMPPBIND_SESSION_AVAILABLE) != 0)
        printf(" available %d", priority);
    if ((state & XMPPBIND_SESSION_INTERESTED) != 0)
        printf(" interested");
    if (list[0] != '\0')
        printf(" list %s", list);
}
