/*
 * Octets through a stream. The first octets of the input choose options and storage; the rest are stanzas, one to a
 * line; a line that starts with '!' is an answer of storage, with '?' time that passes, with '~' a second stream's
 * bind.
 */
#include "fuzz.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>
#include <xmppbind.h>

enum { HEADER = 4, HELD = 16 };

struct setting {
    xmppbind_host *host;
    xmppbind_directory *directory;
    xmppbind_memory_directory *memory;
    const xmppbind_request *held[HELD];
    size_t held_count;
    int later;
    uint64_t now;
};

static int ask(const xmppbind_request *request, void *user_data) {
    struct setting *setting = user_data;
    if (!setting->later || setting->held_count == HELD)
        return xmppbind_memory_directory_answer(setting->memory, setting->directory, request);
    setting->held[setting->held_count++] = request;
    return 0;
}

static void answer(struct setting *setting) {
    if (setting->held_count == 0)
        return;
    const xmppbind_request *request = setting->held[0];
    setting->held_count--;
    memmove(setting->held, setting->held + 1, setting->held_count * sizeof setting->held[0]);
    if (xmppbind_memory_directory_answer(setting->memory, setting->directory, request) != XMPPBIND_OK)
        abort();
}

static void set_options(struct setting *setting, const uint8_t *data) {
    const struct {
        int option;
        uint32_t value;
    } values[] = {
        {XMPPBIND_OPTION_MISSING_FROM, data[0] & 1u},
        {XMPPBIND_OPTION_UNBOUND_FROM, data[0] >> 1 & 1u},
        {XMPPBIND_OPTION_FOREIGN_FROM, data[0] >> 2 & 1u},
        {XMPPBIND_OPTION_EMPTY_RESOURCE, data[0] >> 3 & 1u},
        {XMPPBIND_OPTION_ACCOUNT_LIMIT, data[0] >> 4 & 1u},
        {XMPPBIND_OPTION_UNBIND, (data[0] >> 5 & 1u) ^ 1u},
        {XMPPBIND_OPTION_CONFLICT, data[1] % 3u},
        {XMPPBIND_OPTION_MAX_RESOURCES_PER_STREAM, data[1] / 3u % 5u + 1u},
        {XMPPBIND_OPTION_MAX_RESOURCES_PER_ACCOUNT, data[2] % 5u + 1u},
        {XMPPBIND_OPTION_MAX_WAITING, data[2] / 5u % 4u},
        {XMPPBIND_OPTION_MAX_STANZA_BYTES, 10000u + data[3]},
    };
    setting->later = data[3] & 1;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (xmppbind_host_set_option(setting->host, values[i].option, values[i].value) != XMPPBIND_OK)
            abort();
    }
}

/* What a client is sent is well-formed, and what is routed is stamped with a resource of this stream or its account
 * (FROM-9). */
static void check_text(xmppbind_stream *stream, xmppbind_event *event) {
    const char *text = NULL;
    size_t length = 0;
    if (xmppbind_event_bytes(stream, event, &text, &length) != XMPPBIND_OK || strlen(text) != length)
        abort();
    xmlDoc *document =
        xmlReadMemory(text, (int)length, NULL, NULL, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOERROR);
    if (document == NULL)
        abort();
    xmlNode *root = xmlDocGetRootElement(document);
    if (xmppbind_event_kind(event) == XMPPBIND_EVENT_ROUTE) {
        size_t account_length;
        const char *account = xmppbind_stream_account(stream, &account_length);
        xmlChar *from = xmlGetNoNsProp(root, (const xmlChar *)"from");
        const char *jid = xmppbind_event_jid(event, NULL);
        if (from == NULL || jid == NULL || strncmp(jid, account, account_length) != 0 ||
            (strcmp((const char *)from, jid) != 0 && strcmp((const char *)from, account) != 0))
            abort();
        xmlFree(from);
    }
    xmlFreeDoc(document);
}

static void drain(xmppbind_stream *stream) {
    xmppbind_event *event = NULL;
    int result;
    while ((result = xmppbind_stream_next_event(stream, &event)) == 1) {
        int kind = xmppbind_event_kind(event);
        if (kind == XMPPBIND_EVENT_SEND || kind == XMPPBIND_EVENT_ROUTE || kind == XMPPBIND_EVENT_DISCARD)
            check_text(stream, event);
    }
    if (result != 0)
        abort();
}

static void line(struct setting *setting, xmppbind_stream *const *streams, const char *text, size_t length) {
    if (length > 0 && text[0] == '!') {
        answer(setting);
    } else if (length > 0 && text[0] == '?') {
        setting->now += 20000;
        (void)xmppbind_stream_next_deadline(streams[0], setting->now);
        (void)xmppbind_stream_expire(streams[0], setting->now);
    } else if (length > 0 && text[0] == '~') {
        (void)xmppbind_stream_bind(streams[1], text + 1, length - 1, 1);
    } else {
        (void)xmppbind_stream_receive_bytes(streams[0], text, length);
    }
    drain(streams[0]);
    drain(streams[1]);
}

static void feed(struct setting *setting, const char *text, size_t length) {
    static const char account[] = "juliet@capulet.example";
    xmppbind_stream *streams[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        if (xmppbind_stream_new(&streams[i], setting->host, account, sizeof account - 1, NULL) != XMPPBIND_OK)
            abort();
    }
    while (length > 0) {
        const char *end = memchr(text, '\n', length);
        size_t line_length = end == NULL ? length : (size_t)(end - text);
        line(setting, streams, text, line_length);
        size_t used = end == NULL ? line_length : line_length + 1;
        text += used;
        length -= used;
    }
    for (int i = 0; i < 2; i++) {
        if (xmppbind_stream_disconnect(streams[i]) != XMPPBIND_OK)
            abort();
        drain(streams[i]);
        xmppbind_stream_free(streams[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct setting setting;
    memset(&setting, 0, sizeof setting);
    fuzz_silence();
    if (size < HEADER)
        return 0;
    if (xmppbind_host_new(&setting.host, NULL) != XMPPBIND_OK ||
        xmppbind_memory_directory_new(&setting.memory, NULL, NULL, NULL) != XMPPBIND_OK)
        abort();
    setting.directory = xmppbind_host_directory(setting.host);
    set_options(&setting, data);
    if (xmppbind_directory_set_claims(setting.directory, ask, ask, &setting) != XMPPBIND_OK)
        abort();
    feed(&setting, (const char *)data + HEADER, size - HEADER);
    setting.later = 0;
    while (setting.held_count > 0)
        answer(&setting);
    if (xmppbind_directory_pending(setting.directory) != 0 || xmppbind_memory_directory_count(setting.memory) != 0)
        abort();
    xmppbind_host_free(setting.host);
    xmppbind_memory_directory_free(setting.memory);
    return 0;
}
