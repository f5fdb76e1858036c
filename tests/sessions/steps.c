#include "lists.h"

#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <stdio.h>
#include <string.h>

enum { ACTIONS = 100, MESSAGES = 5 /* that many of the actions, the last ones, are messages */ };

static const char *const type_names[] = {"subscribe", "subscribed", "unsubscribe", "unsubscribed"};

/* --- streams ------------------------------------------------------------------------------------------------------ */

int steps_resource_count(const struct world *world, int stream) {
    int count = 0;
    for (int address = 0; address < SOURCES; address++)
        count += world->model.sessions[address].is_bound && world->model.sessions[address].stream == stream;
    return count;
}

static void end_resources(struct world *world, int stream) {
    for (int address = 0; address < SOURCES; address++)
        if (world->model.sessions[address].is_bound && world->model.sessions[address].stream == stream) {
            model_end(&world->model, address);
            world_forget_seen(world, address);
        }
}

/* Binds a resource of the account, which another stream may hold. Whether the end of the one who held it, or the
 * presence of the one who has it now, is the last that a resource of a contact hears cannot be known where one of them
 * wrote to that resource and the other to its account: then who lost it is drained first. */
static void bind(struct world *world, int stream) {
    int address = world->streams[stream].account * RESOURCES + world_random(world, RESOURCES);
    struct model_session *session = &world->model.sessions[address];
    char resource[8];
    if (session->is_bound && session->stream == stream)
        return;
    int before = session->is_bound ? session->stream : -1;
    if (before >= 0)
        world->streams[before].has_lost = 1;
    model_bind(&world->model, address, stream);
    if (world->lists != NULL) /* a session begins without a list of its own */
        world->lists->active[address] = -1;
    world_forget_seen(world, address);
    (void)snprintf(resource, sizeof resource, "r%d", address % RESOURCES);
    test_text_format(&world->log, "%d: bind %s\n", stream, resource);
    assert_int_equal(test_bind(world->streams[stream].stream, resource, 1), XMPPBIND_OK);
    if (before >= 0 && world->sent_to_full[address])
        world_drain(world, before);
    world->sent_to_full[address] = 0;
}

static void open_stream(struct world *world) {
    char room[JID_ROOM];
    int stream = 0;
    while (stream < STREAMS && world->streams[stream].stream != NULL)
        stream++;
    if (stream == STREAMS)
        return;
    int account = world_random(world, ACCOUNTS);
    const char *jid = world_jid((struct model_target){account, -1}, room);
    test_text_format(&world->log, "%d: open %s\n", stream, jid);
    world->streams[stream] = (struct world_stream){test_stream(world->host, jid), account, 0, 0, 0};
    bind(world, stream);
    world_drain(world, stream);
}

/* Its end is drained, as is right, or it is freed at once. */
static void close_stream(struct world *world, int stream, int drained) {
    xmppbind_stream *closed = world->streams[stream].stream;
    test_text_format(&world->log, "%d: %s\n", stream, drained ? "disconnect" : "free");
    world->streams[stream].has_lost = 1;
    if (drained) {
        end_resources(world, stream);
        assert_int_equal(xmppbind_stream_disconnect(closed), XMPPBIND_OK);
        world_drain(world, stream);
    }
    end_resources(world, stream);
    xmppbind_stream_free(closed);
    world_forget_stream(world, stream);
    world_pump(world);
}

static void unbind(struct world *world, int stream, int address) {
    char resource[8];
    model_end(&world->model, address);
    world_forget_seen(world, address);
    world->streams[stream].has_lost = 1;
    (void)snprintf(resource, sizeof resource, "r%d", address % RESOURCES);
    test_text_format(&world->log, "%d: unbind %s\n", stream, resource);
    assert_int_equal(test_unbind(world->streams[stream].stream, resource, 2), XMPPBIND_OK);
}

/* --- presence ----------------------------------------------------------------------------------------------------- */

static struct model_target any_target(struct world *world) {
    struct model_target target = {world_random(world, PEERS), -1};
    int inside = target.peer < ACCOUNTS;
    if (world_random(world, 2) == 0)
        target.address =
            inside ? target.peer * RESOURCES + world_random(world, RESOURCES)
                   : SOURCES + (target.peer - ACCOUNTS) * OUTSIDE_RESOURCES + world_random(world, OUTSIDE_RESOURCES);
    return target;
}

static void available(struct world *world, int stream, int address) {
    char from[JID_ROOM];
    int priority = world_random(world, 5) - 1;
    model_available(&world->model, address, priority);
    world_receive(world, stream, "<presence from='%s'><priority>%d</priority></presence>", world_address(address, from),
                  priority);
}

static void unavailable(struct world *world, int stream, int address) {
    char from[JID_ROOM];
    model_unavailable(&world->model, address);
    world_forget_seen(world, address);
    world_receive(world, stream, "<presence from='%s' type='unavailable'/>", world_address(address, from));
}

static void directed(struct world *world, int stream, int address) {
    char from[JID_ROOM], to[JID_ROOM];
    struct model_target target = any_target(world);
    int is_available = world_random(world, 3) > 0;
    if (target.address >= 0 || target.peer == model_peer(address))
        world_settle(world); /* see bind(); to its own account, the broadcast goes to each full JID */
    world->sent_to_full[address] |= target.address >= 0;
    model_directed(&world->model, address, target, is_available);
    world_receive(world, stream, "<presence from='%s' to='%s'%s/>", world_address(address, from), world_jid(target, to),
                  is_available ? "" : " type='unavailable'");
}

/* --- subscriptions ------------------------------------------------------------------------------------------------ */

static int other_peer(struct world *world, int account) {
    return (account + 1 + world_random(world, PEERS - 1)) % PEERS;
}

static void subscription(struct world *world, int stream, int address) {
    char from[JID_ROOM], to[JID_ROOM];
    int account = model_peer(address), peer = other_peer(world, account), type = world_random(world, MODEL_TYPES);
    model_send(&world->model, account, peer, (enum model_type)type);
    world_receive(world, stream, "<presence from='%s' to='%s' type='%s'/>", world_address(address, from),
                  world_jid((struct model_target){peer, -1}, to), type_names[type]);
}

static void from_outside(struct world *world) {
    char from[JID_ROOM], to[JID_ROOM];
    int account = world_random(world, ACCOUNTS), outside = world_random(world, OUTSIDE);
    int address = SOURCES + outside * OUTSIDE_RESOURCES, type = world_random(world, MODEL_TYPES + 1);
    struct model_target target = {account, -1};
    if (type < MODEL_TYPES) {
        model_receive(&world->model, account, ACCOUNTS + outside, (enum model_type)type);
        world_deliver(world, "<presence from='%s' to='%s' type='%s'/>",
                      world_jid((struct model_target){ACCOUNTS + outside, -1}, from), world_jid(target, to),
                      type_names[type]);
        return;
    }
    if (world_random(world, 2) == 0)
        target.address = account * RESOURCES + world_random(world, RESOURCES);
    model_probe(&world->model, address, target);
    world_deliver(world, "<presence from='%s' to='%s' type='probe'/>", world_address(address, from),
                  world_jid(target, to));
}

static void roster(struct world *world, int stream, int address) {
    char from[JID_ROOM], to[JID_ROOM];
    int account = model_peer(address), peer = other_peer(world, account), choice = world_random(world, 3);
    int request = world_request(world, stream);
    (void)world_jid((struct model_target){peer, -1}, to);
    (void)world_address(address, from);
    if (choice == 0) {
        world_receive(world, stream, "<iq from='%s' type='get' id='q%d'><query xmlns='jabber:iq:roster'/></iq>", from,
                      request);
        return;
    }
    if (choice == 1)
        model_list(&world->model, account, peer);
    else
        (void)model_remove(&world->model, account, peer);
    world_receive(world, stream,
                  "<iq from='%s' type='set' id='q%d'><query xmlns='jabber:iq:roster'><item jid='%s'%s/></query></iq>",
                  from, request, to, choice == 1 ? "" : " subscription='remove'");
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

/* DLV-1, DLV-2: whether a stream is to get it. */
static int gets_message(const struct world *world, struct model_target target, int stream) {
    const struct model_session *full = &world->model.sessions[target.address < 0 ? 0 : target.address];
    int most = model_most_available(&world->model, target.peer), gets = 0;
    if (target.address >= 0 && full->is_bound)
        return full->stream == stream;
    for (int address = 0; address < SOURCES; address++) {
        const struct model_session *session = &world->model.sessions[address];
        gets |= model_peer(address) == target.peer && session->available && session->stream == stream && most >= 0 &&
                session->priority == most;
    }
    return gets;
}

static void message(struct world *world, int stream, int address) {
    char from[JID_ROOM], to[JID_ROOM];
    struct model_target target = any_target(world);
    if (target.peer >= ACCOUNTS)
        return;
    world_settle(world); /* so that no session is left that lost its address */
    for (int i = 0; i < STREAMS; i++)
        world->streams[i].copies = 0;
    world->to_host = 0;
    world_receive(world, stream, "<message from='%s' to='%s' type='chat'><body>b</body></message>",
                  world_address(address, from), world_jid(target, to));
    world_settle(world);
    int expected = 0;
    if (world->lists != NULL)
        return;
    for (int i = 0; i < STREAMS; i++) {
        int gets = world->streams[i].stream != NULL && gets_message(world, target, i);
        expected |= gets;
        if (world->streams[i].copies != gets)
            world_fail(world, "stream %d got %d copies", i, world->streams[i].copies);
    }
    if (world->to_host != !expected)
        world_fail(world, "%d times to the host", world->to_host);
}

/* --- all together ------------------------------------------------------------------------------------------------- */

int steps_any_resource(struct world *world, int stream) {
    int number = world_random(world, steps_resource_count(world, stream)), address = 0;
    for (;; address++) {
        const struct model_session *session = &world->model.sessions[address];
        if (session->is_bound && session->stream == stream && number-- == 0)
            return address;
    }
}

static void act(struct world *world, int stream, int choice) {
    int address = steps_any_resource(world, stream);
    if (choice < 8)
        bind(world, stream);
    else if (choice < 12)
        unbind(world, stream, address);
    else if (choice < 38)
        available(world, stream, address);
    else if (choice < 46)
        unavailable(world, stream, address);
    else if (choice < 58)
        directed(world, stream, address);
    else if (choice < 88)
        subscription(world, stream, address);
    else if (choice < ACTIONS - MESSAGES)
        roster(world, stream, address);
    else
        message(world, stream, address);
}

void step(struct world *world) {
    int stream = world_random(world, STREAMS), choice = world_random(world, 100);
    if (world->streams[stream].stream != NULL)
        world_drain(world, stream);
    if (choice < 10)
        from_outside(world);
    else if (world->streams[stream].stream == NULL)
        open_stream(world);
    else if (world->streams[stream].closing || steps_resource_count(world, stream) == 0)
        world_settle(world);
    else if (choice < 14)
        close_stream(world, stream, choice < 12);
    else if (choice < 18) { /* what it causes is drained in part */
        act(world, stream, world_random(world, ACTIONS - MESSAGES));
        world_drain_one(world, stream);
        close_stream(world, stream, 0);
    } else {
        act(world, stream, world_random(world, ACTIONS));
        world_drain(world, stream);
    }
    if (world_random(world, 3) == 0)
        world_settle(world);
}

void steps_end(struct world *world) {
    world_settle(world);
    for (int i = 0; i < STREAMS; i++) {
        if (world->streams[i].stream != NULL)
            close_stream(world, i, world_random(world, 2));
        world_settle(world);
    }
}
