/*
 * A client that speaks just enough XMPP to keep a server busy. It cuts what comes into elements without a parser, so
 * that it costs little beside the server. What goes wrong ends the program, with a word about it.
 */
#ifndef TESTS_SERVER_CLIENT_H
#define TESTS_SERVER_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#define CLIENT_DOMAIN "capulet.example"
#define CLIENT_PASSWORD "secret"

/* Octets that wait: data[begin] to data[end - 1]. */
struct octets {
    char *data;
    size_t begin, end, size;
};

/* A part of what came; valid until more is received. */
struct span {
    const char *data;
    size_t length;
};

struct client {
    int descriptor;
    struct octets out, in;
    size_t seen;    /* octets of 'in' that have been looked at */
    size_t element; /* where the element begins that is not complete yet */
    size_t depth;
    int ended; /* by the server, with the connection or before */
};

_Noreturn void client_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

void client_connect(struct client *client, uint16_t port);
void client_free(struct client *client);

/* Behind what waits to be written already. */
void client_put(struct client *client, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes and receives what can be written and received without waiting. */
void client_write(struct client *client);
void client_receive(struct client *client);

/* The next element that has come as a whole, or the header of the stream: 1; nothing yet, or the end: 0. */
int client_next(struct client *client, struct span *element);

/* Writes everything and waits for the next element. */
struct span client_wait(struct client *client);

/* Opens the stream, authenticates and opens it again. */
void client_login(struct client *client, const char *name);
void client_bind(struct client *client, const char *resource);
/* Everything sent so far has been dealt with; 'from' is one of the client's resources. How many elements came before.
 */
size_t client_settle(struct client *client, const char *from);
/* Ends the stream, in good order. */
void client_close(struct client *client);

/* An attribute of the element itself, empty when it is absent. */
struct span client_attribute(struct span element, const char *name);
int client_is(struct span span, const char *text);
int client_begins(struct span span, const char *text);
/* What follows the first occurrence of text; empty when there is none. */
struct span client_behind(struct span span, const char *text);

#endif
