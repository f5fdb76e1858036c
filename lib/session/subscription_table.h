/* The states of a subscription and what changes them: RFC 6121 appendix A, as tables (SUB-1). */
#ifndef XMPPBIND_SESSION_SUBSCRIPTION_TABLE_H
#define XMPPBIND_SESSION_SUBSCRIPTION_TABLE_H

#include "letter.h"
#include "lib/storage/roster_item.h"

/* The nine states of appendix A.1, put together of bits. */
enum xmppbind_subscription_state {
    XMPPBIND_STATE_NONE = 0,
    XMPPBIND_STATE_TO = XMPPBIND_SUBSCRIPTION_TO,
    XMPPBIND_STATE_FROM = XMPPBIND_SUBSCRIPTION_FROM,
    XMPPBIND_STATE_BOTH = XMPPBIND_SUBSCRIPTION_BOTH,
    XMPPBIND_STATE_OUT = 4, /* "Pending Out" */
    XMPPBIND_STATE_IN = 8   /* "Pending In" */
};

enum xmppbind_subscription_direction { XMPPBIND_SUBSCRIPTION_OUTBOUND, XMPPBIND_SUBSCRIPTION_INBOUND };

struct xmppbind_subscription_row {
    uint8_t state;
    uint8_t goes; /* outbound: it is routed; inbound: it is delivered */
    uint8_t next; /* the state from then on */
};

/* Of one of the four subscription types. Never NULL for a state of xmppbind_subscription_state_of(). */
const struct xmppbind_subscription_row *xmppbind_subscription_row(enum xmppbind_subscription_direction direction,
                                                                  enum xmppbind_letter_type type, unsigned state);
/* The state of a contact, or of none. */
unsigned xmppbind_subscription_state_of(const struct xmppbind_roster_item *item);

#endif
