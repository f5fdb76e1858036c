/*
 * Look-up, claim and release of many names: the directory in memory, and beside it what else a server could have taken.
 * What is counted of the directory in memory is its own work alone: to hash the name with its key (the directory that
 * asks has another one), to find the shard, to lock it, to decide, to keep the name. What it tells the directory that
 * asks (that a claim is accepted) is the work of that one, and is counted in the rows of bind and unbind.
 */
#include "directory.h"

#include "lib/storage/memory_claims.h"

#include <stdio.h>
#include <stdlib.h>

struct memory {
    xmppbind_host *host;
    xmppbind_memory_directory *directory;
    struct xmppbind_claim *asked; /* a request, with room for a name */
};

static int random_key(uint8_t *octets, size_t length, void *key) {
    memcpy(octets, key, length);
    return 0;
}

static void make(struct bench_table *table) {
    struct memory *made = calloc(1, sizeof *made);
    xmppbind_allocator *allocator = NULL;
    if (made == NULL || (made->asked = calloc(1, sizeof *made->asked + BENCH_NAME + 1)) == NULL)
        bench_fail("out of memory");
    bench_check(
        xmppbind_allocator_new(&allocator, table->memory.allocate, table->memory.release, table->memory.user_data));
    bench_check(xmppbind_host_new(&made->host, NULL));
    bench_check(xmppbind_memory_directory_new(&made->directory, allocator, random_key, &table->key));
    xmppbind_allocator_free(allocator);
    table->made = made;
}

static xmppbind_request *ask(struct memory *memory, const struct bench_name *name, int kind, uint64_t number) {
    struct xmppbind_claim *asked = memory->asked;
    memcpy(asked->text, name->text, BENCH_NAME + 1);
    asked->request.kind = (uint8_t)kind;
    asked->request.length = BENCH_NAME;
    asked->request.account_length = (uint16_t)name->account_length;
    asked->request.limit = UINT16_MAX;
    asked->request.number = number;
    return &asked->request;
}

static uint64_t claim_name(struct bench_table *table, const struct bench_name *name) {
    struct memory *memory = table->made;
    struct xmppbind_outcome outcome;
    const xmppbind_request *request = ask(memory, name, XMPPBIND_REQUEST_CLAIM, 0);
    if (xmppbind_memory_claim(memory->directory, xmppbind_host_directory(memory->host), request, &outcome) !=
        XMPPBIND_OK)
        bench_fail("a claim did not work");
    xmppbind_outcome_end(memory->directory, &outcome);
    return outcome.number;
}

static uint64_t find_name(struct bench_table *table, const struct bench_name *name) {
    const struct memory *memory = table->made;
    uint64_t claim = 0;
    (void)xmppbind_memory_directory_find(memory->directory, name->text, BENCH_NAME, &claim);
    return claim;
}

static void release_name(struct bench_table *table, const struct bench_name *name, uint64_t claim) {
    struct memory *memory = table->made;
    xmppbind_memory_release(memory->directory, xmppbind_host_directory(memory->host),
                            ask(memory, name, XMPPBIND_REQUEST_RELEASE, claim));
}

static void free_memory(struct bench_table *table) {
    struct memory *memory = table->made;
    if (xmppbind_memory_directory_count(memory->directory) != 0)
        bench_fail("names were not released");
    xmppbind_memory_directory_free(memory->directory);
    xmppbind_host_free(memory->host);
    free(memory->asked);
    free(memory);
}

const struct bench_table_kind bench_table_memory = {make, claim_name, find_name, release_name, free_memory};

/* `resources` names in each account. */
static struct bench_name *names_of(unsigned resources, unsigned count) {
    struct bench_name *names = calloc(count, sizeof *names);
    if (names == NULL)
        bench_fail("out of memory");
    for (unsigned i = 0; i < count; i++) {
        snprintf(names[i].text, sizeof names[i].text, "user%07u@capulet.example/balcony-%05u", i / resources % 10000000,
                 i % resources % 100000);
        names[i].account_length = BENCH_ACCOUNT_LENGTH;
    }
    return names;
}

/* Names that all have one hash where a hash has no key, as g_str_hash() or Bernstein's: of "Ez" and "FY" it is the
 * same. So have their accounts. */
static struct bench_name *crafted_names(unsigned count) {
    enum { PAIRS = 15, OF_ACCOUNT = 9, RESOURCE = BENCH_ACCOUNT_LENGTH + 1 };
    struct bench_name *names = calloc(count, sizeof *names);
    if (names == NULL || count > 1U << PAIRS)
        bench_fail("too many crafted names");
    for (unsigned i = 0; i < count; i++) {
        memcpy(names[i].text, "..................@capulet./............x", BENCH_NAME);
        names[i].account_length = BENCH_ACCOUNT_LENGTH;
        for (unsigned pair = 0; pair < PAIRS; pair++) {
            unsigned at = pair < OF_ACCOUNT ? 2 * pair : RESOURCE + 2 * (pair - OF_ACCOUNT);
            memcpy(names[i].text + at, (i >> pair & 1) == 0 ? "Ez" : "FY", 2);
        }
    }
    return names;
}

static void set_up(struct bench_table *table, const struct bench_table_kind *kind,
                   const xmppbind_allocator *allocator) {
    xmppbind_memory_init(&table->memory, allocator);
    table->key = (struct xmppbind_hash_key){UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344)};
    kind->make(table);
}

/* All names are claimed, looked up and released. */
static void play(const struct bench_table_kind *kind, const struct bench_name *names, unsigned count) {
    struct bench_table table;
    uint64_t *claims = calloc(count, sizeof *claims);
    if (claims == NULL)
        bench_fail("out of memory");
    set_up(&table, kind, NULL);
    for (unsigned i = 0; i < count; i++)
        claims[i] = kind->claim(&table, &names[i]);
    for (unsigned i = 0; i < count; i++) {
        if (kind->find(&table, &names[i]) != claims[i] || claims[i] == 0)
            bench_fail("a name was not found");
    }
    for (unsigned i = 0; i < count; i++)
        kind->release(&table, &names[i], claims[i]);
    kind->free(&table);
    free(claims);
}

static void play_plain(const struct bench_table_kind *kind, unsigned resources, unsigned times) {
    struct bench_name *names = names_of(resources, times);
    play(kind, names, times);
    free(names);
}

void bench_directory_memory(unsigned resources, unsigned times) {
    play_plain(&bench_table_memory, resources, times);
}

void bench_directory_minimal(unsigned resources, unsigned times) {
    play_plain(&bench_table_minimal, resources, times);
}

void bench_directory_uthash(unsigned resources, unsigned times) {
    play_plain(&bench_table_uthash, resources, times);
}

void bench_directory_glib(unsigned resources, unsigned times) {
    play_plain(&bench_table_glib, resources, times);
}

void bench_directory_crafted(unsigned resources, unsigned times) {
    (void)resources;
    struct bench_name *names = crafted_names(times);
    play(&bench_table_memory, names, times);
    free(names);
}

/* Bytes asked for, for each name. */
static double bytes_of(const struct bench_table_kind *kind, const struct bench_name *names, unsigned count) {
    struct bench_counter counter = {0, 0};
    struct bench_table table;
    xmppbind_allocator *allocator = NULL;
    bench_check(xmppbind_allocator_new(&allocator, bench_allocate, bench_release, &counter));
    size_t before = counter.bytes;
    set_up(&table, kind, allocator);
    for (unsigned i = 0; i < count; i++)
        (void)kind->claim(&table, &names[i]);
    double bytes = (double)(counter.bytes - before) / count;
    for (unsigned i = 0; i < count; i++)
        kind->release(&table, &names[i], kind->find(&table, &names[i]));
    kind->free(&table);
    xmppbind_allocator_free(allocator);
    if (counter.bytes != 0)
        bench_fail("memory was not given back");
    return bytes;
}

/* Bytes for each name, of the four tables. */
void bench_directory_bytes(unsigned resources, unsigned times) {
    struct bench_name *names = names_of(resources, times);
    printf("%.0f %.0f %.0f %.0f\n", bytes_of(&bench_table_memory, names, times),
           bytes_of(&bench_table_minimal, names, times), bytes_of(&bench_table_uthash, names, times),
           bytes_of(&bench_table_glib, names, times) + (double)bench_glib_bytes(names, times) / times);
    free(names);
}

MEASURED static void measured_locks(struct xmppbind_shard *shard) {
    xmppbind_shard_lock(shard);
    xmppbind_shard_unlock(shard);
}

/* What each operation pays for its lock when nobody else wants it. */
void bench_directory_locks(unsigned resources, unsigned times) {
    struct bench_table table;
    (void)resources;
    set_up(&table, &bench_table_memory, NULL);
    struct memory *memory = table.made;
    for (unsigned i = 0; i < times; i++)
        measured_locks(&memory->directory->shards[i % XMPPBIND_SHARDS]);
    free_memory(&table);
}
