#include "subscription_table.h"

enum { STATES = 9, TYPES = 4 };

#define NONE XMPPBIND_STATE_NONE
#define TO XMPPBIND_STATE_TO
#define FROM XMPPBIND_STATE_FROM
#define BOTH XMPPBIND_STATE_BOTH
#define OUT XMPPBIND_STATE_OUT
#define IN XMPPBIND_STATE_IN

/* Appendix A.2: sent by the user. The order of types is that of enum xmppbind_letter_type. */
static const struct xmppbind_subscription_row outbound[TYPES][STATES] = {
    {/* A.2.1 subscribe */
     {NONE, 1, OUT},
     {OUT, 1, OUT},
     {IN, 1, OUT | IN},
     {OUT | IN, 1, OUT | IN},
     {TO, 1, TO},
     {TO | IN, 1, TO | IN},
     {FROM, 1, FROM | OUT},
     {FROM | OUT, 1, FROM | OUT},
     {BOTH, 1, BOTH}},
    {/* A.2.3 subscribed */
     {NONE, 0, NONE},
     {OUT, 0, OUT},
     {IN, 1, FROM},
     {OUT | IN, 1, FROM | OUT},
     {TO, 0, TO},
     {TO | IN, 1, BOTH},
     {FROM, 0, FROM},
     {FROM | OUT, 0, FROM | OUT},
     {BOTH, 0, BOTH}},
    {/* A.2.2 unsubscribe */
     {NONE, 1, NONE},
     {OUT, 1, NONE},
     {IN, 1, IN},
     {OUT | IN, 1, IN},
     {TO, 1, NONE},
     {TO | IN, 1, IN},
     {FROM, 1, FROM},
     {FROM | OUT, 1, FROM},
     {BOTH, 1, FROM}},
    {/* A.2.4 unsubscribed */
     {NONE, 0, NONE},
     {OUT, 0, OUT},
     {IN, 1, NONE},
     {OUT | IN, 1, OUT},
     {TO, 0, TO},
     {TO | IN, 1, TO},
     {FROM, 1, NONE},
     {FROM | OUT, 1, OUT},
     {BOTH, 1, TO}},
};

/* Appendix A.3: received from the contact. */
static const struct xmppbind_subscription_row inbound[TYPES][STATES] = {
    {/* A.3.1 subscribe */
     {NONE, 1, IN},
     {OUT, 1, OUT | IN},
     {IN, 0, IN},
     {OUT | IN, 0, OUT | IN},
     {TO, 1, TO | IN},
     {TO | IN, 0, TO | IN},
     {FROM, 0, FROM},
     {FROM | OUT, 0, FROM | OUT},
     {BOTH, 0, BOTH}},
    {/* A.3.3 subscribed */
     {NONE, 0, NONE},
     {OUT, 1, TO},
     {IN, 0, IN},
     {OUT | IN, 1, TO | IN},
     {TO, 0, TO},
     {TO | IN, 0, TO | IN},
     {FROM, 0, FROM},
     {FROM | OUT, 1, BOTH},
     {BOTH, 0, BOTH}},
    {/* A.3.2 unsubscribe */
     {NONE, 0, NONE},
     {OUT, 0, OUT},
     {IN, 1, NONE},
     {OUT | IN, 1, OUT},
     {TO, 0, TO},
     {TO | IN, 1, TO},
     {FROM, 1, NONE},
     {FROM | OUT, 1, OUT},
     {BOTH, 1, TO}},
    {/* A.3.4 unsubscribed */
     {NONE, 0, NONE},
     {OUT, 1, NONE},
     {IN, 0, IN},
     {OUT | IN, 1, IN},
     {TO, 1, NONE},
     {TO | IN, 1, IN},
     {FROM, 0, FROM},
     {FROM | OUT, 1, FROM},
     {BOTH, 1, FROM}},
};

const struct xmppbind_subscription_row *xmppbind_subscription_row(enum xmppbind_subscription_direction direction,
                                                                  enum xmppbind_letter_type type, unsigned state) {
    unsigned index = (unsigned)type - XMPPBIND_LETTER_SUBSCRIBE;
    const struct xmppbind_subscription_row *row =
        direction == XMPPBIND_SUBSCRIPTION_OUTBOUND ? outbound[index] : inbound[index];
    while (row->state != state)
        row++;
    return row;
}

/* What a store may hold but no table knows is no state: who has what was asked for does not wait for it. */
unsigned xmppbind_subscription_state_of(const struct xmppbind_roster_item *item) {
    if (item == NULL)
        return NONE;
    unsigned state = item->subscription;
    if ((item->flags & XMPPBIND_ROSTER_ASK) != 0 && (state & TO) == 0)
        state |= OUT;
    if ((item->flags & XMPPBIND_ROSTER_PENDING_IN) != 0 && (state & FROM) == 0)
        state |= IN;
    return state;
}
