#include "fake.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct words {
    int count;
    const char *text[FAKE_WORDS];
    size_t lengths[FAKE_WORDS];
};

static void make_nonblocking(int descriptor) {
    assert_int_equal(fcntl(descriptor, F_SETFL, O_NONBLOCK), 0);
}

void fake_start(struct fake *fake) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    memset(fake, 0, sizeof *fake);
    fake->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fake->listener >= 0);
    assert_int_equal(bind(fake->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fake->listener, FAKE_CLIENTS), 0);
    assert_int_equal(getsockname(fake->listener, (struct sockaddr *)&address, &length), 0);
    make_nonblocking(fake->listener);
    fake->port = ntohs(address.sin_port);
    fake->map = "-ERR This instance has cluster support disabled\r\n";
}

static void drop(struct fake_client *client) {
    (void)close(client->descriptor);
    test_text_free(&client->behind);
    client->descriptor = 0;
    client->withholds = 0;
}

void fake_stop(struct fake *fake) {
    for (int i = 0; i < FAKE_CLIENTS; i++)
        if (fake->clients[i].descriptor != 0)
            drop(&fake->clients[i]);
    if (fake->listener != 0)
        (void)close(fake->listener);
    fake->listener = 0;
}

static void say(struct fake_client *client, const char *text) {
    if (client->withholds) {
        test_text_add(&client->behind, text, strlen(text));
        return;
    }
    ssize_t written = send(client->descriptor, text, strlen(text), MSG_NOSIGNAL);
    (void)written; /* who has gone hears nothing */
}

static void say_word(struct test_text *text, const char *word) {
    test_text_format(text, "$%zu\r\n%s\r\n", strlen(word), word);
}

static void say_on_channel(struct fake_client *client, const char *kind, const char *message) {
    struct test_text text = {NULL, 0, 0};
    test_text_format(&text, "*3\r\n");
    say_word(&text, kind);
    say_word(&text, client->channel);
    if (message != NULL)
        say_word(&text, message);
    else
        test_text_format(&text, ":1\r\n");
    say(client, test_text_get(&text));
    test_text_free(&text);
}

void fake_publish(struct fake *fake, const char *message) {
    for (int i = 0; i < FAKE_CLIENTS; i++)
        if (fake->clients[i].descriptor != 0 && fake->clients[i].listens)
            say_on_channel(&fake->clients[i], "message", message);
}

static char *living(struct fake *fake, const char *name) {
    for (int i = 0; i < FAKE_NAMES; i++)
        if (strcmp(fake->living[i], name) == 0)
            return fake->living[i];
    return NULL;
}

/* As the script does. */
static void answer_registry(struct fake *fake, struct fake_client *client, const struct words *words) {
    struct test_text text = {NULL, 0, 0};
    char made[64] = "";
    int count = 0;
    for (int i = 8; i < words->count; i++) {
        char *name = living(fake, words->text[i] + 1);
        if (name != NULL && (words->text[i][0] == '-' || fake->forgetful))
            *name = '\0';
    }
    fake->forgetful = 0;
    if (words->lengths[7] > 0) {
        (void)snprintf(made, sizeof made, "%.32s.%d", words->text[7], ++fake->incarnations);
        memcpy(living(fake, ""), made, sizeof made);
    }
    for (int i = 0; i < FAKE_NAMES; i++)
        count += fake->living[i][0] != '\0';
    test_text_format(&text, "*%d\r\n", 1 + 2 * count);
    say_word(&text, made);
    for (int i = 0; i < FAKE_NAMES; i++) {
        if (fake->living[i][0] == '\0')
            continue;
        say_word(&text, fake->living[i]);
        say_word(&text, words->text[5]); /* a whole lease */
    }
    say(client, test_text_get(&text));
    test_text_free(&text);
    if (!fake->silent)
        fake_publish(fake, "tick");
}

static void answer_script(struct fake *fake, struct fake_client *client, const struct words *words) {
    static const char *const usual[] = {[FAKE_CLAIM] = "*2\r\n$2\r\nok\r\n$2\r\n17\r\n",
                                        [FAKE_HOLD] = "*1\r\n$4\r\nheld\r\n",
                                        [FAKE_RELEASE] = "*1\r\n$2\r\nok\r\n",
                                        [FAKE_LIST] = "*1\r\n$2\r\nok\r\n",
                                        [FAKE_REGISTRY] = NULL};
    int script = words->text[1][0] - '0';
    const char *answer = fake->answers[script] != NULL ? fake->answers[script] : usual[script];
    if (fake->answer_once[script] != NULL)
        answer = fake->answer_once[script];
    fake->answer_once[script] = NULL;
    fake->asked[script]++;
    size_t at = 0;
    for (int i = 2; i < words->count && at < sizeof fake->last[script]; i++)
        at += (size_t)snprintf(fake->last[script] + at, sizeof fake->last[script] - at, "%s ", words->text[i]);
    if (answer == NULL)
        answer_registry(fake, client, words);
    else if (answer[0] == '\0') {
        fake->withheld[script] = (int)(client - fake->clients) + 1;
        client->withholds = 1;
    } else
        say(client, answer);
}

static void answer(struct fake *fake, struct fake_client *client, const struct words *words) {
    const char *name = words->text[0];
    char sha[64] = "$40\r\n";
    if (strcmp(name, "EVALSHA") == 0) {
        answer_script(fake, client, words);
    } else if (strcmp(name, "CLUSTER") == 0) {
        say(client, fake->map);
    } else if (strcmp(name, "SCRIPT") == 0 && fake->load != NULL) {
        say(client, fake->load);
    } else if (strcmp(name, "SCRIPT") == 0) { /* its name is 40 times its number */
        static const char *const marks[] = {"'conflict'", "'lost'", "'HDEL', KEYS[1], 'e'", "local answer = {'ok'}\n",
                                            "WITHSCORES"};
        int script = 0;
        while (strstr(words->text[2], marks[script]) == NULL)
            script++;
        memset(sha + 5, '0' + script, 40);
        memcpy(sha + 45, "\r\n", 3);
        say(client, sha);
    } else if (strcmp(name, "SUBSCRIBE") == 0) {
        client->listens = fake->subscribe == NULL;
        (void)snprintf(client->channel, sizeof client->channel, "%s", words->text[1]);
        if (fake->subscribe != NULL)
            say(client, fake->subscribe);
        else
            say_on_channel(client, "subscribe", NULL);
    } else {
        fake->asking += strcmp(name, "ASKING") == 0;
        say(client, "+OK\r\n");
    }
}

/* Takes one command from the input: its length, or 0 when it is not whole yet. The input is terminated. */
static size_t take_command(char *input, size_t length, struct words *words) {
    char *at = input, *end;
    if (length == 0 || memchr(input, '\n', length) == NULL)
        return 0;
    assert_int_equal(*at, '*');
    words->count = (int)strtol(at + 1, &end, 10);
    assert_in_range(words->count, 1, FAKE_WORDS);
    at = end + 2;
    for (int i = 0; i < words->count; i++) {
        if (memchr(at, '\n', length - (size_t)(at - input)) == NULL)
            return 0;
        words->lengths[i] = strtoul(at + 1, &end, 10);
        words->text[i] = end + 2;
        at = end + 2 + words->lengths[i] + 2;
        if (at > input + length)
            return 0;
    }
    for (int i = 0; i < words->count; i++)
        input[words->text[i] - input + (ptrdiff_t)words->lengths[i]] = '\0';
    return (size_t)(at - input);
}

static void serve(struct fake *fake, struct fake_client *client) {
    ssize_t got =
        recv(client->descriptor, client->input + client->length, sizeof client->input - 1 - client->length, 0);
    struct words words;
    size_t taken;
    if (got == 0)
        drop(client);
    if (got <= 0)
        return;
    client->length += (size_t)got;
    client->input[client->length] = '\0';
    while (client->descriptor != 0 && (taken = take_command(client->input, client->length, &words)) > 0) {
        answer(fake, client, &words);
        client->length -= taken;
        memmove(client->input, client->input + taken, client->length + 1);
    }
}

void fake_turn(struct fake *fake) {
    if (fake == NULL || fake->listener == 0)
        return;
    for (int descriptor; (descriptor = accept(fake->listener, NULL, NULL)) >= 0;) {
        struct fake_client *client = fake->clients;
        while (client->descriptor != 0)
            client++;
        assert_true(client < fake->clients + FAKE_CLIENTS);
        make_nonblocking(descriptor);
        client->descriptor = descriptor;
        client->length = 0;
        client->listens = 0;
    }
    for (int i = 0; i < FAKE_CLIENTS; i++)
        if (fake->clients[i].descriptor != 0)
            serve(fake, &fake->clients[i]);
}

void fake_answer(struct fake *fake, int script, const char *text) {
    assert_int_not_equal(fake->withheld[script], 0);
    struct fake_client *client = &fake->clients[fake->withheld[script] - 1];
    client->withholds = 0;
    fake->withheld[script] = 0;
    say(client, text);
    say(client, test_text_get(&client->behind));
    test_text_clear(&client->behind);
}

void fake_cut(struct fake *fake, int listeners, const char *last_word) {
    for (int i = 0; i < FAKE_CLIENTS; i++) {
        struct fake_client *client = &fake->clients[i];
        if (client->descriptor == 0 || client->listens != listeners)
            continue;
        if (last_word != NULL)
            say(client, last_word);
        drop(client);
    }
}

void fake_node(struct test_node *node, const struct fake *fake, const xmppbind_allocator *allocator) {
    const struct test_redis server = {.port = fake->port};
    test_node_make(node, "one", &server, allocator);
    node->stream = test_stream(node->host, ACCOUNT);
}

void fake_until(struct test_node *node, struct fake *one, struct fake *other, int (*condition)(void *data),
                void *data) {
    time_t begin = time(NULL);
    while (!condition(data)) {
        assert_int_equal(xmppbind_redis_poll(node->redis, 1), XMPPBIND_OK);
        fake_turn(one);
        fake_turn(other);
        if (time(NULL) - begin > 60)
            fail_msg("nothing happens any more; the log: %s", test_text_get(&node->log));
    }
}

struct events {
    xmppbind_stream *stream;
    struct test_text text;
};

static int has_events(void *data) {
    struct events *events = data;
    assert_int_equal(test_drain(events->stream, &events->text), 0);
    return events->text.length > 0;
}

void fake_expect(struct test_node *node, struct fake *one, struct fake *other, const char *lines) {
    struct events events = {node->stream, {NULL, 0, 0}};
    fake_until(node, one, other, has_events, &events);
    assert_string_equal(test_text_get(&events.text), lines);
    test_text_free(&events.text);
}

struct number {
    const int *number;
    int least;
};

static int is_reached(void *data) {
    const struct number *number = data;
    return *number->number >= number->least;
}

void fake_until_at_least(struct test_node *node, struct fake *one, struct fake *other, const int *number, int least) {
    struct number wanted = {number, least};
    fake_until(node, one, other, is_reached, &wanted);
}

struct logged {
    const struct test_node *node;
    const char *text;
};

static int is_logged(void *data) {
    const struct logged *logged = data;
    return strstr(test_text_get(&logged->node->log), logged->text) != NULL;
}

void fake_until_logged(struct test_node *node, struct fake *one, struct fake *other, const char *text) {
    struct logged wanted = {node, text};
    fake_until(node, one, other, is_logged, &wanted);
}

struct state {
    const struct test_node *node;
    int state;
};

static int is_in_state(void *data) {
    const struct state *state = data;
    return xmppbind_redis_state(state->node->redis) == state->state;
}

void fake_until_state(struct test_node *node, struct fake *one, struct fake *other, int state) {
    struct state wanted = {node, state};
    fake_until(node, one, other, is_in_state, &wanted);
}
