/*
 * Many connections with several resources each, and messages among them. Every message has to arrive, once, and in
 * order between its two resources. Said at the end: the latency, how many messages a second, and what one costs the
 * server (whose process is PID) beside what libxml2 alone needs to parse it.
 *
 *     load PORT CONNECTIONS RESOURCES MESSAGES [PID]        MESSAGES: of each connection
 *
 * Each has an account of its own: u0, u1 and so on.
 */
#include "client.h"

#include <errno.h>
#include <inttypes.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    PARTNERS = 4,  /* connections to which one connection writes, with each of its resources */
    SINGLE = 2000, /* messages that are sent one at a time, for a latency without a queue */
    PATIENCE = 60000,
    READY = 256
};

struct load {
    struct client *clients;
    uint16_t port;
    unsigned connections, resources, pairs; /* pairs: of each connection */
    unsigned *sent, *allowed;               /* messages of each connection */
    unsigned *arrived;                      /* messages of each pair of each connection */
    int in_turn;                            /* one message at a time, each from another connection */
    uint64_t *latencies;
    size_t latency_count;
    int poll;
};

/* Of pair p of connection c, the two ends. */
struct pair {
    unsigned from, to, from_resource, to_resource;
};

static uint64_t now(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0)
        client_fail("no clock");
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static struct pair pair_of(const struct load *load, unsigned connection, unsigned pair) {
    return (struct pair){connection, (connection + 1 + pair / load->resources) % load->connections,
                         pair % load->resources, (pair + pair / load->resources) % load->resources};
}

static void jid_of(char jid[static 64], unsigned connection, unsigned resource) {
    (void)snprintf(jid, 64, "u%u@" CLIENT_DOMAIN "/r%u", connection, resource);
}

/* --- the connections --------------------------------------------------------------------------------------------- */

static void need_descriptors(unsigned connections) {
    struct rlimit limit;
    rlim_t needed = connections + 64;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        client_fail("no limit of descriptors");
    if (limit.rlim_cur >= needed)
        return;
    limit.rlim_cur = needed;
    if (limit.rlim_max < needed || setrlimit(RLIMIT_NOFILE, &limit) != 0)
        client_fail("%u descriptors are needed, %u are allowed", (unsigned)needed, (unsigned)limit.rlim_max);
}

/* Each resource becomes available, and sees itself and each other one of its account: once, whichever came first. */
static void open_client(struct load *load, unsigned connection) {
    struct client *client = &load->clients[connection];
    char name[16], jid[64];
    (void)snprintf(name, sizeof name, "u%u", connection);
    client_connect(client, load->port);
    client_login(client, name);
    for (unsigned resource = 0; resource < load->resources; resource++) {
        char text[16];
        (void)snprintf(text, sizeof text, "r%u", resource);
        client_bind(client, text);
    }
    for (unsigned resource = 0; resource < load->resources; resource++) {
        jid_of(jid, connection, resource);
        client_put(client, "<presence from='%s'/>", jid);
    }
    size_t presences = client_settle(client, jid);
    if (presences != (size_t)load->resources * load->resources)
        client_fail("%u resources became available, and %zu presences came", load->resources, presences);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = connection};
    if (epoll_ctl(load->poll, EPOLL_CTL_ADD, client->descriptor, &event) != 0)
        client_fail("cannot watch: %s", strerror(errno));
}

/* --- messages ---------------------------------------------------------------------------------------------------- */

static int write_message(const struct load *load, unsigned connection, unsigned number, char text[static 512]) {
    struct pair pair = pair_of(load, connection, number % load->pairs);
    char from[64], to[64];
    jid_of(from, pair.from, pair.from_resource);
    jid_of(to, pair.to, pair.to_resource);
    return snprintf(text, 512,
                    "<message from='%s' to='%s' type='chat' id='m%u'><body>%u %u %u %" PRIu64
                    " Wherefore art thou Romeo?</body></message>",
                    from, to, number, connection, number % load->pairs, number / load->pairs, now(CLOCK_MONOTONIC));
}

static void send_message(struct load *load, unsigned connection) {
    char text[512];
    (void)write_message(load, connection, load->sent[connection]++, text);
    client_put(&load->clients[connection], "%s", text);
    client_write(&load->clients[connection]);
    if (load->clients[connection].out.end != 0)
        client_fail("a single message finds no room in the socket");
}

static void check_end(struct span jid, unsigned connection, unsigned resource, struct span message) {
    char expected[64];
    jid_of(expected, connection, resource);
    if (!client_is(jid, expected))
        client_fail("an address is not %s: %.*s", expected, (int)message.length, message.data);
}

/* A message has come on a connection: it is the next one of its pair. Returns who sent it. */
static unsigned take_message(struct load *load, unsigned connection, struct span message) {
    unsigned from, number, sequence;
    uint64_t then;
    char body[64];
    struct span text = client_behind(message, "<body>");
    (void)snprintf(body, sizeof body, "%.*s", (int)text.length, text.data);
    if (!client_begins(message, "<message") ||
        sscanf(body, "%u %u %u %" SCNu64, &from, &number, &sequence, &then) != 4 || from >= load->connections ||
        number >= load->pairs || client_is(client_attribute(message, "type"), "error"))
        client_fail("unexpected: %.*s", (int)message.length, message.data);
    struct pair pair = pair_of(load, from, number);
    unsigned *arrived = &load->arrived[from * load->pairs + number];
    if (pair.to != connection || sequence != *arrived)
        client_fail("message %u was to come, on connection %u, not on %u: %.*s", *arrived, pair.to, connection,
                    (int)message.length, message.data);
    check_end(client_attribute(message, "from"), pair.from, pair.from_resource, message);
    check_end(client_attribute(message, "to"), pair.to, pair.to_resource, message);
    (*arrived)++;
    load->latencies[load->latency_count++] = now(CLOCK_MONOTONIC) - then;
    return from;
}

/* When a message of this connection has arrived, the next one goes out. */
static void send_next(struct load *load, unsigned connection) {
    if (load->in_turn)
        send_message(load, (connection + 1) % load->connections);
    else if (load->sent[connection] < load->allowed[connection])
        send_message(load, connection);
}

static void take_messages(struct load *load, unsigned connection, size_t total) {
    struct client *client = &load->clients[connection];
    struct span message;
    client_receive(client);
    while (client_next(client, &message)) {
        unsigned from = take_message(load, connection, message);
        if (load->latency_count < total)
            send_next(load, from);
    }
    if (client->ended)
        client_fail("the server has ended the stream of connection %u", connection);
}

static void exchange(struct load *load, size_t total) {
    struct epoll_event ready[READY];
    while (load->latency_count < total) {
        int count = epoll_wait(load->poll, ready, READY, PATIENCE);
        if (count == 0)
            client_fail("%zu of %zu messages have come, and no more in %d seconds", load->latency_count, total,
                        PATIENCE / 1000);
        for (int i = 0; i < count; i++)
            take_messages(load, ready[i].data.u32, total);
    }
}

/* --- what is said ------------------------------------------------------------------------------------------------ */

static int compare(const void *left, const void *right) {
    uint64_t first = *(const uint64_t *)left, second = *(const uint64_t *)right;
    return (first > second) - (first < second);
}

static void say_latency(struct load *load, const char *when) {
    qsort(load->latencies, load->latency_count, sizeof load->latencies[0], compare);
    (void)printf("latency, %s: median %.3f ms, 99 %% %.3f ms\n", when,
                 (double)load->latencies[load->latency_count / 2] / 1e6,
                 (double)load->latencies[load->latency_count * 99 / 100] / 1e6);
    load->latency_count = 0;
}

/* In microseconds: in the program itself, and in the system on its behalf. */
struct processor_time {
    double user, system;
};

static struct processor_time processor_time(const char *process) {
    char path[64], line[1024] = "";
    unsigned long user, system;
    (void)snprintf(path, sizeof path, "/proc/%s/stat", process);
    FILE *file = fopen(path, "r");
    const char *name_end = file != NULL && fgets(line, sizeof line, file) != NULL ? strrchr(line, ')') : NULL;
    if (name_end == NULL ||
        sscanf(name_end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        client_fail("cannot read %s", path);
    (void)fclose(file);
    double tick = 1e6 / (double)sysconf(_SC_CLK_TCK);
    return (struct processor_time){(double)user * tick, (double)system * tick};
}

/* What libxml2 needs for as many messages of the same kind on one stream, in microseconds: each becomes a tree. */
static double parse_time(const struct load *load, unsigned each) {
    static const char header[] =
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
    xmlParserCtxt *parser = xmlCreatePushParserCtxt(NULL, NULL, header, sizeof header - 1, NULL);
    uint64_t used = 0;
    if (parser == NULL)
        client_fail("no memory");
    for (unsigned connection = 0; connection < load->connections; connection++) {
        for (unsigned number = 0; number < each; number++) {
            char text[512];
            int length = write_message(load, connection, number, text);
            uint64_t before = now(CLOCK_PROCESS_CPUTIME_ID);
            int status = xmlParseChunk(parser, text, length, 0);
            xmlNode *message = status == 0 ? xmlDocGetRootElement(parser->myDoc)->children : NULL;
            if (message == NULL)
                client_fail("libxml2 does not read %s", text);
            xmlUnlinkNode(message);
            xmlFreeNode(message);
            used += now(CLOCK_PROCESS_CPUTIME_ID) - before;
        }
    }
    xmlFreeDoc(parser->myDoc);
    xmlFreeParserCtxt(parser);
    return (double)used / 1e3;
}

static void one_at_a_time(struct load *load) {
    load->in_turn = 1;
    send_message(load, 0);
    exchange(load, SINGLE);
    load->in_turn = 0;
    say_latency(load, "one message at a time");
}

/* Of each connection always one message is under way. */
static void all_at_once(struct load *load, unsigned each, const char *process) {
    size_t total = (size_t)load->connections * each;
    struct processor_time before = {0, 0};
    if (process != NULL)
        before = processor_time(process);
    uint64_t start = now(CLOCK_MONOTONIC);
    for (unsigned connection = 0; connection < load->connections; connection++) {
        load->allowed[connection] = load->sent[connection] + each;
        send_message(load, connection);
    }
    exchange(load, total);
    double seconds = (double)(now(CLOCK_MONOTONIC) - start) / 1e9;
    say_latency(load, "one of each connection at a time");
    (void)printf("%zu messages in %.2f seconds: %.0f messages a second\n", total, seconds, (double)total / seconds);
    if (process == NULL)
        return;
    struct processor_time after = processor_time(process);
    (void)printf("processor time for a message: the server %.2f us, and the system for it %.2f us; libxml2 alone, to "
                 "parse it, %.2f us\n",
                 (after.user - before.user) / (double)total, (after.system - before.system) / (double)total,
                 parse_time(load, each) / (double)total);
}

/* Nothing comes behind the last message: none came twice, nor anything else. */
static void close_all(struct load *load) {
    char jid[64];
    for (unsigned connection = 0; connection < load->connections; connection++) {
        jid_of(jid, connection, 0);
        if (client_settle(&load->clients[connection], jid) != 0)
            client_fail("connection %u was sent more than its messages", connection);
    }
    for (unsigned connection = 0; connection < load->connections; connection++)
        client_close(&load->clients[connection]);
}

static void *array(size_t count, size_t size) {
    void *items = calloc(count, size);
    if (items == NULL)
        client_fail("no memory");
    return items;
}

int main(int count, char **words) {
    if (count < 5 || count > 6)
        client_fail("load PORT CONNECTIONS RESOURCES MESSAGES [PID]");
    struct load load = {.port = (uint16_t)strtoul(words[1], NULL, 10),
                        .connections = (unsigned)strtoul(words[2], NULL, 10),
                        .resources = (unsigned)strtoul(words[3], NULL, 10),
                        .poll = epoll_create1(0)};
    unsigned each = (unsigned)strtoul(words[4], NULL, 10);
    if (load.port == 0 || load.connections <= PARTNERS || load.resources == 0 || each == 0 || load.poll < 0)
        client_fail("these numbers do not make sense");
    need_descriptors(load.connections);
    load.pairs = PARTNERS * load.resources;
    load.clients = array(load.connections, sizeof *load.clients);
    load.sent = array(load.connections, sizeof *load.sent);
    load.allowed = array(load.connections, sizeof *load.allowed);
    load.arrived = array((size_t)load.connections * load.pairs, sizeof *load.arrived);
    load.latencies = array((size_t)load.connections * each + SINGLE, sizeof *load.latencies);
    for (unsigned connection = 0; connection < load.connections; connection++)
        open_client(&load, connection);
    (void)printf("%u connections with %u resources each\n", load.connections, load.resources);
    one_at_a_time(&load);
    all_at_once(&load, each, count == 6 ? words[5] : NULL);
    close_all(&load);
    (void)close(load.poll);
    free(load.clients);
    free(load.sent);
    free(load.allowed);
    free(load.arrived);
    free(load.latencies);
    return 0;
}
