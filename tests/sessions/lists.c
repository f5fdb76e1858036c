#include "lists.h"

#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {"<message/>", "<presence-in/>", "<presence-out/>"};

void lists_set_up(struct lists *lists) {
    memset(lists, 0, sizeof *lists);
    for (int i = 0; i < ACCOUNTS; i++)
        lists->standard[i] = -1;
    for (int i = 0; i < SOURCES; i++)
        lists->active[i] = -1;
}

/* PRIV-4, PRIV-6: whether a session keeps a stanza of a kind from or to a target away; `kind` 0: no kind of its own. */
static int denies(const struct lists *lists, int session, struct model_target target, int kind) {
    int account = model_peer(session);
    int number = lists->active[session] >= 0 ? lists->active[session] : lists->standard[account];
    if (number < 0 || target.peer == account)
        return 0;
    const struct list *list = &lists->lists[account][number];
    for (int i = 0; i < list->count; i++) {
        const struct rule *rule = &list->rules[i];
        int is_of_kind = rule->kinds == 0 || (rule->kinds & kind) != 0;
        int is_of_peer = rule->peer < 0 || rule->peer == target.peer;
        if (is_of_kind && is_of_peer && (rule->address < 0 || rule->address == target.address))
            return rule->denies;
    }
    return 0;
}

/* --- checks ------------------------------------------------------------------------------------------------------- */

/* Errors that answer what was sent, and answers of the server, are not asked about here. */
static int is_checked(const struct world *world, const xmlNode *node) {
    const char *from = world_attribute(node, "from");
    return world->lists != NULL && from[0] != '\0' && strcmp((const char *)node->name, "iq") != 0 &&
           strcmp(world_attribute(node, "type"), "error") != 0;
}

static int is_notification(const xmlNode *node) {
    const char *type = world_attribute(node, "type");
    return type[0] == '\0' || strcmp(type, "unavailable") == 0;
}

void lists_check_in(struct world *world, int stream, const xmlNode *node) {
    if (!is_checked(world, node))
        return;
    struct model_target from = world_parse(world_attribute(node, "from")), to;
    int is_message = strcmp((const char *)node->name, "message") == 0, allowed = 0, sessions = 0;
    int kind = is_message ? LIST_MESSAGE : is_notification(node) ? LIST_PRESENCE_IN : 0;
    to = world_parse(world_attribute(node, "to"));
    for (int address = 0; address < SOURCES; address++) {
        const struct model_session *session = &world->model.sessions[address];
        if (!session->is_bound || session->stream != stream || (to.address >= 0 && to.address != address))
            continue;
        sessions++;
        allowed |= !denies(world->lists, address, from, kind);
    }
    if (sessions > 0 && !allowed)
        world_fail(world, "stream %d got what is denied", stream);
}

void lists_check_out(struct world *world, const xmlNode *node) {
    if (!is_checked(world, node))
        return;
    struct model_target from = world_parse(world_attribute(node, "from")), to;
    const char *type = world_attribute(node, "type");
    int is_message = strcmp((const char *)node->name, "message") == 0;
    to = world_parse(world_attribute(node, "to"));
    if (from.address < 0 || (!is_message && type[0] != '\0')) /* who may no longer see it is told so */
        return;
    if (denies(world->lists, from.address, to, is_message ? 0 : LIST_PRESENCE_OUT))
        world_fail(world, "what is denied was sent");
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

static void any_rule(struct world *world, struct rule *rule) {
    *rule = (struct rule){world_random(world, PEERS + 1) - 1, -1, world_random(world, 3) > 0, world_random(world, 8)};
    if (rule->peer < 0 || world_random(world, 3) > 0)
        return;
    rule->address = rule->peer < ACCOUNTS ? rule->peer * RESOURCES + world_random(world, RESOURCES)
                                          : SOURCES + (rule->peer - ACCOUNTS) * OUTSIDE_RESOURCES +
                                                world_random(world, OUTSIDE_RESOURCES);
}

static void write_rule(const struct rule *rule, int order, struct test_text *text) {
    char jid[JID_ROOM];
    test_text_format(text, "<item order='%d' action='%s'", order, rule->denies ? "deny" : "allow");
    if (rule->peer >= 0)
        test_text_format(text, " type='jid' value='%s'",
                         world_jid((struct model_target){rule->peer, rule->address}, jid));
    test_text_format(text, ">");
    for (int i = 0; i < 3; i++)
        if ((rule->kinds & 1 << i) != 0)
            test_text_format(text, "%s", kind_names[i]);
    test_text_format(text, "</item>");
}

/* The number of the request. */
static int ask(struct world *world, int address, const char *what) {
    char from[JID_ROOM];
    int stream = world->model.sessions[address].stream, request = world_request(world, stream);
    world_receive(world, stream, "<iq from='%s' type='set' id='q%d'><query xmlns='jabber:iq:privacy'>%s</query></iq>",
                  world_address(address, from), request, what);
    return request;
}

/* The list is in force from its answer on; what it changes comes behind that, and is checked with what is known then.
 */
static void change_list(struct world *world, int address, int number) {
    struct list *list = &world->lists->lists[model_peer(address)][number], before = *list;
    struct test_text text = {NULL, 0, 0};
    struct list made = {1, 1 + world_random(world, RULES), {{0, 0, 0, 0}}};
    test_text_format(&text, "<list name='l%d'>", number);
    for (int i = 0; i < made.count; i++) {
        any_rule(world, &made.rules[i]);
        write_rule(&made.rules[i], i + 1, &text);
    }
    test_text_format(&text, "</list>");
    *list = made;
    int request = ask(world, address, test_text_get(&text));
    world_settle(world);
    if (world->requests[request].refused)
        *list = before;
    test_text_free(&text);
}

static void choose(struct world *world, int address, int number, int *chosen, const char *element) {
    char text[64];
    int before = *chosen;
    if (number < 0)
        (void)snprintf(text, sizeof text, "<%s/>", element);
    else
        (void)snprintf(text, sizeof text, "<%s name='l%d'/>", element, number);
    if (number < 0 || world->lists->lists[model_peer(address)][number].is_there)
        *chosen = number;
    int request = ask(world, address, text);
    world_settle(world);
    if (world->requests[request].refused)
        *chosen = before;
}

void lists_step(struct world *world) {
    int stream = world_random(world, STREAMS), number = world_random(world, LISTS + 1) - 1;
    world_settle(world);
    if (world->streams[stream].stream == NULL || steps_resource_count(world, stream) == 0)
        return;
    int address = steps_any_resource(world, stream), account = model_peer(address);
    if (number >= 0 && world_random(world, 2) == 0)
        change_list(world, address, number);
    else if (world_random(world, 2) == 0)
        choose(world, address, number, &world->lists->active[address], "active");
    else
        choose(world, address, number, &world->lists->standard[account], "default");
}
