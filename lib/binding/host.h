/*
 * A host: what its streams share. Options and callbacks are fixed from the first stream on, so streams read them
 * without a lock; what does change (the ready list, the number of streams) is behind the lock of the directory.
 */
#ifndef XMPPBIND_BINDING_HOST_H
#define XMPPBIND_BINDING_HOST_H

#include "lib/storage/directory.h"
#include "xmppbind/address.h"
#include "xmppbind/binding.h"

enum { XMPPBIND_OPTION_COUNT = 22 };

struct xmppbind_layer_class; /* layer.h */

/* What the layer below puts into events and operations: stanzas of some kind. */
struct xmppbind_payload_class {
    void (*free)(void *payload);
};

/* What the layer below keeps for writing stanzas; it knows how to free it. */
struct xmppbind_writer {
    void (*free)(struct xmppbind_writer *writer);
};
typedef _Atomic(struct xmppbind_writer *) xmppbind_kept_writer;

static inline void xmppbind_writer_drop(struct xmppbind_writer *writer) {
    if (writer != NULL)
        writer->free(writer);
}

struct xmppbind_host {
    struct xmppbind_directory directory;
    struct xmppbind_memory_directory *memory_directory;
    uint32_t options[XMPPBIND_OPTION_COUNT];
    xmppbind_random_callback random;
    void *random_data;
    xmppbind_conflict_callback conflict;
    void *conflict_data;
    xmppbind_wakeup_callback wakeup;
    void *wakeup_data;
    xmppbind_log_callback log;
    void *log_data;
    xmppbind_prepare_callback prepare_local, prepare_domain, prepare_resource; /* or NULL */
    void *prepare_data;
    const struct xmppbind_layer_class *layer; /* or NULL */
    void *layer_data;
    struct xmppbind_spare spare_operation;
    xmppbind_kept_writer writer;         /* or NULL: it is in use, or there was none yet */
    struct xmppbind_stream *ready_first; /* linked by ready_next, used when there is no wake-up callback */
    struct xmppbind_stream *ready_last;
};

static inline const struct xmppbind_memory *xmppbind_host_memory(const struct xmppbind_host *host) {
    return &host->directory.memory;
}

static inline uint32_t xmppbind_host_value(const struct xmppbind_host *host, int option) {
    return host->options[option];
}

/* Whether options and callbacks may still be set: XMPPBIND_OK or an error. */
int xmppbind_host_may_be_changed(const struct xmppbind_host *host);
void xmppbind_host_log(const struct xmppbind_host *host, int level, const char *message);
/* A stream was made or is gone; the host goes with the last one if it was freed. */
void xmppbind_host_add_stream(struct xmppbind_host *host);
void xmppbind_host_remove_stream(struct xmppbind_host *host, struct xmppbind_stream *stream);
/* The default value of an option. */
uint32_t xmppbind_option_default(int option);
/* Whether an option takes a value: XMPPBIND_OK or an error. */
int xmppbind_option_check(int option, uint32_t value);
/* The number and value that an option's name and text stand for: XMPPBIND_OK or an error. */
int xmppbind_option_parse(const char *name, size_t name_length, const char *text, size_t text_length, int *option,
                          uint32_t *value);

#endif
