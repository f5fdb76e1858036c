/* Where clients come in: an address of this machine alone, unless they can encrypt. */
#include "server.h"

#include <string.h>

enum { BACKLOG = 1024 };

static bool is_loopback(const struct sockaddr *address) {
    const struct sockaddr_in *four = (const void *)address;
    const struct sockaddr_in6 *six = (const void *)address;
    return address->sa_family == AF_INET ? ntohl(four->sin_addr.s_addr) >> 24 == 127
                                         : IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static bool parse_address(const char *text, struct sockaddr_storage *address) {
    char host[64];
    uint32_t port;
    const char *colon = strrchr(text, ':');
    if (colon == NULL || !parse_number(colon + 1, UINT16_MAX, &port) || (size_t)(colon - text) >= sizeof host)
        return false;
    bool bracketed = text[0] == '[' && colon[-1] == ']';
    (void)snprintf(host, sizeof host, "%.*s", (int)(colon - text) - 2 * bracketed, text + bracketed);
    return uv_ip4_addr(host, (int)port, (struct sockaddr_in *)address) == 0 ||
           uv_ip6_addr(host, (int)port, (struct sockaddr_in6 *)address) == 0;
}

static void say_address(const struct server *server) {
    struct sockaddr_storage address;
    char host[64] = "";
    int length = sizeof address;
    (void)uv_tcp_getsockname(&server->listener, (struct sockaddr *)&address, &length);
    bool six = address.ss_family == AF_INET6;
    if (six)
        (void)uv_ip6_name((struct sockaddr_in6 *)&address, host, sizeof host);
    else
        (void)uv_ip4_name((struct sockaddr_in *)&address, host, sizeof host);
    (void)printf(six ? "listening on [%s]:%d\n" : "listening on %s:%d\n", host,
                 ntohs(((struct sockaddr_in *)&address)->sin_port));
    (void)fflush(stdout);
}

static void have_client(uv_stream_t *listener, int status) {
    if (status == 0)
        socket_accept(listener);
}

/* Returns 0, or says why not. Passwords do not cross a network in the clear. */
int listen_start(struct server *server, const char *text) {
    struct sockaddr_storage address;
    if (!parse_address(text, &address)) {
        server_log(server, LOG_ERROR, "no address with a port: %s", text);
        return -1;
    }
    if (server->tls == NULL && !is_loopback((struct sockaddr *)&address)) {
        server_log(server, LOG_ERROR, "without --cert and --key it listens on a loopback address only, not on %s",
                   text);
        return -1;
    }
    server->listener.data = server;
    int result = uv_tcp_bind(&server->listener, (struct sockaddr *)&address, 0);
    if (result == 0)
        result = uv_listen((uv_stream_t *)&server->listener, BACKLOG, have_client);
    if (result != 0) {
        server_log(server, LOG_ERROR, "cannot listen on %s: %s", text, uv_strerror(result));
        return -1;
    }
    say_address(server);
    return 0;
}
