#include "node.h"

#include <stdio.h>
#include <string.h>

enum { WORDS = 4 };

static void bind_resource(struct node *node, char *const *words) {
    struct node_stream *stream = node_stream_obtain(node, words[1], words[2]);
    if (stream == NULL) {
        node_say(node, "error: no such stream or account:", words[1], words[2]);
        return;
    }
    int result = xmppbind_stream_bind(stream->stream, words[3], strlen(words[3]), 0);
    if (result != XMPPBIND_OK)
        node_say(node, "error:", xmppbind_strerror(result), NULL);
    node_stream_drain(node, stream);
}

static void unbind_resource(struct node *node, char *const *words) {
    struct node_stream *stream = node_stream_find(node, words[1]);
    if (stream == NULL) {
        node_say(node, "error: no stream", words[1], NULL);
        return;
    }
    int result = xmppbind_stream_unbind(stream->stream, words[2], strlen(words[2]), 0);
    if (result != XMPPBIND_OK)
        node_say(node, "error:", xmppbind_strerror(result), NULL);
    node_stream_drain(node, stream);
}

static void close_stream(struct node *node, char *const *words) {
    struct node_stream *stream = node_stream_find(node, words[1]);
    if (stream == NULL)
        node_say(node, "error: no stream", words[1], NULL);
    else
        node_stream_close(node, stream);
}

/* One line for each resource of the account, on whatever node, and one for the end. */
static void say_entry(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    char text[XMPPBIND_JID_MAXIMUM + 1];
    (void)claim;
    (void)snprintf(text, sizeof text, "%.*s", (int)length, jid == NULL ? "" : jid);
    if (jid != NULL)
        node_say(user_data, "session", text, NULL);
    else if (condition == XMPPBIND_CONDITION_NONE)
        node_say(user_data, "end of sessions", NULL, NULL);
    else
        node_say(user_data, "error:", "the sessions cannot be listed:", xmppbind_condition_name(condition));
}

static void list_sessions(struct node *node, char *const *words) {
    int result =
        xmppbind_directory_list(xmppbind_host_directory(node->host), words[1], strlen(words[1]), say_entry, node);
    if (result != XMPPBIND_OK)
        node_say(node, "error:", xmppbind_strerror(result), NULL);
}

static void leave(struct node *node, char *const *words) {
    (void)words;
    node_leave(node);
}

void node_leave(struct node *node) {
    if (node->leaving)
        return;
    node->leaving = true;
    while (node->streams != NULL)
        node_stream_close(node, node->streams);
    (void)xmppbind_redis_leave(node->redis);
}

void node_run_line(struct node *node, char *line) {
    static const struct {
        const char *name;
        int words;
        void (*run)(struct node *node, char *const *words);
    } commands[] = {{"bind", 4, bind_resource}, /* STREAM ACCOUNT RESOURCE */
                    {"unbind", 3, unbind_resource},
                    {"close", 2, close_stream},
                    {"sessions", 2, list_sessions},
                    {"leave", 1, leave}};
    char *words[WORDS + 1] = {NULL}, *rest = NULL;
    int count = 0;
    for (char *word = strtok_r(line, " \t\r", &rest); word != NULL && count <= WORDS;
         word = strtok_r(NULL, " \t\r", &rest))
        words[count++] = word;
    if (count == 0 || words[0][0] == '#')
        return;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(words[0], commands[i].name) == 0 && count == commands[i].words) {
            commands[i].run(node, words);
            return;
        }
    }
    node_say(node, "error: not understood:", words[0], NULL);
}
