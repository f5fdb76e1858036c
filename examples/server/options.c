/* What the command line says. */
#include "server.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

const char options_usage[] =
    "usage: xmppbind-server --listen HOST:PORT --domain DOMAIN... --account NAME[@DOMAIN]:PASSWORD...\n"
    "  --rosters FILE          keep rosters and privacy lists in a file of SQLite; otherwise in memory\n"
    "  --redis HOST:PORT --node NAME   share who holds which resource with other nodes\n"
    "  --cert FILE --key FILE  encrypt (STARTTLS); without, it listens on a loopback address only\n"
    "  --register              let strangers make accounts (XEP-0077); in memory, so not with --rosters\n"
    "  --set NAME=VALUE        an option of the library, such as conflict=reject\n"
    "  --limit NAME=VALUE      stanza-bytes, depth, names, login-seconds, stall-seconds, close-seconds, connections\n"
    "  --log LEVEL             error, warning, info or debug\n";

bool parse_number(const char *text, uint32_t most, uint32_t *number) {
    char *end = NULL;
    unsigned long value = *text < '0' || *text > '9' ? ULONG_MAX : strtoul(text, &end, 10);
    if (value > most || *end != '\0')
        return false;
    *number = (uint32_t)value;
    return true;
}

/* The value of NAME=VALUE, and how long the name is; NULL: it is none. */
static const char *split(const char *text, size_t *length) {
    const char *equals = strchr(text, '=');
    *length = equals == NULL ? 0 : (size_t)(equals - text);
    return equals == NULL ? NULL : equals + 1;
}

static bool set_option(struct server *server, const char *text) {
    size_t length;
    const char *value = split(text, &length);
    return value != NULL &&
           xmppbind_host_set_option_text(server->host, text, length, value, strlen(value)) == XMPPBIND_OK;
}

static bool set_limit(struct limits *limits, const char *text) {
    const struct {
        const char *name;
        uint32_t *place;
    } known[] = {{"stanza-bytes", &limits->parser.stanza_bytes},
                 {"depth", &limits->parser.depth},
                 {"names", &limits->parser.names},
                 {"login-seconds", &limits->login_seconds},
                 {"stall-seconds", &limits->stall_seconds},
                 {"close-seconds", &limits->close_seconds},
                 {"connections", &limits->connections}};
    size_t length;
    const char *value = split(text, &length);
    for (size_t i = 0; value != NULL && i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == length && memcmp(known[i].name, text, length) == 0)
            return parse_number(value, UINT32_MAX, known[i].place) && *known[i].place > 0;
    return false;
}

static bool set_level(struct server *server, const char *name) {
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strcmp(name, levels[i]) == 0) {
            server->log_level = (enum log_level)i;
            return true;
        }
    return false;
}

static bool read_option(struct server *server, struct options *options, const char *name, const char *value) {
    const struct {
        const char *name;
        const char **place;
    } texts[] = {{"--listen", &options->listen},
                 {"--rosters", &options->rosters},
                 {"--redis", &options->redis},
                 {"--node", &options->node},
                 {"--cert", &options->certificate},
                 {"--key", &options->key},
                 {"--account", &options->accounts[options->account_count]},
                 {"--domain", &options->domains[options->domain_count]}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].place = value;
            options->account_count += strcmp(name, "--account") == 0;
            options->domain_count += strcmp(name, "--domain") == 0;
            return true;
        }
    return strcmp(name, "--set") == 0     ? set_option(server, value)
           : strcmp(name, "--limit") == 0 ? set_limit(&server->limits, value)
           : strcmp(name, "--log") == 0   ? set_level(server, value)
                                          : false;
}

/* Addresses are prepared when it is known how: by the option "address-profile". */
static bool add_domain(struct server *server, const char *name) {
    char jid[XMPPBIND_JID_MAXIMUM + 1];
    size_t length, bare;
    if (server->domain_count == MAX_DOMAINS || strpbrk(name, "@/<>&'\"") != NULL ||
        accounts_domain(server, name) != NULL ||
        xmppbind_jid_prepare(accounts_profile(server), name, strlen(name), jid, sizeof jid, &length, &bare) !=
            XMPPBIND_OK)
        return false;
    server->domains[server->domain_count] = strdup(jid);
    return server->domains[server->domain_count++] != NULL;
}

/* NAME[@DOMAIN]:PASSWORD; without a domain it is one in each. */
static bool add_account(struct server *server, const char *text) {
    char name[XMPPBIND_JID_MAXIMUM + 1];
    const char *colon = strchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof name)
        return false;
    (void)snprintf(name, sizeof name, "%.*s", (int)(colon - text), text);
    char *at = strchr(name, '@');
    if (at != NULL) {
        *at = '\0';
        const char *domain = accounts_domain(server, at + 1);
        return domain != NULL && accounts_add(server, name, domain, colon + 1) == ACCOUNTS_ADDED;
    }
    for (size_t i = 0; i < server->domain_count; i++)
        if (accounts_add(server, name, server->domains[i], colon + 1) != ACCOUNTS_ADDED)
            return false;
    return true;
}

static bool complain(const char *what, const char *about, const char *more) {
    (void)fprintf(stderr, "xmppbind-server: %s %s %s\n", what, about, more);
    return false;
}

static bool check_whole(const struct server *server, const struct options *options) {
    if (options->listen == NULL || server->domain_count == 0)
        return complain("--listen and --domain", "are", "needed");
    if ((options->redis == NULL) != (options->node == NULL))
        return complain("--redis", "goes with", "--node");
    if ((options->certificate == NULL) != (options->key == NULL))
        return complain("--cert", "goes with", "--key");
    if (server->registration && options->rosters != NULL)
        return complain("--register", "does not go with", "--rosters");
    return true;
}

bool options_read(struct server *server, struct options *options, int count, char **arguments) {
    for (int i = 1; i < count; i++) {
        const char *name = arguments[i], *value = i + 1 < count ? arguments[i + 1] : "";
        if (strcmp(name, "--register") == 0)
            server->registration = true;
        else if (++i == count || !read_option(server, options, name, value))
            return complain("not understood:", name, value);
    }
    for (int i = 0; i < options->domain_count; i++)
        if (!add_domain(server, options->domains[i]))
            return complain("no domain, or a second one, or too many:", options->domains[i], "");
    for (int i = 0; i < options->account_count; i++)
        if (!add_account(server, options->accounts[i]))
            return complain("no account, or a second one:", options->accounts[i], "");
    return check_whole(server, options);
}
