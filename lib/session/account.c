/* Accounts and sessions: found, made, gone. */
#include "lib/storage/name_hash.h"
#include "sessions.h"

#include <stddef.h>

static const struct xmppbind_hash_key *key_of(const struct xmppbind_sessions *sessions) {
    return &sessions->host->directory.key;
}

struct xmppbind_account *xmppbind_account_find(struct xmppbind_sessions *sessions, const char *jid, size_t length) {
    uint32_t hash = xmppbind_name_hash_account(key_of(sessions), jid, length);
    struct xmppbind_account *account = xmppbind_table_first(&sessions->accounts, hash);
    while (account != NULL && (account->length != length || memcmp(account->jid, jid, length) != 0))
        account = account->table_next;
    return account;
}

struct xmppbind_account *xmppbind_account_get(struct xmppbind_sessions *sessions, const char *jid, size_t length) {
    struct xmppbind_account *account = xmppbind_account_find(sessions, jid, length);
    if (account != NULL)
        return account;
    xmppbind_table_grow(&sessions->accounts, &sessions->memory);
    account =
        sessions->accounts.heads == NULL ? NULL : xmppbind_memory_get(&sessions->memory, sizeof *account + length + 1);
    if (account == NULL)
        return NULL;
    memset(account, 0, sizeof *account);
    account->sessions = sessions;
    xmppbind_contacts_init(&account->contacts);
    account->length = length;
    memcpy(account->jid, jid, length);
    account->jid[length] = '\0';
    account->hash = xmppbind_name_hash_account(key_of(sessions), jid, length);
    xmppbind_table_insert(&sessions->accounts, account);
    return account;
}

void xmppbind_account_release(struct xmppbind_sessions *sessions, struct xmppbind_account *account) {
    const struct xmppbind_memory *memory = &sessions->memory;
    if (account->oldest != NULL || account->boxes != NULL || account->first_job != NULL || account->ending > 0)
        return;
    xmppbind_table_remove(&sessions->accounts, account);
    xmppbind_contacts_empty(&account->contacts, memory);
    for (struct xmppbind_list_entry *entry; (entry = account->lists) != NULL;) {
        account->lists = entry->next;
        xmppbind_privacy_list_free(entry->list);
        xmppbind_memory_put(memory, entry);
    }
    xmppbind_memory_put(memory, account);
}

/* Two sessions may have one full JID for a while: the one that was evicted, and the one that took it (CONF-8). */
static struct xmppbind_session *find(const struct xmppbind_sessions *sessions, const char *jid, size_t length,
                                     uint32_t hash) {
    struct xmppbind_session *found = NULL, *session = xmppbind_table_first(&sessions->table, hash);
    for (; session != NULL; session = session->table_next)
        if (session->length == length && memcmp(session->jid, jid, length) == 0 &&
            (found == NULL || found->claim < session->claim))
            found = session;
    return found;
}

struct xmppbind_session *xmppbind_session_find(const struct xmppbind_sessions *sessions, const char *jid,
                                               size_t length) {
    return find(sessions, jid, length, xmppbind_name_hash_jid(key_of(sessions), jid, length));
}

struct xmppbind_session *xmppbind_session_find_of(const struct xmppbind_account *account, const char *jid,
                                                  size_t length) {
    size_t resource = account->length + 1; /* where it begins */
    return find(
        account->sessions, jid, length,
        xmppbind_name_hash_resource(key_of(account->sessions), account->hash, jid + resource, length - resource));
}

static struct xmppbind_session *new_session(struct xmppbind_box *box, const struct xmppbind_claim *claim) {
    const struct xmppbind_memory *memory = &box->sessions->memory;
    size_t length = claim->request.length;
    struct xmppbind_session *made = xmppbind_memory_get(memory, sizeof *made + length + 1);
    if (made == NULL)
        return NULL;
    memset(made, 0, sizeof *made);
    made->account = box->account;
    made->box = box;
    made->claim = claim->request.number;
    made->hash = xmppbind_name_hash_jid(key_of(box->sessions), claim->text, length);
    made->length = (uint16_t)length;
    memcpy(made->jid, claim->text, length + 1);
    if (xmppbind_host_value(box->sessions->host, XMPPBIND_OPTION_ROSTER_SCOPE) == XMPPBIND_ROSTER_SCOPE_RESOURCE) {
        made->contacts = xmppbind_memory_get(memory, sizeof *made->contacts); /* ROST-6 */
        if (made->contacts == NULL) {
            xmppbind_memory_put(memory, made);
            return NULL;
        }
        xmppbind_contacts_init(made->contacts);
    }
    return made;
}

struct xmppbind_session *xmppbind_session_open(struct xmppbind_box *box, const struct xmppbind_claim *claim) {
    struct xmppbind_sessions *sessions = box->sessions;
    xmppbind_table_grow(&sessions->table, &sessions->memory);
    struct xmppbind_session *session = sessions->table.heads == NULL ? NULL : new_session(box, claim);
    if (session == NULL)
        return NULL;
    xmppbind_table_insert(&sessions->table, session);
    struct xmppbind_session **place = &box->account->oldest;
    while (*place != NULL)
        place = &(*place)->younger;
    *place = session;
    return session;
}

/* Of one stream it is the only one with this JID: the former one has ended before the next one is opened. */
struct xmppbind_session *xmppbind_session_of(const struct xmppbind_box *box, const struct xmppbind_claim *claim) {
    uint32_t hash = claim->request.hash;
    struct xmppbind_session *session = xmppbind_table_first(&box->sessions->table, hash);
    while (session != NULL && (session->hash != hash || session->box != box || strcmp(session->jid, claim->text) != 0))
        session = session->table_next;
    return session;
}

static void take_out(struct xmppbind_session **place, struct xmppbind_session *session) {
    while (*place != session)
        place = &(*place)->younger;
    *place = session->younger;
}

void xmppbind_session_close(struct xmppbind_sessions *sessions, struct xmppbind_session *session) {
    const struct xmppbind_memory *memory = &sessions->memory;
    struct xmppbind_account *account = session->account;
    xmppbind_table_remove(&sessions->table, session);
    take_out(session->box == NULL ? &sessions->ending : &account->oldest, session);
    account->ending -= session->box == NULL;
    xmppbind_session_forget_directed(sessions, session);
    if (session->presence != NULL)
        xmlFreeNode(session->presence);
    if (session->contacts != NULL)
        xmppbind_contacts_empty(session->contacts, memory);
    xmppbind_memory_put(memory, session->contacts);
    xmppbind_memory_put(memory, session);
}

void xmppbind_session_forget_directed(const struct xmppbind_sessions *sessions, struct xmppbind_session *session) {
    for (struct xmppbind_directed *directed; (directed = session->directed) != NULL;) {
        session->directed = directed->next;
        xmppbind_memory_put(&sessions->memory, directed);
    }
    session->directed_count = 0;
}
