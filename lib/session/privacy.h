/*
 * Privacy lists (XEP-0016): read from what a client sends, written into what it gets, and asked about stanzas. Who may
 * change which list, and which of them applies, is decided elsewhere.
 */
#ifndef XMPPBIND_SESSION_PRIVACY_H
#define XMPPBIND_SESSION_PRIVACY_H

#include "lib/binding/host.h"
#include "lib/storage/privacy_list.h"

#include <libxml/tree.h>

#define XMPPBIND_NS_PRIVACY "jabber:iq:privacy"

/*
 * Reads `<list name='...'>` with its `<item/>` children (PRIV-2; XEP-0016 sections 2.1 and 2.2). XMPPBIND_OK or
 * XMPPBIND_ERROR_NO_MEMORY; on OK either *condition is none and *list the new list, which the caller frees, or
 * *condition says why it is refused (bad-request, item-not-found, resource-constraint) and *list is NULL. An element
 * without items is a list of 0 rules: the caller takes it for a removal.
 *
 * `has_group` says whether a group is in the roster of the user (item-not-found when it is not); NULL: not asked. More
 * than `max_items` are refused with resource-constraint. Addresses are prepared as the host says, which may call it.
 */
int xmppbind_privacy_read(const struct xmppbind_host *host, const xmlNode *element, size_t max_items,
                          int (*has_group)(const char *group, size_t length, void *user_data), void *user_data,
                          struct xmppbind_privacy_list **list, int *condition);

/* Appends `<list name='...'>` with its items, by order, to `parent`, in the namespace of that. XMPPBIND_OK, or
 * XMPPBIND_ERROR_NO_MEMORY (nothing was appended). */
int xmppbind_privacy_write(xmlNode *parent, const struct xmppbind_privacy_list *list);

/*
 * Whether the list denies a stanza (PRIV-4). `kind` is one bit of enum xmppbind_privacy_kind: of the incoming ones, or
 * outgoing presence; 0 for what only a rule without kinds is about: outgoing messages and IQs, and presence that is no
 * notification (subscriptions, XEP-0016 section 2.13). `peer`: the prepared JID of the other side; `contact`: its
 * roster item or NULL. One that is not in the roster, or not shown there, has subscription none and no groups. No list,
 * or no rule that matches: not denied.
 */
int xmppbind_privacy_denies(const struct xmppbind_privacy_list *list, uint32_t kind, const char *peer, size_t length,
                            const struct xmppbind_roster_item *contact);

#endif
