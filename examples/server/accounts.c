/* Who there is: accounts by their bare JIDs, in memory, in a tree of the C library. */
#define _GNU_SOURCE /* tdestroy() */
#include "server.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* Without a password: it was removed. Its name is given to nobody else, who would find its contacts. */
struct account {
    const char *jid; /* behind this */
    size_t length;
    char *password;
    struct account *next; /* of those that are leaving */
    bool is_leaving;
    char text[];
};

static int compare(const void *left, const void *right) {
    const struct account *one = left, *other = right;
    if (one->length != other->length)
        return one->length < other->length ? -1 : 1;
    return memcmp(one->jid, other->jid, one->length);
}

static struct account *find(const struct server *server, const char *jid, size_t length) {
    const struct account key = {.jid = jid, .length = length};
    void *const *found = tfind(&key, &server->accounts, compare);
    return found == NULL ? NULL : *found;
}

const char *accounts_password(const struct server *server, const char *jid, size_t length) {
    const struct account *account = find(server, jid, length);
    return account == NULL ? NULL : account->password;
}

bool accounts_exists(const struct server *server, const char *jid, size_t length) {
    const struct account *account = find(server, jid, length);
    return account != NULL && (account->password != NULL || account->is_leaving);
}

int accounts_profile(const struct server *server) {
    uint32_t profile = XMPPBIND_ADDRESS_PROFILE_RFC7622;
    (void)xmppbind_host_option(server->host, XMPPBIND_OPTION_ADDRESS_PROFILE, &profile);
    return (int)profile;
}

bool accounts_jid(const struct server *server, const char *name, const char *domain, char *jid, size_t *length) {
    size_t bare;
    return xmppbind_jid_format(accounts_profile(server), name, strlen(name), domain, strlen(domain), NULL, 0, jid,
                               XMPPBIND_JID_MAXIMUM + 1, length, &bare) == XMPPBIND_OK;
}

int accounts_add(struct server *server, const char *name, const char *domain, const char *password) {
    char jid[XMPPBIND_JID_MAXIMUM + 1];
    size_t length;
    if (!accounts_jid(server, name, domain, jid, &length) || *password == '\0')
        return ACCOUNTS_INVALID;
    if (find(server, jid, length) != NULL)
        return ACCOUNTS_TAKEN;
    struct account *account = calloc(1, sizeof *account + length + 1);
    if (account == NULL)
        return ACCOUNTS_NO_MEMORY;
    memcpy(account->text, jid, length + 1);
    account->jid = account->text;
    account->length = length;
    account->password = strdup(password);
    if (account->password != NULL && tsearch(account, &server->accounts, compare) != NULL)
        return ACCOUNTS_ADDED;
    free(account->password);
    free(account);
    return ACCOUNTS_NO_MEMORY;
}

bool accounts_set_password(const struct server *server, const char *jid, const char *password) {
    struct account *account = find(server, jid, strlen(jid));
    char *copy = account == NULL || account->is_leaving ? NULL : strdup(password);
    if (copy == NULL)
        return false;
    free(account->password);
    account->password = copy;
    return true;
}

void accounts_remove(struct server *server, const char *jid) {
    struct account *account = find(server, jid, strlen(jid));
    if (account == NULL || account->is_leaving)
        return;
    free(account->password);
    account->password = NULL;
    account->is_leaving = true;
    account->next = server->leaving;
    server->leaving = account;
}

const char *accounts_take_leaving(struct server *server) {
    struct account *account = server->leaving;
    if (account == NULL)
        return NULL;
    server->leaving = account->next;
    account->is_leaving = false;
    return account->jid;
}

static void free_account(void *node) {
    struct account *account = node;
    free(account->password);
    free(account);
}

void accounts_free(struct server *server) {
    tdestroy(server->accounts, free_account);
}

/* The name of a domain of this server as it is prepared; NULL: it is none. */
const char *accounts_domain(const struct server *server, const char *name) {
    char jid[XMPPBIND_JID_MAXIMUM + 1];
    size_t length, bare;
    if (xmppbind_jid_prepare(accounts_profile(server), name, strlen(name), jid, sizeof jid, &length, &bare) !=
        XMPPBIND_OK)
        return NULL;
    for (size_t i = 0; i < server->domain_count; i++)
        if (strcmp(server->domains[i], jid) == 0)
            return server->domains[i];
    return NULL;
}
