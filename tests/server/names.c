/*
 * Stanzas with names that were never there before: each has a new element, attribute, prefix and namespace. Most are of
 * the kind that a server drops without a word, the cheapest for who attacks; one in ten is a message to oneself and
 * comes back; one in a hundred is an ordinary stanza.
 *
 *     names PORT STANZAS
 *
 * A tenth more goes first, to warm the server up. Then comes a line `warm`, and at the end a line `done`; after each it
 * waits for a line of input, so that the server can be looked at while the stream is open. What is written at once is
 * answered before more is written, and is of all sizes in turn, so that what the server has held at most does not
 * depend on chance.
 */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ME "juliet@" CLIENT_DOMAIN "/names"

enum {
    AT_ONCE = 60000, /* octets */
    SIZES = 8,       /* of what is written at once, each half of the one before */
    RETURNED = 10,   /* every so many stanzas come back */
    ORDINARY = 100
};

struct flood {
    struct client client;
    unsigned long number;   /* stanzas made, in all */
    unsigned long returned; /* the number of the last message that came back */
    unsigned long due;      /* messages that have not come back */
    unsigned long blocks;   /* that were written at once */
};

static void put_dropped(struct client *client, unsigned long number) {
    switch (number / 2 % 3) {
    case 0: /* an answer that nobody waits for */
        client_put(client, "<iq type='result' id='x'><e%lx xmlns:p%lx='n%lx' p%lx:a%lx=''/></iq>", number, number,
                   number, number, number);
        break;
    case 1: /* an error from a resource that is not there */
        client_put(client,
                   "<iq type='error' from='juliet@" CLIENT_DOMAIN "/x' e%lx='' xmlns:p%lx='n%lx' p%lx:a%lx=''/>",
                   number, number, number, number, number);
        break;
    default: /* the stanza itself has the names, and where it goes there is nobody */
        client_put(client,
                   "<message type='error' to='nurse@" CLIENT_DOMAIN
                   "/x' xmlns:p%lx='n%lx' p%lx:a%lx=''><p%lx:e%lx/></message>",
                   number, number, number, number, number, number);
    }
}

static void put_stanza(struct flood *flood) {
    unsigned long number = ++flood->number;
    struct client *client = &flood->client;
    if (number % RETURNED != 0) {
        put_dropped(client, number);
        return;
    }
    flood->due++;
    if (number % ORDINARY == 0)
        client_put(client, "<message from='" ME "' to='" ME "' id='%lx'><body>Wherefore art thou?</body></message>",
                   number);
    else
        client_put(client,
                   "<message from='" ME "' to='" ME "' id='%lx'><p%lx:e%lx xmlns:p%lx='n%lx' p%lx:a%lx=''/></message>",
                   number, number, number, number, number, number, number);
}

/* A message comes back: the next one, with its names. */
static void take(struct flood *flood, struct span message) {
    char id[32], name[32];
    unsigned long number = flood->returned + RETURNED;
    (void)snprintf(id, sizeof id, "%lx", number);
    (void)snprintf(name, sizeof name, ":e%lx", number);
    if (!client_begins(message, "<message") || !client_is(client_attribute(message, "id"), id) ||
        (number % ORDINARY != 0 && client_behind(message, name).length == 0))
        client_fail("message %s was to come, not %.*s", id, (int)message.length, message.data);
    flood->returned = number;
    flood->due--;
}

/* The last one is among those that come back. */
static void put_some(struct flood *flood) {
    size_t size = AT_ONCE >> flood->blocks++ % SIZES;
    while (flood->client.out.end < size || flood->number % RETURNED != 0)
        put_stanza(flood);
}

/* At least so many stanzas more. */
static void run(struct flood *flood, unsigned long count) {
    struct client *client = &flood->client;
    unsigned long last = flood->number + count;
    while (flood->number < last) {
        put_some(flood);
        while (flood->due > 0)
            take(flood, client_wait(client));
    }
    if (client_settle(client, ME) != 0)
        client_fail("more came than was sent");
}

static void say(const char *word) {
    (void)printf("%s\n", word);
    (void)fflush(stdout);
    for (int octet = getchar(); octet != '\n'; octet = getchar()) {
        if (octet == EOF)
            client_fail("nobody says how to go on");
    }
}

int main(int count, char **words) {
    if (count != 3)
        client_fail("names PORT STANZAS");
    unsigned long stanzas = strtoul(words[2], NULL, 10);
    struct flood flood = {.number = 0};
    client_connect(&flood.client, (uint16_t)strtoul(words[1], NULL, 10));
    client_login(&flood.client, "juliet");
    client_bind(&flood.client, "names");
    client_bind(&flood.client, "second");
    run(&flood, stanzas / 10);
    say("warm");
    run(&flood, stanzas);
    say("done");
    client_close(&flood.client);
    return 0;
}
