#include "resource_list.h"
#include "lib/base/text.h"

#include <stddef.h>

static void make_index(struct xmppbind_stream *stream) {
    const struct xmppbind_memory *memory = xmppbind_host_memory(stream->host);
    struct xmppbind_table *index = xmppbind_memory_get(memory, sizeof *index);
    if (index == NULL)
        return;
    xmppbind_table_init(index, offsetof(struct xmppbind_claim, index_next),
                        offsetof(struct xmppbind_claim, request) + offsetof(struct xmppbind_request, hash));
    xmppbind_table_grow(index, memory);
    if (index->heads == NULL) {
        xmppbind_memory_put(memory, index);
        return;
    }
    for (struct xmppbind_claim *claim = stream->oldest; claim != NULL; claim = claim->younger)
        xmppbind_table_insert(index, claim);
    stream->index = index;
}

void xmppbind_resource_prepare_index(struct xmppbind_stream *stream) {
    if (stream->index != NULL)
        xmppbind_table_grow(stream->index, xmppbind_host_memory(stream->host));
    else
        make_index(stream);
}

void xmppbind_resource_insert(struct xmppbind_stream *stream, struct xmppbind_claim *claim,
                              struct xmppbind_claim *older) {
    claim->older = older;
    claim->younger = older == NULL ? stream->oldest : older->younger;
    *(older == NULL ? &stream->oldest : &older->younger) = claim;
    *(claim->younger == NULL ? &stream->youngest : &claim->younger->older) = claim;
    stream->resource_count++;
    if (stream->index != NULL)
        xmppbind_table_insert(stream->index, claim);
}

void xmppbind_resource_remove(struct xmppbind_stream *stream, struct xmppbind_claim *claim) {
    if (stream->index != NULL)
        xmppbind_table_remove(stream->index, claim);
    *(claim->older == NULL ? &stream->oldest : &claim->older->younger) = claim->younger;
    *(claim->younger == NULL ? &stream->youngest : &claim->younger->older) = claim->older;
    claim->older = claim;
    stream->resource_count--;
    if (stream->sender == claim)
        stream->sender = NULL;
}

static int same(const struct xmppbind_claim *claim, const char *jid, size_t length) {
    return claim->request.length == length && xmppbind_same(claim->text, jid, length);
}

static struct xmppbind_claim *walk(const struct xmppbind_stream *stream, const char *jid, size_t length) {
    struct xmppbind_claim *claim = stream->oldest;
    while (claim != NULL && !same(claim, jid, length))
        claim = claim->younger;
    return claim;
}

struct xmppbind_claim *xmppbind_resource_find(const struct xmppbind_stream *stream, const char *jid, size_t length) {
    if (stream->index == NULL)
        return walk(stream, jid, length);
    size_t resource_at = stream->account_length + (size_t)1;
    if (length <= resource_at)
        return NULL;
    return xmppbind_resource_find_hashed(stream, jid, length,
                                         xmppbind_name_hash_resource(&stream->host->directory.key, stream->account_hash,
                                                                     jid + resource_at, length - resource_at));
}

struct xmppbind_claim *xmppbind_resource_find_hashed(const struct xmppbind_stream *stream, const char *jid,
                                                     size_t length, uint32_t hash) {
    if (stream->index == NULL)
        return walk(stream, jid, length);
    struct xmppbind_claim *claim = xmppbind_table_first(stream->index, hash);
    while (claim != NULL && !same(claim, jid, length))
        claim = claim->index_next;
    return claim;
}

void xmppbind_resource_free_index(struct xmppbind_stream *stream) {
    const struct xmppbind_memory *memory = xmppbind_host_memory(stream->host);
    if (stream->index != NULL)
        xmppbind_memory_put(memory, stream->index->heads);
    xmppbind_memory_put(memory, stream->index);
    stream->index = NULL;
}
