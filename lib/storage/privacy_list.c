#include "privacy_list.h"

struct xmppbind_privacy_list *xmppbind_privacy_list_make(const struct xmppbind_memory *memory, const char *name,
                                                         size_t length) {
    struct xmppbind_privacy_list *made = xmppbind_memory_get(memory, sizeof *made + length + 1);
    if (made == NULL)
        return NULL;
    memset(made, 0, sizeof *made);
    made->memory = *memory;
    made->name_length = length;
    memcpy(made->name, name, length);
    made->name[length] = '\0';
    return made;
}

int xmppbind_privacy_list_new(xmppbind_privacy_list **list, const xmppbind_allocator *allocator, const char *name,
                              size_t length) {
    struct xmppbind_memory memory;
    if (list == NULL || length == 0 || !xmppbind_octets_allowed(name, length))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_memory_init(&memory, allocator);
    struct xmppbind_privacy_list *made = xmppbind_privacy_list_make(&memory, name, length);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    *list = made;
    return XMPPBIND_OK;
}

void xmppbind_privacy_list_free(xmppbind_privacy_list *list) {
    if (list == NULL)
        return;
    const struct xmppbind_memory memory = list->memory;
    for (size_t i = 0; i < list->count; i++)
        xmppbind_memory_put(&memory, list->rules[i].value);
    xmppbind_memory_put(&memory, list->rules);
    xmppbind_memory_put(&memory, list);
}

struct xmppbind_privacy_list *xmppbind_privacy_list_copy(const struct xmppbind_privacy_list *list,
                                                         const struct xmppbind_memory *memory) {
    struct xmppbind_privacy_list *copy = xmppbind_privacy_list_make(memory, list->name, list->name_length);
    if (copy == NULL)
        return NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct xmppbind_privacy_rule *rule = &list->rules[i];
        size_t length;
        const char *value = xmppbind_octets_text(rule->value, &length);
        if (xmppbind_privacy_list_add(copy, rule->order, rule->type, value, length, rule->action, rule->kinds) !=
            XMPPBIND_OK) {
            xmppbind_privacy_list_free(copy);
            return NULL;
        }
    }
    return copy;
}

const char *xmppbind_privacy_list_name(const xmppbind_privacy_list *list, size_t *length) {
    if (length != NULL)
        *length = list == NULL ? 0 : list->name_length;
    return list == NULL ? NULL : list->name;
}

static int is_subscription(const char *value, size_t length) {
    static const char *const names[] = {"both", "to", "from", "none"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == length && memcmp(names[i], value, length) == 0)
            return 1;
    return 0;
}

static int is_value_of(int type, const char *value, size_t length) {
    if (type == XMPPBIND_PRIVACY_ANY)
        return value == NULL;
    if (type < XMPPBIND_PRIVACY_ANY || type > XMPPBIND_PRIVACY_SUBSCRIPTION || length == 0 ||
        !xmppbind_octets_allowed(value, length))
        return 0;
    return type != XMPPBIND_PRIVACY_SUBSCRIPTION || is_subscription(value, length);
}

/* Where a rule with this number belongs; as a rule at the end. */
static size_t place_of(const struct xmppbind_privacy_list *list, uint32_t order) {
    size_t place = list->count;
    while (place > 0 && list->rules[place - 1].order >= order)
        place--;
    return place;
}

int xmppbind_privacy_list_add(xmppbind_privacy_list *list, uint32_t order, int type, const char *value, size_t length,
                              int action, uint32_t kinds) {
    enum { ALL_KINDS = 2 * XMPPBIND_PRIVACY_PRESENCE_OUT - 1 };
    struct xmppbind_privacy_rule rule = {NULL, order, (uint8_t)type, (uint8_t)action, (uint8_t)kinds};
    if (list == NULL || !is_value_of(type, value, length) || kinds > ALL_KINDS ||
        (action != XMPPBIND_PRIVACY_ALLOW && action != XMPPBIND_PRIVACY_DENY))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    size_t place = place_of(list, order);
    if (place < list->count && list->rules[place].order == order)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    void *rules = list->rules;
    int result = xmppbind_octets_room(&rules, list->count, &list->room, sizeof rule, &list->memory);
    list->rules = rules;
    if (result == XMPPBIND_OK)
        result = xmppbind_octets_replace(&rule.value, &list->memory, value, length);
    if (result != XMPPBIND_OK)
        return result;
    memmove(list->rules + place + 1, list->rules + place, (list->count - place) * sizeof rule);
    list->rules[place] = rule;
    list->count++;
    return XMPPBIND_OK;
}

size_t xmppbind_privacy_list_count(const xmppbind_privacy_list *list) {
    return list == NULL ? 0 : list->count;
}

/* The rule at an index; beyond the last one that has nothing. */
static const struct xmppbind_privacy_rule *rule_at(const struct xmppbind_privacy_list *list, size_t index) {
    static const struct xmppbind_privacy_rule none = {NULL, 0, 0, 0, 0};
    return index < xmppbind_privacy_list_count(list) ? &list->rules[index] : &none;
}

uint32_t xmppbind_privacy_list_order(const xmppbind_privacy_list *list, size_t index) {
    return rule_at(list, index)->order;
}

int xmppbind_privacy_list_type(const xmppbind_privacy_list *list, size_t index) {
    return rule_at(list, index)->type;
}

const char *xmppbind_privacy_list_value(const xmppbind_privacy_list *list, size_t index, size_t *length) {
    return xmppbind_octets_text(rule_at(list, index)->value, length);
}

int xmppbind_privacy_list_action(const xmppbind_privacy_list *list, size_t index) {
    return rule_at(list, index)->action;
}

uint32_t xmppbind_privacy_list_kinds(const xmppbind_privacy_list *list, size_t index) {
    return rule_at(list, index)->kinds;
}
