/*
 * One scenario, so often as is asked: `bench SCENARIO RESOURCES TIMES`. run.sh counts its instructions: callgrind
 * collects only inside the functions whose names begin with measured_, and divides by TIMES.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

void bench_fail(const char *what) {
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

void bench_check(int result) {
    if (result < 0)
        bench_fail(xmppbind_strerror(result));
}

static const struct bench_scenario scenarios[] = {
    {"stamp-same", bench_stamp_same},
    {"stamp-rotate", bench_stamp_rotate},
    {"receive-same", bench_receive_same},
    {"receive-rotate", bench_receive_rotate},
    {"receive-refused", bench_receive_refused},
    {"receive-returned", bench_receive_returned},
    {"receive-missing", bench_receive_missing},
    {"pair-strings", bench_pair_strings},
    {"pair-nodes", bench_pair_nodes},
    {"memory", bench_memory},
    {"prepare-resource", bench_prepare_resource},
    {"prepare-jid", bench_prepare_jid},
    {"prepare-nine", bench_prepare_nine},
    {"prepare-longest", bench_prepare_longest},
    {"prepare-decomposed", bench_prepare_decomposed},
    {"prepare-username", bench_prepare_username},
    {"xml-attribute", bench_xml_attribute},
    {"xml-parse", bench_xml_parse},
    {"directory-memory", bench_directory_memory},
    {"directory-minimal", bench_directory_minimal},
    {"directory-uthash", bench_directory_uthash},
    {"directory-glib", bench_directory_glib},
    {"directory-crafted", bench_directory_crafted},
    {"directory-bytes", bench_directory_bytes},
    {"directory-locks", bench_directory_locks},
    {"session-broadcast", bench_session_broadcast},
    {"session-copy", bench_session_copy},
    {"session-deliver", bench_session_deliver},
    {"session-bytes", bench_session_bytes},
};

int main(int argc, char **argv) {
    if (argc != 4)
        bench_fail("usage: bench SCENARIO RESOURCES TIMES");
    unsigned resources = (unsigned)strtoul(argv[2], NULL, 10), times = (unsigned)strtoul(argv[3], NULL, 10);
    for (unsigned i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        if (strcmp(scenarios[i].name, argv[1]) == 0) {
            scenarios[i].run(resources, times);
            return 0;
        }
    }
    bench_fail("no such scenario");
}
