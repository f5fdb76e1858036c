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

static uint64_t number_of(const struct xmppbind_session *session) {
    return xmppbind_session_claim(session)->request.number;
}

/* Two sessions may have one full JID for a while: the one that was evicted, and the one that took it (CONF-8). */
static struct xmppbind_session *find(const struct xmppbind_sessions *sessions, const char *jid, size_t length,
                                     uint32_t hash) {
    struct xmppbind_session *found = NULL, *session = xmppbind_table_first(&sessions->table, hash);
    for (; session != NULL; session = session->table_next)
        if (xmppbind_session_length(session) == length && memcmp(xmppbind_session_jid(session), jid, length) == 0 &&
            (found == NULL || number_of(found) < number_of(session)))
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

const struct xmppbind_kept xmppbind_nothing_kept = {.account = NULL};

struct xmppbind_kept *xmppbind_session_keep(struct xmppbind_session *session) {
    if (session->kept != &xmppbind_nothing_kept)
        return xmppbind_session_kept(session);
    struct xmppbind_kept *made = xmppbind_memory_get(&session->box->sessions->memory, sizeof *made);
    if (made == NULL)
        return NULL;
    memset(made, 0, sizeof *made);
    made->account = session->box->account;
    session->kept = made;
    return made;
}

static void free_kept(const struct xmppbind_sessions *sessions, struct xmppbind_kept *kept) {
    xmppbind_session_forget_directed(sessions, kept);
    if (kept->presence != NULL)
        xmlFreeNode(kept->presence);
    if (kept->contacts != NULL)
        xmppbind_contacts_empty(kept->contacts, &sessions->memory);
    xmppbind_memory_put(&sessions->memory, kept->contacts);
    xmppbind_memory_put(&sessions->memory, kept);
}

static void begin(struct xmppbind_session *session, struct xmppbind_box *box) {
    session->box = box;
    session->kept = &xmppbind_nothing_kept;
}

/* Where each resource has a roster, it begins with one (ROST-6): XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY. */
static int keep_roster(struct xmppbind_session *session) {
    const struct xmppbind_sessions *sessions = session->box->sessions;
    if (xmppbind_host_value(sessions->host, XMPPBIND_OPTION_ROSTER_SCOPE) != XMPPBIND_ROSTER_SCOPE_RESOURCE)
        return XMPPBIND_OK;
    struct xmppbind_kept *kept = xmppbind_session_keep(session);
    if (kept == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    kept->contacts = xmppbind_memory_get(&sessions->memory, sizeof *kept->contacts);
    if (kept->contacts == NULL) {
        xmppbind_memory_put(&sessions->memory, kept);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    xmppbind_contacts_init(kept->contacts);
    return XMPPBIND_OK;
}

struct xmppbind_session *xmppbind_session_open(struct xmppbind_box *box, struct xmppbind_claim *claim) {
    struct xmppbind_sessions *sessions = box->sessions;
    struct xmppbind_session *session = xmppbind_session_before(claim);
    xmppbind_table_grow(&sessions->table, &sessions->memory);
    if (sessions->table.heads == NULL)
        return NULL;
    begin(session, box);
    if (keep_roster(session) != XMPPBIND_OK) {
        session->box = NULL;
        return NULL;
    }
    claim->request.references++;
    xmppbind_table_insert(&sessions->table, session);
    struct xmppbind_session **place = &box->account->oldest;
    while (*place != NULL)
        place = &(*place)->younger;
    *place = session;
    session->younger = NULL;
    return session;
}

static void take_out(struct xmppbind_session **place, struct xmppbind_session *session) {
    while (*place != session)
        place = &(*place)->younger;
    *place = session->younger;
}

void xmppbind_session_close(struct xmppbind_sessions *sessions, struct xmppbind_session *session) {
    struct xmppbind_account *account = xmppbind_session_account(session);
    xmppbind_table_remove(&sessions->table, session);
    take_out(session->box == NULL ? &sessions->ending : &account->oldest, session);
    account->ending -= session->box == NULL;
    if (session->kept != &xmppbind_nothing_kept)
        free_kept(sessions, xmppbind_session_kept(session));
    session->box = NULL;
    xmppbind_claim_unreference(&sessions->host->directory, (struct xmppbind_claim *)(void *)(session + 1));
}

void xmppbind_session_forget_directed(const struct xmppbind_sessions *sessions, struct xmppbind_kept *kept) {
    for (struct xmppbind_directed *directed; (directed = kept->directed) != NULL;) {
        kept->directed = directed->next;
        kept->directed_count--;
        xmppbind_memory_put(&sessions->memory, directed);
    }
}
