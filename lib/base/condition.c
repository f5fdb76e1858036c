#include "xmppbind/base.h"

struct condition {
    const char *name;
    const char *type;
};

/* RFC 6120 sections 4.9.3 and 8.3.3; stream errors have no type, "cancel" stands in. */
static const struct condition conditions[] = {
    [XMPPBIND_CONDITION_NONE] = {"", "cancel"},
    [XMPPBIND_CONDITION_BAD_REQUEST] = {"bad-request", "modify"},
    [XMPPBIND_CONDITION_CONFLICT] = {"conflict", "modify"},
    [XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR] = {"internal-server-error", "wait"},
    [XMPPBIND_CONDITION_ITEM_NOT_FOUND] = {"item-not-found", "cancel"},
    [XMPPBIND_CONDITION_JID_MALFORMED] = {"jid-malformed", "modify"},
    [XMPPBIND_CONDITION_NOT_ALLOWED] = {"not-allowed", "cancel"},
    [XMPPBIND_CONDITION_RESOURCE_CONSTRAINT] = {"resource-constraint", "wait"},
    [XMPPBIND_CONDITION_RESOURCE_LIMIT] = {"resource-constraint", "wait"},
    [XMPPBIND_CONDITION_UNKNOWN_SENDER] = {"unknown-sender", "modify"},
    [XMPPBIND_CONDITION_NOT_AUTHORIZED] = {"not-authorized", "cancel"},
    [XMPPBIND_CONDITION_INVALID_FROM] = {"invalid-from", "cancel"},
    [XMPPBIND_CONDITION_POLICY_VIOLATION] = {"policy-violation", "cancel"},
    [XMPPBIND_CONDITION_FORBIDDEN] = {"forbidden", "auth"},
    [XMPPBIND_CONDITION_NOT_ACCEPTABLE] = {"not-acceptable", "modify"},
    [XMPPBIND_CONDITION_SERVICE_UNAVAILABLE] = {"service-unavailable", "cancel"},
    [XMPPBIND_CONDITION_LIST_IN_USE] = {"conflict", "cancel"},
};

static const struct condition *find(int condition) {
    static const struct condition other = {"undefined-condition", "cancel"};
    int known = condition >= 0 && condition < (int)(sizeof conditions / sizeof conditions[0]);
    return known ? &conditions[condition] : &other;
}

const char *xmppbind_condition_name(int condition) {
    return find(condition)->name;
}

const char *xmppbind_condition_type(int condition) {
    return find(condition)->type;
}
