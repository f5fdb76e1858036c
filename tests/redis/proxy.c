#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "proxy.h"
#include "fight.h"
#include "server.h"
#include "tests/support/test_cmocka.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINKS = 64 };

struct test_proxy_shared {
    _Atomic uint32_t most, cuts;
};

struct link {
    int client, server; /* 0: none */
    uint32_t limit;     /* what `left` was drawn from */
    uint64_t left;      /* octets of replies that get through */
};

struct relay {
    struct test_proxy_shared *shared;
    struct link links[LINKS];
    uint64_t random;
    int listener;
    uint16_t server;
};

static struct sockaddr_in local(uint16_t port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
}

/* --- in its process --- */

static void draw(struct relay *relay, struct link *link) {
    link->limit = atomic_load(&relay->shared->most);
    link->left = link->limit == 0 ? UINT64_MAX : 1 + fight_random(&relay->random, link->limit);
}

static void close_link(struct link *link) {
    (void)close(link->client);
    (void)close(link->server);
    *link = (struct link){0, 0, 0, 0};
}

static void open_link(struct relay *relay) {
    struct sockaddr_in address = local(relay->server);
    struct link *link = relay->links;
    int client = accept(relay->listener, NULL, NULL);
    while (link < relay->links + LINKS && link->client != 0)
        link++;
    if (client < 0 || link == relay->links + LINKS) {
        (void)close(client);
        return;
    }
    link->client = client;
    link->server = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(link->server, (struct sockaddr *)&address, sizeof address) != 0)
        close_link(link);
    else
        draw(relay, link);
}

static int send_all(int descriptor, const char *octets, size_t length) {
    while (length > 0) {
        ssize_t sent = send(descriptor, octets, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return 0;
        octets += sent;
        length -= (size_t)sent;
    }
    return 1;
}

static void relay_requests(struct link *link) {
    char octets[16384];
    ssize_t got = recv(link->client, octets, sizeof octets, 0);
    if (got <= 0 || !send_all(link->server, octets, (size_t)got))
        close_link(link);
}

static void relay_replies(struct relay *relay, struct link *link) {
    char octets[16384];
    ssize_t got = recv(link->server, octets, sizeof octets, 0);
    if (got <= 0) {
        close_link(link);
        return;
    }
    if (link->limit != atomic_load(&relay->shared->most))
        draw(relay, link);
    size_t length = (size_t)got < link->left ? (size_t)got : (size_t)link->left;
    int sent = send_all(link->client, octets, length);
    link->left -= link->limit == 0 ? 0 : length;
    if (link->left == 0)
        (void)atomic_fetch_add(&relay->shared->cuts, 1);
    if (link->left == 0 || !sent)
        close_link(link);
}

static void turn(struct relay *relay) {
    struct pollfd watched[2 * LINKS + 1] = {{relay->listener, POLLIN, 0}};
    for (size_t i = 0; i < LINKS; i++) {
        int is_open = relay->links[i].client != 0;
        watched[1 + 2 * i] = (struct pollfd){is_open ? relay->links[i].client : -1, POLLIN, 0};
        watched[2 + 2 * i] = (struct pollfd){is_open ? relay->links[i].server : -1, POLLIN, 0};
    }
    (void)poll(watched, 2 * LINKS + 1, -1);
    for (size_t i = 0; i < LINKS; i++) {
        struct link *link = &relay->links[i];
        if (watched[1 + 2 * i].revents != 0)
            relay_requests(link);
        if (link->client != 0 && watched[2 + 2 * i].revents != 0)
            relay_replies(relay, link);
    }
    if (watched[0].revents != 0)
        open_link(relay);
}

/* --- in the test --- */

void test_proxy_start(struct test_proxy *proxy, uint16_t server, uint64_t seed) {
    static struct relay relay;
    struct sockaddr_in address = local(0);
    socklen_t length = sizeof address;
    proxy->shared = mmap(NULL, sizeof *proxy->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(proxy->shared != MAP_FAILED);
    memset(&relay, 0, sizeof relay);
    relay.shared = proxy->shared;
    relay.random = seed;
    relay.server = server;
    relay.listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(relay.listener >= 0);
    assert_int_equal(bind(relay.listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(relay.listener, LINKS), 0);
    assert_int_equal(getsockname(relay.listener, (struct sockaddr *)&address, &length), 0);
    proxy->port = ntohs(address.sin_port);
    proxy->process = test_fork();
    while (proxy->process == 0)
        turn(&relay);
    (void)close(relay.listener);
}

void test_proxy_cut(const struct test_proxy *proxy, uint32_t most) {
    atomic_store(&proxy->shared->most, most);
}

uint32_t test_proxy_cuts(const struct test_proxy *proxy) {
    return atomic_load(&proxy->shared->cuts);
}

void test_proxy_stop(struct test_proxy *proxy) {
    if (proxy->process == 0)
        return;
    (void)kill(proxy->process, SIGKILL);
    (void)waitpid(proxy->process, NULL, 0);
    (void)munmap(proxy->shared, sizeof *proxy->shared);
    *proxy = (struct test_proxy){0, 0, NULL};
}
