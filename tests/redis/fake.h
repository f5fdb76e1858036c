/*
 * A server that speaks the protocol of Redis and says whatever the test wants, driven by the test itself: for answers
 * and moments that a real one hardly ever gives.
 */
#ifndef XMPPBIND_TESTS_REDIS_FAKE_H
#define XMPPBIND_TESTS_REDIS_FAKE_H

#include "pair.h"

enum { FAKE_CLIENTS = 16, FAKE_WORDS = 32, FAKE_NAMES = 16 };

/* The scripts, in the order in which a node loads them. */
enum fake_script { FAKE_CLAIM, FAKE_HOLD, FAKE_RELEASE, FAKE_LIST, FAKE_REGISTRY, FAKE_SCRIPTS };

struct fake_client {
    int descriptor; /* 0: none */
    int listens;
    char channel[128];
    int withholds; /* an answer is owed: what comes later waits behind it, as answers come in order */
    struct test_text behind;
    size_t length;
    char input[65536];
};

struct fake {
    int listener;
    uint16_t port;
    struct fake_client clients[FAKE_CLIENTS];
    /* What is answered, as Redis writes it; NULL: what a real one would say; "": nothing, it is withheld. */
    const char *answers[FAKE_SCRIPTS];
    const char *answer_once[FAKE_SCRIPTS]; /* the same, for the next one only */
    const char *map;                       /* to CLUSTER SLOTS */
    const char *load;                      /* to SCRIPT LOAD */
    const char *subscribe;                 /* to SUBSCRIBE */
    int silent;                            /* no tick on the channel */
    int forgetful;                         /* the registry loses whoever renews */
    char living[FAKE_NAMES][64];           /* in the registry */
    int incarnations;                      /* made */
    int asked[FAKE_SCRIPTS];               /* how often */
    int asking;                            /* ASKING came so often */
    int withheld[FAKE_SCRIPTS];            /* clients that wait for an answer, by index + 1 */
    char last[FAKE_SCRIPTS][1024];         /* the words of the last one */
};

void fake_start(struct fake *fake);
void fake_stop(struct fake *fake);
/* Whatever can be read is answered. */
void fake_turn(struct fake *fake);
/* Answers the one that was withheld last. */
void fake_answer(struct fake *fake, int script, const char *answer);
/* Says something to all who listen. */
void fake_publish(struct fake *fake, const char *message);
/* Closes the connections that do not listen (or that do), after a last word or NULL. */
void fake_cut(struct fake *fake, int listeners, const char *last_word);

/* A node for it, with times that are short. */
void fake_node(struct test_node *node, const struct fake *fake, const xmppbind_allocator *allocator);
/* Gives all their turns until the condition holds. */
void fake_until(struct test_node *node, struct fake *one, struct fake *other, int (*condition)(void *data), void *data);
/* Until the stream of the node has events, which have to be these. */
void fake_expect(struct test_node *node, struct fake *one, struct fake *other, const char *lines);
/* Until a number is at least this. */
void fake_until_at_least(struct test_node *node, struct fake *one, struct fake *other, const int *number, int least);
void fake_until_logged(struct test_node *node, struct fake *one, struct fake *other, const char *text);
void fake_until_state(struct test_node *node, struct fake *one, struct fake *other, int state);

#endif
