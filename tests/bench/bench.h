/* What the scenarios share. */
#ifndef XMPPBIND_TESTS_BENCH_BENCH_H
#define XMPPBIND_TESTS_BENCH_BENCH_H

#include <string.h>
#include <xmppbind.h>

/* Called, never inlined, so that callgrind sees where to collect. */
#define MEASURED __attribute__((noinline, noclone))

struct bench_scenario {
    const char *name;
    void (*run)(unsigned resources, unsigned times);
};

#define BENCH_ACCOUNT "juliet@capulet.example"

/* Room for the account, a separator, "r" and a number. */
enum { BENCH_JID = 48 };

struct bench_stream {
    xmppbind_host *host;
    xmppbind_stream *stream;
    char (*jids)[BENCH_JID]; /* of the resources, oldest first */
    unsigned count;
};

/* An allocator that counts. */
struct bench_counter {
    size_t bytes;  /* asked for and not given back */
    size_t blocks; /* asked for, ever */
};

void *bench_allocate(size_t size, void *counter);
void bench_release(void *memory, void *counter);

_Noreturn void bench_fail(const char *what);
void bench_check(int result);
/* A stream with that many resources, its events drained. */
void bench_open(struct bench_stream *bench, unsigned resources, const xmppbind_allocator *allocator);
void bench_close(struct bench_stream *bench);
/* Drains, frees what is drained, and returns how many events there were. */
unsigned bench_drain(xmppbind_stream *stream);

void bench_stamp_same(unsigned resources, unsigned times);
void bench_stamp_rotate(unsigned resources, unsigned times);
void bench_receive_same(unsigned resources, unsigned times);
void bench_receive_rotate(unsigned resources, unsigned times);
void bench_receive_refused(unsigned resources, unsigned times);
void bench_receive_returned(unsigned resources, unsigned times);
void bench_receive_missing(unsigned resources, unsigned times);
void bench_pair_strings(unsigned resources, unsigned times);
void bench_pair_nodes(unsigned resources, unsigned times);
void bench_memory(unsigned resources, unsigned times);
void bench_prepare_resource(unsigned resources, unsigned times);
void bench_prepare_jid(unsigned resources, unsigned times);
void bench_prepare_nine(unsigned resources, unsigned times);
void bench_prepare_longest(unsigned resources, unsigned times);
void bench_prepare_decomposed(unsigned resources, unsigned times);
void bench_prepare_username(unsigned resources, unsigned times);
void bench_xml_attribute(unsigned resources, unsigned times);
void bench_xml_parse(unsigned resources, unsigned times);
void bench_directory_memory(unsigned resources, unsigned times);
void bench_directory_minimal(unsigned resources, unsigned times);
void bench_directory_uthash(unsigned resources, unsigned times);
void bench_directory_glib(unsigned resources, unsigned times);
void bench_directory_crafted(unsigned resources, unsigned times);
void bench_directory_bytes(unsigned resources, unsigned times);
void bench_directory_locks(unsigned resources, unsigned times);
void bench_session_broadcast(unsigned contacts, unsigned times);
void bench_session_copy(unsigned resources, unsigned times);
void bench_session_deliver(unsigned rules, unsigned times);
void bench_session_bytes(unsigned resources, unsigned times);

#endif
