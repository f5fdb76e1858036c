/* The resources of a stream: by age in a list, by full JID through a short walk or, when they are many, an index. */
#ifndef XMPPBIND_BINDING_RESOURCE_LIST_H
#define XMPPBIND_BINDING_RESOURCE_LIST_H

#include "stream.h"

enum { XMPPBIND_RESOURCE_WALK = 8 /* resources up to which a walk is as quick as an index */ };

void xmppbind_resource_prepare_index(struct xmppbind_stream *stream);

/* Makes the index ready for one more; without memory for it, look-ups walk. Before xmppbind_resource_insert(). */
static inline void xmppbind_resource_prepare_list(struct xmppbind_stream *stream) {
    if (stream->resource_count >= XMPPBIND_RESOURCE_WALK)
        xmppbind_resource_prepare_index(stream);
}
/* The claim, with its reference, is a resource from now on, next in age after `older` (NULL: the oldest of all). */
void xmppbind_resource_insert(struct xmppbind_stream *stream, struct xmppbind_claim *claim,
                              struct xmppbind_claim *older);
/* Takes it out; its reference is the caller's from now on. */
void xmppbind_resource_remove(struct xmppbind_stream *stream, struct xmppbind_claim *claim);
/* The resource with this prepared full JID, or NULL. */
struct xmppbind_claim *xmppbind_resource_find(const struct xmppbind_stream *stream, const char *jid, size_t length);
/* The same, when its hash is known (of a claim for it). */
struct xmppbind_claim *xmppbind_resource_find_hashed(const struct xmppbind_stream *stream, const char *jid,
                                                     size_t length, uint32_t hash);
void xmppbind_resource_free_index(struct xmppbind_stream *stream);

static inline int xmppbind_resource_listed(const struct xmppbind_claim *claim) {
    return claim->older != claim;
}

#endif
