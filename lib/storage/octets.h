/* A text that is kept: its length and its octets in one block. */
#ifndef XMPPBIND_STORAGE_OCTETS_H
#define XMPPBIND_STORAGE_OCTETS_H

#include "lib/base/memory.h"

#include <string.h>

struct xmppbind_octets {
    size_t length;
    char text[]; /* NUL-terminated */
};

/* Whether a text may be kept at all: it has no NUL inside. */
static inline int xmppbind_octets_allowed(const char *text, size_t length) {
    return text != NULL && memchr(text, '\0', length) == NULL;
}

/* NULL without memory. */
static inline struct xmppbind_octets *xmppbind_octets_new(const struct xmppbind_memory *memory, const char *text,
                                                          size_t length) {
    struct xmppbind_octets *made = xmppbind_memory_get(memory, sizeof *made + length + 1);
    if (made == NULL)
        return NULL;
    made->length = length;
    memcpy(made->text, text, length);
    made->text[length] = '\0';
    return made;
}

/* As getters want it: NULL and 0 for none. */
static inline const char *xmppbind_octets_text(const struct xmppbind_octets *octets, size_t *length) {
    if (length != NULL)
        *length = octets == NULL ? 0 : octets->length;
    return octets == NULL ? NULL : octets->text;
}

/* Puts a copy of the text into `place`, or nothing for NULL, and frees what was there. */
static inline int xmppbind_octets_replace(struct xmppbind_octets **place, const struct xmppbind_memory *memory,
                                          const char *text, size_t length) {
    struct xmppbind_octets *made = NULL;
    if (text != NULL && !xmppbind_octets_allowed(text, length))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    if (text != NULL && (made = xmppbind_octets_new(memory, text, length)) == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    xmppbind_memory_put(memory, *place);
    *place = made;
    return XMPPBIND_OK;
}

/* Makes room for one more thing of `size` in an array; twice as much as before when it is full. */
static inline int xmppbind_octets_room(void **array, size_t count, size_t *room, size_t size,
                                       const struct xmppbind_memory *memory) {
    enum { FIRST = 4 };
    if (count < *room)
        return XMPPBIND_OK;
    size_t wanted = *room == 0 ? FIRST : *room * 2;
    void *grown = xmppbind_memory_get(memory, wanted * size);
    if (grown == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    if (count > 0)
        memcpy(grown, *array, count * size);
    xmppbind_memory_put(memory, *array);
    *array = grown;
    *room = wanted;
    return XMPPBIND_OK;
}

#endif
