/* What a stream and a resource cost, as asked of the allocator; and that the hot path asks for nothing. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

enum { HEAD = 16 /* keeps what follows aligned, and the size before it */ };

void *bench_allocate(size_t size, void *user_data) {
    struct bench_counter *counter = user_data;
    char *block = malloc(HEAD + size);
    if (block == NULL)
        return NULL;
    memcpy(block, &size, sizeof size);
    counter->bytes += size;
    counter->blocks++;
    return block + HEAD;
}

void bench_release(void *memory, void *user_data) {
    struct bench_counter *counter = user_data;
    size_t size;
    memcpy(&size, (char *)memory - HEAD, sizeof size);
    counter->bytes -= size;
    free((char *)memory - HEAD);
}

static void bind(xmppbind_stream *stream, const char *resource) {
    bench_check(xmppbind_stream_bind(stream, resource, strlen(resource), 0));
    if (bench_drain(stream) != 2)
        bench_fail("a bind did not work");
}

/* The text of the JIDs that is kept: the account with the stream, the full JID with the resource and with the
 * directory. */
static size_t text_of(size_t account, size_t resource, int with_stream) {
    size_t full = account + 1 + resource + 1; /* a NUL each */
    return 2 * full + (with_stream ? account + 1 : 0);
}

static void open_all(xmppbind_host *host, xmppbind_stream **streams, unsigned count) {
    char account[BENCH_JID];
    for (unsigned i = 0; i < count; i++) {
        snprintf(account, sizeof account, "user%07u@capulet.example", i);
        bench_check(xmppbind_stream_new(&streams[i], host, account, strlen(account), NULL));
        bind(streams[i], "balcony");
    }
}

/* `times` streams; prints bytes of a stream with one resource, and of a further resource. */
void bench_memory(unsigned resources, unsigned times) {
    struct bench_counter counter = {0, 0};
    xmppbind_allocator *allocator;
    xmppbind_host *host;
    (void)resources;
    xmppbind_stream **streams = calloc(times, sizeof *streams);
    bench_check(xmppbind_allocator_new(&allocator, bench_allocate, bench_release, &counter));
    bench_check(xmppbind_host_new(&host, allocator));
    xmppbind_allocator_free(allocator);
    if (streams == NULL)
        bench_fail("out of memory");
    open_all(host, streams, times);
    size_t first = counter.bytes - times * text_of(27, 7, 1);
    for (unsigned i = 0; i < times; i++)
        bind(streams[i], "chamber");
    size_t second = counter.bytes - times * text_of(27, 7, 1) - first - times * text_of(27, 7, 0);
    size_t blocks = counter.blocks;
    const char *stamp;
    size_t length;
    for (unsigned i = 0; i < 1000; i++)
        bench_check(
            xmppbind_stream_stamp(streams[i % times], XMPPBIND_STANZA_MESSAGE, NULL, 0, &stamp, &length, NULL, NULL));
    printf("%zu %zu %zu\n", first / times, second / times, counter.blocks - blocks);
    for (unsigned i = 0; i < times; i++)
        xmppbind_stream_free(streams[i]);
    xmppbind_host_free(host);
    free(streams);
    if (counter.bytes != 0)
        bench_fail("memory was not given back");
}
