/* What was told to whom, and whether that agrees with the model. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

/* What world_jid() has written. */
struct model_target world_parse(const char *jid) {
    const char *slash = strchr(jid, '/');
    struct model_target target = {jid[1] - '0' + (jid[0] == 'o' ? ACCOUNTS : 0), -1};
    if (slash != NULL)
        target.address =
            slash[2] - '0' +
            (target.peer < ACCOUNTS ? target.peer * RESOURCES : SOURCES + (target.peer - ACCOUNTS) * OUTSIDE_RESOURCES);
    return target;
}

/* The available presence of a source, or its end, has reached an address. */
static void note_presence(struct world *world, int address, int source, int available) {
    char at[JID_ROOM], from[JID_ROOM];
    int bit = available ? MAY_BE_AVAILABLE : MAY_BE_UNAVAILABLE;
    if (world->lists == NULL && (world->model.may[source][address] & bit) == 0)
        world_fail(world, "%s is told of %s", world_address(address, at), world_address(source, from));
    world->sees[address][source] = (uint8_t)available;
}

/* Presence of a source, as `type` says; what comes from a bare JID, and subscriptions, are no news of a source. */
static int is_news(struct world *world, const xmlNode *node, int *source, int *available) {
    const char *type = world_attribute(node, "type"), *from = world_attribute(node, "from");
    *available = type[0] == '\0';
    if (strcmp(type, "error") == 0 && world->lists == NULL)
        world_fail(world, "presence was refused");
    if ((!*available && strcmp(type, "unavailable") != 0) || from[0] != 'a' || strchr(from, '/') == NULL)
        return 0;
    *source = world_parse(from).address;
    return 1;
}

/* A stanza to the account is for those of its resources on this stream that are available (SESS-3). */
static void note_client_presence(struct world *world, int stream, const xmlNode *node) {
    struct model_target to = world_parse(world_attribute(node, "to"));
    int source, available, count = 0;
    if (!is_news(world, node, &source, &available))
        return;
    for (int address = 0; address < SOURCES; address++) {
        const struct model_session *session = &world->model.sessions[address];
        if (session->is_bound && session->stream == stream && model_reaches(&world->model, to, address)) {
            note_presence(world, address, source, available);
            count++;
        }
    }
    if (count == 0 && to.address < 0 && !world->streams[stream].has_lost)
        world_fail(world, "presence to nobody on stream %d", stream);
}

static void note_answer(struct world *world, int stream, const xmlNode *node) {
    const char *id = world_attribute(node, "id");
    int number = id[0] == 'q' ? atoi(id + 1) : -1;
    if (number < 0 || number >= world->request_count || world->requests[number].stream != stream)
        world_fail(world, "an answer to what was not asked: %s", id);
    world->requests[number].refused = strcmp(world_attribute(node, "type"), "error") == 0;
    if (++world->requests[number].answers > 1)
        world_fail(world, "a second answer: %s", id);
}

void world_note_sent(struct world *world, int stream, const xmlNode *node) {
    const char *name = (const char *)node->name, *type = world_attribute(node, "type");
    if (strcmp(name, "presence") == 0)
        note_client_presence(world, stream, node);
    else if (strcmp(name, "message") == 0)
        world->streams[stream].copies += strcmp(type, "error") != 0;
    else if (strcmp(type, "result") == 0 || strcmp(type, "error") == 0)
        note_answer(world, stream, node);
}

void world_note_outside(struct world *world, const xmlNode *node) {
    struct model_target to = world_parse(world_attribute(node, "to"));
    int source, available;
    if (strcmp((const char *)node->name, "presence") != 0 || !is_news(world, node, &source, &available))
        return;
    for (int address = SOURCES; address < ADDRESSES; address++)
        if (model_reaches(&world->model, to, address))
            note_presence(world, address, source, available);
}

void world_compare(struct world *world) {
    char at[JID_ROOM], from[JID_ROOM];
    for (int address = 0; address < ADDRESSES; address++)
        for (int source = 0; source < SOURCES; source++) {
            int must = model_must_see(&world->model, address, source);
            if (world->lists == NULL && world->sees[address][source] != must)
                world_fail(world, "%s %s %s", world_address(address, at), must ? "should see" : "still sees",
                           world_address(source, from));
        }
    for (int i = 0; i < world->request_count; i++)
        if (world->requests[i].stream >= 0 && world->requests[i].answers != 1)
            world_fail(world, "q%d was not answered", i);
}
