/* The way in by strings: stamp, bind and unbind; and the preparation of addresses. */
#include "bench.h"

static void stamp_once(xmppbind_stream *stream, const char *from, size_t length, int expected) {
    const char *stamp, *session;
    size_t stamp_length, session_length;
    if (xmppbind_stream_stamp(stream, XMPPBIND_STANZA_MESSAGE, from, length, &stamp, &stamp_length, &session,
                              &session_length) != expected)
        bench_fail("a stamp was refused");
}

static void stamp(unsigned resources, unsigned times, unsigned step) {
    struct bench_stream bench;
    bench_open(&bench, resources, NULL);
    for (unsigned i = 0, at = 0; i < times; i++, at = (at + step) % resources)
        stamp_once(bench.stream, bench.jids[at], strlen(bench.jids[at]), XMPPBIND_OK);
    bench_close(&bench);
}

void bench_stamp_same(unsigned resources, unsigned times) {
    stamp(resources, times, 0);
}

void bench_stamp_rotate(unsigned resources, unsigned times) {
    stamp(resources, times, 1);
}

MEASURED static void measured_pair(xmppbind_stream *stream) {
    if (xmppbind_stream_bind(stream, "chamber", 7, 1) != XMPPBIND_OK || bench_drain(stream) != 2)
        bench_fail("a bind did not work");
    if (xmppbind_stream_unbind(stream, "chamber", 7, 1) != XMPPBIND_OK || bench_drain(stream) != 2)
        bench_fail("an unbind did not work");
}

void bench_pair_strings(unsigned resources, unsigned times) {
    struct bench_stream bench;
    bench_open(&bench, resources, NULL);
    for (unsigned i = 0; i < times; i++)
        measured_pair(bench.stream);
    bench_close(&bench);
}

MEASURED static void measured_prepare(const char *text, size_t length, int whole) {
    char prepared[XMPPBIND_JID_MAXIMUM + 1];
    size_t prepared_length, bare_length;
    bench_check(whole ? xmppbind_jid_prepare(XMPPBIND_ADDRESS_PROFILE_RFC7622, text, length, prepared, sizeof prepared,
                                             &prepared_length, &bare_length)
                      : xmppbind_resource_prepare(XMPPBIND_ADDRESS_PROFILE_RFC7622, text, length, prepared,
                                                  sizeof prepared, &prepared_length));
}

void bench_prepare_resource(unsigned resources, unsigned times) {
    (void)resources;
    for (unsigned i = 0; i < times; i++)
        measured_prepare("balcony", 7, 0);
}

void bench_prepare_jid(unsigned resources, unsigned times) {
    (void)resources;
    for (unsigned i = 0; i < times; i++)
        measured_prepare("juliet@capulet.example/balcony", 30, 1);
}

void bench_prepare_nine(unsigned resources, unsigned times) {
    (void)resources;
    for (unsigned i = 0; i < times; i++)
        measured_prepare("Balc\u00f3n 1", 9, 0);
}

void bench_prepare_longest(unsigned resources, unsigned times) {
    char text[XMPPBIND_PART_MAXIMUM];
    (void)resources;
    for (size_t at = 0; at < sizeof text; at += 3)
        memcpy(text + at, at % 2 == 0 ? "\u65e5" : "\u1ee9", 3);
    for (unsigned i = 0; i < times; i++)
        measured_prepare(text, sizeof text, 0);
}

/* Each letter with two marks, the one of which is composed and the other one not. */
void bench_prepare_decomposed(unsigned resources, unsigned times) {
    static const char letter[] = "a\u0323\u0307";
    char text[XMPPBIND_PART_MAXIMUM];
    size_t length = 0;
    (void)resources;
    for (; length + sizeof letter - 1 <= sizeof text; length += sizeof letter - 1)
        memcpy(text + length, letter, sizeof letter - 1);
    for (unsigned i = 0; i < times; i++)
        measured_prepare(text, length, 0);
}

void bench_prepare_username(unsigned resources, unsigned times) {
    static const char address[] = "\u0391\u03b4\u03ac\u03bc@example.com";
    (void)resources;
    for (unsigned i = 0; i < times; i++)
        measured_prepare(address, sizeof address - 1, 1);
}
