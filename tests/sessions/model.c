#include "model.h"

#include <string.h>

int model_peer(int address) {
    return address < SOURCES ? address / RESOURCES : ACCOUNTS + (address - SOURCES) / OUTSIDE_RESOURCES;
}

void model_set_up(struct model *model) {
    memset(model, 0, sizeof *model);
    for (int address = SOURCES; address < ADDRESSES; address++) {
        model->sessions[address].is_bound = 1;
        model->sessions[address].available = (address - SOURCES) % OUTSIDE_RESOURCES == 0;
    }
}

/* Whether who sees an address is allowed to by the subscription, or because it is the same account. */
static int is_subscribed(const struct model *model, int address, int source) {
    int account = model_peer(source), peer = model_peer(address);
    return account == peer || model->contacts[account][peer].from;
}

int model_reaches(const struct model *model, struct model_target target, int address) {
    const struct model_session *session = &model->sessions[address];
    if (target.address >= 0)
        return target.address == address && session->is_bound;
    return target.peer == model_peer(address) && session->is_bound && session->available;
}

int model_must_see(const struct model *model, int address, int source) {
    const struct model_session *from = &model->sessions[source], *at = &model->sessions[address];
    if (!from->is_bound || !at->is_bound)
        return 0;
    if (model->directed[source][address])
        return 1;
    return from->available && at->available && is_subscribed(model, address, source) && !model->hidden[source][address];
}

/* What may be seen now may have been seen. */
static void note(struct model *model) {
    for (int source = 0; source < SOURCES; source++)
        for (int address = 0; address < ADDRESSES; address++)
            if (model->directed[source][address] ||
                (model->sessions[address].available && is_subscribed(model, address, source)))
                model->may[source][address] |= MAY_BE_AVAILABLE | MAY_BE_UNAVAILABLE;
            else if (model->told[source][address])
                model->may[source][address] |= MAY_BE_UNAVAILABLE;
}

void model_forget(struct model *model) {
    memset(model->may, 0, sizeof model->may);
    note(model);
}

/* --- sessions ----------------------------------------------------------------------------------------------------- */

static void forget_as_source(struct model *model, int source) {
    memset(model->directed[source], 0, sizeof model->directed[source]);
    memset(model->hidden[source], 0, sizeof model->hidden[source]);
    memset(model->told[source], 0, sizeof model->told[source]);
}

/* It begins to look anew. */
static void forget_as_observer(struct model *model, int address) {
    for (int source = 0; source < SOURCES; source++)
        model->directed[source][address] = model->hidden[source][address] = 0;
}

void model_end(struct model *model, int address) {
    forget_as_source(model, address);
    forget_as_observer(model, address);
    memset(&model->sessions[address], 0, sizeof model->sessions[address]);
}

void model_bind(struct model *model, int address, int stream) {
    model_end(model, address);
    model->sessions[address].is_bound = 1;
    model->sessions[address].stream = stream;
}

void model_available(struct model *model, int address, int priority) {
    struct model_session *session = &model->sessions[address];
    if (!session->available) /* it is told of all that it may see */
        for (int source = 0; source < SOURCES; source++)
            model->hidden[source][address] = 0;
    session->available = 1;
    session->priority = priority;
    memset(model->hidden[address], 0, sizeof model->hidden[address]);
    note(model);
}

void model_unavailable(struct model *model, int address) {
    model->sessions[address].available = 0;
    model->sessions[address].priority = 0;
    forget_as_source(model, address);
    forget_as_observer(model, address);
    note(model);
}

void model_directed(struct model *model, int source, struct model_target target, int available) {
    for (int address = 0; address < ADDRESSES; address++) {
        if (target.address < 0 ? target.peer == model_peer(address) : target.address == address)
            model->told[source][address] = 1;
        if (model_reaches(model, target, address)) {
            model->directed[source][address] = (uint8_t)available;
            model->hidden[source][address] = (uint8_t)!available;
        }
    }
    note(model);
}

void model_probe(struct model *model, int address, struct model_target target) {
    for (int source = 0; source < SOURCES; source++)
        if (model_peer(source) == target.peer && (target.address < 0 || target.address == source) &&
            model->sessions[source].available && is_subscribed(model, address, source))
            model->hidden[source][address] = 0;
}

int model_most_available(const struct model *model, int account) {
    int most = -1;
    for (int address = 0; address < SOURCES; address++) {
        const struct model_session *session = &model->sessions[address];
        if (model_peer(address) == account && session->available && session->priority > most)
            most = session->priority;
    }
    return most;
}

/* --- subscriptions ------------------------------------------------------------------------------------------------ */

/* The peer sees the account from now on, or no longer (RFC 6121 3.1.5, 3.2.2, 3.3.3). */
static void set_from(struct model *model, int account, int peer, int from) {
    struct model_contact *contact = &model->contacts[account][peer];
    int before = contact->from;
    contact->from = (uint8_t)from;
    for (int source = 0; source < SOURCES && before != from; source++)
        for (int address = 0; address < ADDRESSES; address++) {
            if (model_peer(source) != account || model_peer(address) != peer || !model->sessions[source].available)
                continue;
            if (from)
                model->hidden[source][address] = 0;
            else if (model->sessions[address].available) /* it is told so, whatever else it saw */
                model->directed[source][address] = 0;
        }
    note(model);
}

static void deliver(struct model *model, int account, int peer, enum model_type type) {
    if (peer < ACCOUNTS)
        model_receive(model, peer, account, type);
}

void model_receive(struct model *model, int account, int peer, enum model_type type) {
    struct model_contact *contact = &model->contacts[account][peer];
    if (type == SUBSCRIBE && contact->from) {
        deliver(model, account, peer, SUBSCRIBED);
    } else if (type == SUBSCRIBE) {
        contact->asks = 1;
    } else if (type == SUBSCRIBED && contact->asked) {
        contact->to = 1;
        contact->asked = 0;
    } else if (type == UNSUBSCRIBE) {
        contact->asks = 0;
        set_from(model, account, peer, 0);
    } else if (type == UNSUBSCRIBED) {
        contact->to = contact->asked = 0;
    }
}

void model_send(struct model *model, int account, int peer, enum model_type type) {
    struct model_contact *contact = &model->contacts[account][peer];
    int goes = type == SUBSCRIBE || type == UNSUBSCRIBE || contact->asks || (type == UNSUBSCRIBED && contact->from);
    if (!goes)
        return;
    if (type == SUBSCRIBE)
        contact->asked |= !contact->to;
    else if (type == UNSUBSCRIBE)
        contact->to = contact->asked = 0;
    else
        contact->asks = 0;
    if (type == SUBSCRIBED || type == UNSUBSCRIBED)
        set_from(model, account, peer, type == SUBSCRIBED);
    contact->listed |= contact->asked || contact->from;
    deliver(model, account, peer, type);
}

void model_list(struct model *model, int account, int peer) {
    model->contacts[account][peer].listed = 1;
}

int model_remove(struct model *model, int account, int peer) {
    struct model_contact *contact = &model->contacts[account][peer], before = *contact;
    if (!before.listed)
        return 0;
    contact->listed = contact->to = contact->asked = 0;
    set_from(model, account, peer, 0);
    if (before.to || before.asked)
        deliver(model, account, peer, UNSUBSCRIBE);
    if (before.from)
        deliver(model, account, peer, UNSUBSCRIBED);
    return 1;
}
