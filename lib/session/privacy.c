/*
 * Privacy lists as XML: PRIV-2, XEP-0016 sections 2.1 and 2.2.
 *
 * While a list is read, a result is XMPPBIND_OK, XMPPBIND_ERROR_NO_MEMORY, or the condition of a refusal: errors are
 * negative, conditions positive.
 */
#include "privacy.h"
#include "lib/binding/preparation.h"
#include "lib/stanza/draft.h"

#include <inttypes.h>
#include <stdio.h>

/* The texts of an item, and the names of their attributes. */
enum { TYPE, VALUE, ACTION, ORDER, TEXTS };
static const char *const attributes[TEXTS] = {"type", "value", "action", "order"};

/* In the order of enum xmppbind_privacy_type, ..._action and ..._kind, each from its first that has a name. */
static const char *const types[] = {"jid", "group", "subscription", NULL};
static const char *const actions[] = {"allow", "deny", NULL};
static const char *const kind_names[] = {"message", "iq", "presence-in", "presence-out", NULL};

struct reader {
    const struct xmppbind_host *host;
    size_t max_items;
    int (*has_group)(const char *group, size_t length, void *user_data);
    void *user_data;
    struct xmppbind_privacy_list *list;
};

/* Which of the words it is, from 1; 0: none. */
static int number_of(const char *const *words, const char *text) {
    for (int i = 0; text != NULL && words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0)
            return i + 1;
    return 0;
}

static int is_privacy_element(const xmlNode *node) {
    return node->type == XML_ELEMENT_NODE && node->ns != NULL && node->ns->href != NULL &&
           strcmp((const char *)node->ns->href, XMPPBIND_NS_PRIVACY) == 0;
}

/* Whatever is wrong with an address or a rule, the client hears bad-request. */
static int refusal_of(int error) {
    return error == XMPPBIND_ERROR_NO_MEMORY ? error : XMPPBIND_CONDITION_BAD_REQUEST;
}

/* An unsigned 32-bit number in digits; whether it is one. */
static int read_order(const char *text, uint32_t *order) {
    uint64_t number = 0;
    if (text == NULL || text[0] == '\0')
        return 0;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return 0;
        number = number * 10 + (uint64_t)(*text - '0');
        if (number > UINT32_MAX)
            return 0;
    }
    *order = (uint32_t)number;
    return 1;
}

/* Elements of other namespaces are extensions, and left alone. */
static int read_kinds(const xmlNode *item, uint32_t *kinds) {
    *kinds = 0;
    for (const xmlNode *child = item->children; child != NULL; child = child->next) {
        if (!is_privacy_element(child))
            continue;
        int number = number_of(kind_names, (const char *)child->name);
        if (number == 0)
            return XMPPBIND_CONDITION_BAD_REQUEST;
        *kinds |= 1U << (number - 1);
    }
    return XMPPBIND_OK;
}

/* The list itself takes no second rule of one order, and no value that does not fit its type. */
static int add_rule(const struct reader *reader, struct xmppbind_privacy_rule rule, const char *text, size_t length) {
    char jid[XMPPBIND_JID_MAXIMUM + 1];
    size_t bare;
    int result = XMPPBIND_OK;
    if (rule.type == XMPPBIND_PRIVACY_JID && text != NULL) {
        result = xmppbind_preparation_jid(reader->host, text, length, jid, sizeof jid, &length, &bare);
        text = jid;
    }
    if (result == XMPPBIND_OK)
        result = xmppbind_privacy_list_add(reader->list, rule.order, rule.type, text, length, rule.action, rule.kinds);
    if (result != XMPPBIND_OK)
        return refusal_of(result);
    int is_unknown = rule.type == XMPPBIND_PRIVACY_GROUP && reader->has_group != NULL &&
                     !reader->has_group(text, length, reader->user_data);
    return is_unknown ? XMPPBIND_CONDITION_ITEM_NOT_FOUND : XMPPBIND_OK;
}

static int read_rule(const struct reader *reader, const xmlNode *item, const struct xmppbind_value *texts) {
    struct xmppbind_privacy_rule rule = {NULL, 0, 0, 0, 0};
    uint32_t kinds = 0;
    int type = number_of(types, texts[TYPE].text), action = number_of(actions, texts[ACTION].text);
    int is_bad = (type == 0 && texts[TYPE].text != NULL) || action == 0 ||
                 !read_order(texts[ORDER].text, &rule.order) || read_kinds(item, &kinds) != XMPPBIND_OK;
    if (is_bad)
        return XMPPBIND_CONDITION_BAD_REQUEST;
    rule.type = (uint8_t)type;
    rule.action = (uint8_t)action;
    rule.kinds = (uint8_t)kinds;
    return add_rule(reader, rule, texts[VALUE].text, texts[VALUE].length);
}

static int read_item(const struct reader *reader, const xmlNode *item) {
    struct xmppbind_value texts[TEXTS] = {{NULL, 0, NULL}};
    int result = XMPPBIND_OK;
    if (strcmp((const char *)item->name, "item") != 0)
        return XMPPBIND_CONDITION_BAD_REQUEST;
    if (xmppbind_privacy_list_count(reader->list) >= reader->max_items)
        return XMPPBIND_CONDITION_RESOURCE_CONSTRAINT;
    for (int i = 0; i < TEXTS && result == XMPPBIND_OK; i++)
        result = xmppbind_value_read(xmppbind_draft_find(item, attributes[i]), &texts[i]);
    if (result == XMPPBIND_OK)
        result = read_rule(reader, item, texts);
    for (int i = 0; i < TEXTS; i++)
        xmppbind_value_free(&texts[i]);
    return result;
}

static int read_name(struct reader *reader, const xmlNode *element) {
    struct xmppbind_value name;
    int result = xmppbind_value_read(xmppbind_draft_find(element, "name"), &name);
    if (result == XMPPBIND_OK && name.length == 0)
        return XMPPBIND_CONDITION_BAD_REQUEST;
    if (result == XMPPBIND_OK) {
        reader->list = xmppbind_privacy_list_make(xmppbind_host_memory(reader->host), name.text, name.length);
        result = reader->list == NULL ? XMPPBIND_ERROR_NO_MEMORY : XMPPBIND_OK;
    }
    xmppbind_value_free(&name);
    return result;
}

int xmppbind_privacy_read(const struct xmppbind_host *host, const xmlNode *element, size_t max_items,
                          int (*has_group)(const char *group, size_t length, void *user_data), void *user_data,
                          struct xmppbind_privacy_list **list, int *condition) {
    struct reader reader = {host, max_items, has_group, user_data, NULL};
    int result = read_name(&reader, element);
    for (const xmlNode *child = element->children; child != NULL && result == XMPPBIND_OK; child = child->next)
        if (is_privacy_element(child))
            result = read_item(&reader, child);
    if (result != XMPPBIND_OK) {
        xmppbind_privacy_list_free(reader.list);
        reader.list = NULL;
    }
    *list = reader.list;
    *condition = result > 0 ? result : XMPPBIND_CONDITION_NONE;
    return result < 0 ? result : XMPPBIND_OK;
}

static int write_kinds(xmlNode *item, uint32_t kinds) {
    int result = XMPPBIND_OK;
    for (int i = 0; kind_names[i] != NULL && result == XMPPBIND_OK; i++)
        if ((kinds & 1U << i) != 0)
            result = xmppbind_draft_child(item, kind_names[i], NULL, NULL);
    return result;
}

static int write_item(xmlNode *list, const struct xmppbind_privacy_rule *rule) {
    char order[sizeof "4294967295"];
    xmlNode *item;
    (void)snprintf(order, sizeof order, "%" PRIu32, rule->order);
    int result = xmppbind_draft_child(list, "item", NULL, &item);
    if (result == XMPPBIND_OK && rule->type != XMPPBIND_PRIVACY_ANY) {
        result = xmppbind_draft_attribute(item, attributes[TYPE], types[rule->type - 1]);
        if (result == XMPPBIND_OK)
            result = xmppbind_draft_attribute(item, attributes[VALUE], rule->value->text);
    }
    if (result == XMPPBIND_OK)
        result = xmppbind_draft_attribute(item, attributes[ACTION], actions[rule->action - 1]);
    if (result == XMPPBIND_OK)
        result = xmppbind_draft_attribute(item, attributes[ORDER], order);
    return result == XMPPBIND_OK ? write_kinds(item, rule->kinds) : result;
}

int xmppbind_privacy_write(xmlNode *parent, const struct xmppbind_privacy_list *list) {
    xmlNode *element;
    int result = xmppbind_draft_child(parent, "list", NULL, &element);
    if (result != XMPPBIND_OK)
        return result;
    result = xmppbind_draft_attribute(element, "name", list->name);
    for (size_t i = 0; i < list->count && result == XMPPBIND_OK; i++)
        result = write_item(element, &list->rules[i]);
    if (result != XMPPBIND_OK) {
        xmlUnlinkNode(element);
        xmlFreeNode(element);
    }
    return result;
}
