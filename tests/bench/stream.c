#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

unsigned bench_drain(xmppbind_stream *stream) {
    xmppbind_event *event;
    unsigned count = 0;
    int result;
    while ((result = xmppbind_stream_next_event(stream, &event)) > 0)
        count++;
    if (result < 0)
        bench_check(result);
    return count;
}

void bench_open(struct bench_stream *bench, unsigned resources, const xmppbind_allocator *allocator) {
    bench_check(xmppbind_host_new(&bench->host, allocator));
    bench_check(xmppbind_host_set_option(bench->host, XMPPBIND_OPTION_MAX_RESOURCES_PER_STREAM, 65535));
    bench_check(xmppbind_host_set_option(bench->host, XMPPBIND_OPTION_MAX_RESOURCES_PER_ACCOUNT, 65535));
    bench_check(xmppbind_stream_new(&bench->stream, bench->host, BENCH_ACCOUNT, strlen(BENCH_ACCOUNT), NULL));
    bench->count = resources;
    bench->jids = calloc(resources + 1, sizeof bench->jids[0]);
    if (bench->jids == NULL)
        bench_fail("out of memory");
    for (unsigned i = 0; i < resources; i++) {
        snprintf(bench->jids[i], BENCH_JID, BENCH_ACCOUNT "/r%05u", i);
        const char *resource = bench->jids[i] + strlen(BENCH_ACCOUNT) + 1;
        bench_check(xmppbind_stream_bind(bench->stream, resource, strlen(resource), i));
        if (bench_drain(bench->stream) != 2)
            bench_fail("a bind did not work");
    }
}

void bench_close(struct bench_stream *bench) {
    xmppbind_stream_free(bench->stream);
    xmppbind_host_free(bench->host);
    free(bench->jids);
}
