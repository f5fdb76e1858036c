/* What a privacy list says about a stanza: PRIV-4, XEP-0016 sections 2.1 and 2.2. */
#include "lib/address/split.h"
#include "lib/storage/roster_item.h"
#include "privacy.h"

static int same(const char *left, size_t left_length, const char *right, size_t right_length) {
    return left_length == right_length && memcmp(left, right, left_length) == 0;
}

/* An address with the shorter ones that a rule may name in its place: split once for all rules of a list. */
struct peer {
    const char *text, *domain;
    size_t length, bare_length, domain_length;
};

static void split(const char *text, size_t length, struct peer *peer) {
    struct xmppbind_parts parts;
    xmppbind_parts_split(text, length, &parts);
    *peer = (struct peer){text, parts.domain, length, (size_t)(parts.domain - text) + parts.domain_length,
                          parts.domain_length};
}

/* XEP-0016 section 2.1: what the value leaves out may be anything in the peer, except that a resource of a domain is no
 * resource of its users. Domains below the one that is named are other domains. */
static int is_of_jid(const struct xmppbind_octets *value, const struct peer *peer) {
    size_t length = value->length;
    if (length == peer->length || length == peer->bare_length)
        return memcmp(value->text, peer->text, length) == 0;
    return length == peer->domain_length && memcmp(value->text, peer->domain, length) == 0;
}

static int is_of_group(const struct xmppbind_octets *value, const struct xmppbind_roster_item *contact) {
    size_t count = contact == NULL ? 0 : contact->group_count;
    for (size_t i = 0; i < count; i++)
        if (same(value->text, value->length, contact->groups[i]->text, contact->groups[i]->length))
            return 1;
    return 0;
}

/* Exact: "both" is neither "to" nor "from". Who is not in the roster has "none". */
static int is_of_subscription(const struct xmppbind_octets *value, const struct xmppbind_roster_item *contact) {
    static const char *const names[] = {
        [XMPPBIND_SUBSCRIPTION_NONE] = "none",
        [XMPPBIND_SUBSCRIPTION_TO] = "to",
        [XMPPBIND_SUBSCRIPTION_FROM] = "from",
        [XMPPBIND_SUBSCRIPTION_BOTH] = "both",
    };
    int subscription = contact == NULL ? XMPPBIND_SUBSCRIPTION_NONE : contact->subscription;
    return strcmp(value->text, names[subscription]) == 0;
}

static int is_of_value(const struct xmppbind_privacy_rule *rule, const struct peer *peer,
                       const struct xmppbind_roster_item *contact) {
    switch (rule->type) {
    case XMPPBIND_PRIVACY_JID:
        return is_of_jid(rule->value, peer);
    case XMPPBIND_PRIVACY_GROUP:
        return is_of_group(rule->value, contact);
    case XMPPBIND_PRIVACY_SUBSCRIPTION:
        return is_of_subscription(rule->value, contact);
    default: /* the fall-through case */
        return 1;
    }
}

/* Rules stand by order; the first that matches decides, and without one all is allowed (XEP-0016 section 2.2). */
int xmppbind_privacy_denies(const struct xmppbind_privacy_list *list, uint32_t kind, const char *peer, size_t length,
                            const struct xmppbind_roster_item *contact) {
    struct peer split_peer;
    if (list == NULL)
        return 0;
    split(peer, length, &split_peer);
    if (contact != NULL && (contact->flags & XMPPBIND_ROSTER_LISTED) == 0)
        contact = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct xmppbind_privacy_rule *rule = &list->rules[i];
        int is_of_kind = rule->kinds == 0 || (rule->kinds & kind) != 0;
        if (is_of_kind && is_of_value(rule, &split_peer, contact))
            return rule->action == XMPPBIND_PRIVACY_DENY;
    }
    return 0;
}
