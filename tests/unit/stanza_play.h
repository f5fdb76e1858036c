/*
 * Plays stanzas: as they are; with their attributes in pieces, which have to be joined; and in pieces with each
 * allocation of libxml2 failing once. The outcome is always the same, and nothing is changed by a call that says it
 * found no memory.
 */
#ifndef XMPPBIND_TESTS_UNIT_STANZA_PLAY_H
#define XMPPBIND_TESTS_UNIT_STANZA_PLAY_H

#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"
#include "tests/support/test_xml.h"

#include <libxml/parser.h>
#include <libxml/xmlmemory.h>
#include <stdlib.h>
#include <string.h>

#define BIND_NS "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"

static size_t stanza_fail_at; /* the n-th allocation of libxml2 from now on fails; 0: none */

static inline void *stanza_get(size_t size) {
    return stanza_fail_at > 0 && --stanza_fail_at == 0 ? NULL : malloc(size);
}

static inline void *stanza_resize(void *memory, size_t size) {
    return stanza_fail_at > 0 && --stanza_fail_at == 0 ? NULL : realloc(memory, size);
}

static inline char *stanza_duplicate(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = stanza_get(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

/* Each attribute's text in two nodes. */
static inline void stanza_break_up(xmlNode *node) {
    for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next) {
        const char *text = attribute->children == NULL ? NULL : (const char *)attribute->children->content;
        if (text == NULL || strlen(text) < 2)
            continue;
        xmlNode *first = xmlNewTextLen((const xmlChar *)text, 1), *second = xmlNewText((const xmlChar *)text + 1);
        xmlFreeNodeList(attribute->children);
        attribute->children = first;
        attribute->last = second;
        first->parent = second->parent = (xmlNode *)attribute;
        first->next = second;
        second->prev = first;
    }
}

enum { RESOURCES_NONE, RESOURCES_ONE, RESOURCES_TWO };

struct stanza_play {
    int resources;
    const char *stanza;
    const char *lines;
};

struct stanza_scene {
    struct test_storage storage;
    xmppbind_host *host;
    xmppbind_stream *stream;
};

static inline void stanza_set_up(struct stanza_scene *scene, int resources) {
    scene->host = test_host(NULL);
    test_storage_set_up(&scene->storage, scene->host, NULL);
    scene->stream = test_stream(scene->host, "a@b.example");
    if (resources >= RESOURCES_ONE)
        assert_int_equal(test_bind(scene->stream, "one", 1), XMPPBIND_OK);
    if (resources >= RESOURCES_TWO)
        assert_int_equal(test_bind(scene->stream, "two", 1), XMPPBIND_OK);
    test_drain_all(scene->stream);
}

static inline void stanza_tear_down(struct stanza_scene *scene) {
    xmppbind_stream_free(scene->stream);
    xmppbind_host_free(scene->host);
    test_storage_tear_down(&scene->storage);
}

/* Whatever finds no memory is called again. */
static inline void stanza_drain(xmppbind_stream *stream, struct test_text *text) {
    xmppbind_event *event = NULL;
    int result;
    while ((result = xmppbind_stream_next_event(stream, &event)) != 0) {
        if (result == XMPPBIND_ERROR_NO_MEMORY)
            continue;
        assert_int_equal(result, 1);
        while ((result = test_event_line(stream, event, text)) == XMPPBIND_ERROR_NO_MEMORY) {
        }
        assert_int_equal(result, 0);
    }
}

static inline void stanza_receive(xmppbind_stream *stream, xmlNode *node) {
    struct test_text before = {NULL, 0, 0}, after = {NULL, 0, 0};
    size_t failing = stanza_fail_at;
    stanza_fail_at = 0;
    test_summary(node, &before);
    stanza_fail_at = failing;
    int result = xmppbind_stream_receive(stream, node);
    if (result == XMPPBIND_ERROR_NO_MEMORY) {
        stanza_fail_at = 0;
        test_summary(node, &after);
        assert_string_equal(test_text_get(&after), test_text_get(&before));
        result = xmppbind_stream_receive(stream, node);
    }
    assert_int_equal(result, XMPPBIND_OK);
    test_text_free(&before);
    test_text_free(&after);
}

/* Whether the failure was reached. */
static inline int stanza_play(const struct stanza_play *played, int in_pieces, size_t failing) {
    struct stanza_scene scene;
    struct test_text text = {NULL, 0, 0};
    stanza_set_up(&scene, played->resources);
    xmlNode *node = test_node(played->stanza);
    assert_non_null(node);
    if (in_pieces)
        stanza_break_up(node);
    stanza_fail_at = failing;
    stanza_receive(scene.stream, node);
    stanza_drain(scene.stream, &text);
    int reached = stanza_fail_at == 0;
    stanza_fail_at = 0;
    assert_string_equal(test_text_get(&text), played->lines);
    test_text_free(&text);
    stanza_tear_down(&scene);
    return reached;
}

static inline void stanza_play_all(const struct stanza_play *played, size_t count) {
    for (size_t i = 0; i < count; i++) {
        (void)stanza_play(&played[i], 0, 0);
        (void)stanza_play(&played[i], 1, 0);
        for (size_t failing = 1; stanza_play(&played[i], 1, failing);)
            failing++;
    }
}

#define STANZA_PLAY(table) stanza_play_all(table, sizeof(table) / sizeof(table)[0])

/* Before anything else of libxml2 is used: 0, or what main() returns then. */
static inline int stanza_play_init(void) {
    if (xmlMemSetup(free, stanza_get, stanza_resize, stanza_duplicate) != 0)
        return 1;
    xmlInitParser();
    test_silence_xml();
    return 0;
}

#endif
