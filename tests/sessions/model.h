/*
 * Who sees whom, from the rules alone: PRES-1 to PRES-6, SUB-1, ROST-2 of RULES.md, and RFC 6121. It knows nothing of
 * stanzas, streams or queues: what a client does changes it at once.
 *
 *     peer     an account of the host, or a contact outside
 *     address  a full JID; those of accounts are sources of presence, all of them see it. A contact outside has two:
 *              one that is always available, and one that never is
 */
#ifndef XMPPBIND_TESTS_SESSIONS_MODEL_H
#define XMPPBIND_TESTS_SESSIONS_MODEL_H

#include <stdint.h>

enum {
    ACCOUNTS = 3,
    RESOURCES = 3,
    OUTSIDE = 2,
    OUTSIDE_RESOURCES = 2,
    PEERS = ACCOUNTS + OUTSIDE,
    SOURCES = ACCOUNTS * RESOURCES,
    ADDRESSES = SOURCES + OUTSIDE * OUTSIDE_RESOURCES
};

enum model_type { SUBSCRIBE, SUBSCRIBED, UNSUBSCRIBE, UNSUBSCRIBED, MODEL_TYPES };

/* What presence of a source may reach an address. */
enum { MAY_BE_AVAILABLE = 1, MAY_BE_UNAVAILABLE = 2 };

/* What an account knows of a peer. */
struct model_contact {
    uint8_t to, from, asked, asks, listed;
};

struct model_session {
    uint8_t is_bound, available, interested;
    int stream, priority;
};

struct model {
    struct model_session sessions[ADDRESSES];
    struct model_contact contacts[ACCOUNTS][PEERS];
    uint8_t directed[SOURCES][ADDRESSES]; /* it saw the source by a stanza to itself, or to its account */
    uint8_t hidden[SOURCES][ADDRESSES];   /* the source told it alone that it is not there */
    uint8_t told[SOURCES][ADDRESSES];     /* the source sent it a stanza: it is told of the end */
    uint8_t may[SOURCES][ADDRESSES];      /* MAY_ bits: what may have reached it since the last model_forget() */
};

/* Where a stanza goes: to a peer, or to one address of it. */
struct model_target {
    int peer, address; /* address -1: the bare JID */
};

void model_set_up(struct model *model);
int model_peer(int address);
/* Whether presence to a target reaches an address. */
int model_reaches(const struct model *model, struct model_target target, int address);
int model_must_see(const struct model *model, int address, int source);
void model_forget(struct model *model);

/* An address is bound by a stream; who had it before has lost it. */
void model_bind(struct model *model, int address, int stream);
void model_end(struct model *model, int address);
void model_available(struct model *model, int address, int priority);
void model_unavailable(struct model *model, int address);
void model_directed(struct model *model, int source, struct model_target target, int available);
/* An available address asks an account, or one address of it, for presence. */
void model_probe(struct model *model, int address, struct model_target target);

/* An account sends a peer one of the four stanzas; a peer outside sends one. */
void model_send(struct model *model, int account, int peer, enum model_type type);
void model_receive(struct model *model, int account, int peer, enum model_type type);
void model_list(struct model *model, int account, int peer);
/* Whether the contact was in the roster. */
int model_remove(struct model *model, int account, int peer);

/* The priority that the sessions have which get a message to an account; -1: there are none. */
int model_most_available(const struct model *model, int account);

#endif
