/* Every error code of the public headers is provoked through the public interface; a code that is added and not
 * provoked fails here. */
#include "lib/address/address.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_sqlite.h"
#include "tests/support/test_storage.h"
#include "tests/support/test_xml.h"

#include <stdlib.h>
#include <string.h>

#ifdef XMPPBIND_WITH_SQLITE
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>
#endif

enum { LOWEST = -1100, HIGHEST = -1001 };

static unsigned char seen[HIGHEST - LOWEST + 1];

/* Checks a result and notes that its code was seen. */
static void expect(int result, int code) {
    assert_string_equal(xmppbind_error_name(result), xmppbind_error_name(code));
    assert_int_equal(result, code);
    seen[code - LOWEST] = 1;
}

static int fail_random(uint8_t *octets, size_t length, void *user_data) {
    (void)octets;
    (void)length;
    (void)user_data;
    return -1;
}

static void memory_and_arguments(void **state) {
    struct test_allocator source;
    xmppbind_host *host = NULL;
    xmppbind_memory_directory *memory = NULL;
    (void)state;
    test_allocator_set_up(&source);
    test_allocator_fail(&source, 1, 0);
    expect(xmppbind_host_new(&host, source.allocator), XMPPBIND_ERROR_NO_MEMORY);
    expect(xmppbind_host_new(NULL, source.allocator), XMPPBIND_ERROR_INVALID_ARGUMENT);
    expect(xmppbind_memory_directory_new(&memory, source.allocator, fail_random, NULL), XMPPBIND_ERROR_RANDOM);
    assert_null(host);
    assert_null(memory);
    test_allocator_tear_down(&source);
}

static void options(void **state) {
    xmppbind_host *host = test_host(NULL);
    (void)state;
    expect(xmppbind_host_set_option(host, 9999, 1), XMPPBIND_ERROR_UNKNOWN_OPTION);
    expect(xmppbind_host_set_option_text(host, "no-such", 7, "1", 1), XMPPBIND_ERROR_UNKNOWN_OPTION);
    expect(xmppbind_host_set_option(host, XMPPBIND_OPTION_MAX_RESOURCES_PER_STREAM, 0), XMPPBIND_ERROR_OPTION_VALUE);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    expect(xmppbind_host_set_option(host, XMPPBIND_OPTION_CONFLICT, XMPPBIND_CONFLICT_REJECT), XMPPBIND_ERROR_STATE);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* The stream whose call makes the callback. */
struct reentrant {
    xmppbind_directory *directory;
    xmppbind_stream *stream;
};

static int claim_inside(const xmppbind_request *request, void *user_data) {
    struct reentrant *reentrant = user_data;
    xmppbind_event *event = NULL;
    expect(xmppbind_stream_bind(reentrant->stream, NULL, 0, 2), XMPPBIND_ERROR_REENTRANT);
    expect(xmppbind_stream_next_event(reentrant->stream, &event), XMPPBIND_ERROR_REENTRANT);
    return xmppbind_directory_accept(reentrant->directory, xmppbind_request_id(request), 1);
}

static int release_inside(const xmppbind_request *request, void *user_data) {
    struct reentrant *reentrant = user_data;
    return xmppbind_directory_accept(reentrant->directory, xmppbind_request_id(request), 0);
}

static void calls_from_a_callback(void **state) {
    xmppbind_host *host = test_host(NULL);
    struct reentrant reentrant = {xmppbind_host_directory(host), NULL};
    (void)state;
    assert_int_equal(xmppbind_directory_set_claims(reentrant.directory, claim_inside, release_inside, &reentrant),
                     XMPPBIND_OK);
    reentrant.stream = test_stream(host, "juliet@capulet.example");
    assert_int_equal(test_bind(reentrant.stream, "balcony", 1), XMPPBIND_OK);
    test_expect(reentrant.stream, "opened juliet@capulet.example/balcony\nanswer 1 juliet@capulet.example/balcony\n");
    xmppbind_stream_free(reentrant.stream);
    xmppbind_host_free(host);
}

static void limits(void **state) {
    struct test_storage storage;
    const char *stamp, *session;
    size_t length, session_length;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_option(host, "max-waiting", "0");
    test_option(host, "max-queued-events", "2");
    test_storage_set_up(&storage, host, NULL);
    storage.mode = TEST_STORAGE_LATER;
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    expect(test_bind(stream, "garden", 2), XMPPBIND_ERROR_WAITING_FULL);
    expect(xmppbind_stream_stamp(stream, XMPPBIND_STANZA_MESSAGE, NULL, 0, &stamp, &length, &session, &session_length),
           XMPPBIND_ERROR_WAITING);
    test_storage_answer_all(&storage);
    storage.mode = TEST_STORAGE_NOW;
    test_drain_all(stream);
    int result = XMPPBIND_OK;
    for (int i = 0; i < 10 && result == XMPPBIND_OK; i++)
        result = test_receive_bytes(stream, "<message><body/></message>");
    expect(result, XMPPBIND_ERROR_QUEUE_FULL);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_storage_tear_down(&storage);
}

static void directory_answers(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_directory *directory = xmppbind_host_directory(host);
    (void)state;
    expect(xmppbind_directory_accept(directory, 4711, 1), XMPPBIND_ERROR_UNKNOWN_REQUEST);
    expect(xmppbind_directory_reject(directory, 4711, XMPPBIND_CONDITION_CONFLICT), XMPPBIND_ERROR_UNKNOWN_REQUEST);
    expect(xmppbind_directory_evicted(directory, "a@b/c", 5, 1), XMPPBIND_ERROR_UNKNOWN_CLAIM);
    xmppbind_host_free(host);
}

static void octets(void **state) {
    enum { LIMIT = 10000 };
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_option(host, "max-stanza-bytes", "10000");
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    expect(test_receive_bytes(stream, "<message>"), XMPPBIND_ERROR_NOT_WELL_FORMED);
    expect(test_receive_bytes(stream, "<stream/>"), XMPPBIND_ERROR_NOT_A_STANZA);
    expect(test_receive(stream, "<message xmlns='urn:example'/>"), XMPPBIND_ERROR_NOT_A_STANZA);
    char *large = test_memory_get(LIMIT + 1);
    memset(large, ' ', LIMIT + 1);
    memcpy(large, "<message/>", 10);
    expect(xmppbind_stream_receive_bytes(stream, large, LIMIT + 1), XMPPBIND_ERROR_TOO_LARGE);
    free(large);
    test_expect(stream, "");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static int stamp_from(xmppbind_stream *stream, const char *from) {
    const char *stamp;
    size_t length;
    return xmppbind_stream_stamp(stream, XMPPBIND_STANZA_MESSAGE, from, from == NULL ? 0 : strlen(from), &stamp,
                                 &length, NULL, NULL);
}

static void senders(void **state) {
    xmppbind_host *host = test_host(NULL);
    (void)state;
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    expect(stamp_from(stream, NULL), XMPPBIND_ERROR_NOT_BOUND);
    test_expect(stream, "close not-authorized\n");
    expect(test_bind(stream, "balcony", 1), XMPPBIND_ERROR_CLOSED);
    xmppbind_stream_free(stream);
    stream = test_stream(host, "juliet@capulet.example");
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "garden", 2), XMPPBIND_OK);
    test_drain_all(stream);
    expect(stamp_from(stream, "juliet@capulet.example/orchard"), XMPPBIND_ERROR_UNKNOWN_SENDER);
    expect(stamp_from(stream, ""), XMPPBIND_ERROR_JID_MALFORMED);
    expect(stamp_from(stream, "romeo@montague.example"), XMPPBIND_ERROR_INVALID_FROM);
    test_expect(stream, "close invalid-from\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static int prepare(const char *text) {
    char prepared[XMPPBIND_JID_MAXIMUM + 1];
    size_t length, bare_length;
    return xmppbind_jid_prepare(XMPPBIND_ADDRESS_PROFILE_RFC7622, text, strlen(text), prepared, sizeof prepared,
                                &length, &bare_length);
}

static void addresses(void **state) {
    char too_long[XMPPBIND_PART_MAXIMUM + 8];
    size_t length, bare_length;
    (void)state;
    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    memcpy(too_long, "a@b/", 4);
    expect(prepare("a@b/"), XMPPBIND_ERROR_ADDRESS_EMPTY);
    expect(prepare(too_long), XMPPBIND_ERROR_ADDRESS_TOO_LONG);
    expect(prepare("a@b/\xC3("), XMPPBIND_ERROR_ADDRESS_NOT_UTF8);
    expect(prepare("a\"b@c"), XMPPBIND_ERROR_ADDRESS_FORBIDDEN);
    expect(prepare("a@[::g]"), XMPPBIND_ERROR_ADDRESS_DOMAIN);
    expect(prepare("a@b/a\xC2\xB7"), XMPPBIND_ERROR_ADDRESS_CONTEXT);
    expect(prepare("a\xD7\x90@b"), XMPPBIND_ERROR_ADDRESS_BIDI);
    if (!xmppbind_address_has_profile(XMPPBIND_ADDRESS_PROFILE_RFC3920)) {
        expect(xmppbind_jid_prepare(XMPPBIND_ADDRESS_PROFILE_RFC3920, "a@b/\xC3\xA9", 6, too_long, sizeof too_long,
                                    &length, &bare_length),
               XMPPBIND_ERROR_ADDRESS_UNSUPPORTED);
    } else {
        seen[XMPPBIND_ERROR_ADDRESS_UNSUPPORTED - LOWEST] = 1; /* that is for other builds */
    }
}

#ifdef XMPPBIND_WITH_SQLITE

static const char file_name[] = "build/error_codes.sqlite"; /* run from the top of the project */

static int open_store(void) {
    xmppbind_sqlite_store *sqlite = NULL;
    int result = xmppbind_sqlite_store_new(&sqlite, file_name, sizeof file_name - 1, NULL);
    xmppbind_sqlite_store_free(sqlite);
    return result;
}

/* The file as another program leaves it. */
static void make_file(const char *statement) {
    sqlite3 *database = NULL;
    (void)unlink(file_name);
    assert_int_equal(open_store(), XMPPBIND_OK);
    assert_int_equal(sqlite3_open(file_name, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, statement, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void stores(void **state) {
    static const struct {
        unsigned operation;
        int sqlite, code;
    } failures[] = {{TEST_SQLITE_WRITE, SQLITE_FULL, XMPPBIND_ERROR_STORE_FULL},
                    {TEST_SQLITE_LOCK, SQLITE_BUSY, XMPPBIND_ERROR_STORE_BUSY},
                    {TEST_SQLITE_READ, SQLITE_IOERR_READ, XMPPBIND_ERROR_STORE_INPUT_OUTPUT}};
    xmppbind_sqlite_store *sqlite = NULL;
    (void)state;
    test_sqlite_install();
    expect(xmppbind_sqlite_store_new(&sqlite, "build/none/store", 16, NULL), XMPPBIND_ERROR_STORE_OPEN);
    make_file("PRAGMA user_version = 1000");
    expect(open_store(), XMPPBIND_ERROR_STORE_NEWER);
    make_file("PRAGMA application_id = 42");
    expect(open_store(), XMPPBIND_ERROR_STORE_FOREIGN);
    make_file("");
    assert_int_equal(truncate(file_name, 4096), 0); /* the tables' pages are gone */
    expect(open_store(), XMPPBIND_ERROR_STORE_DAMAGED);
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        (void)unlink(file_name);
        test_sqlite_fail(failures[i].operation, 1, failures[i].sqlite, 1);
        int result = open_store();
        test_sqlite_fail(failures[i].operation, 0, 0, 0);
        expect(result, failures[i].code);
    }
    make_file("");
    assert_int_equal(truncate(file_name, 0), 0);
    test_sqlite_read_only(1);
    int result = open_store();
    test_sqlite_read_only(0);
    expect(result, XMPPBIND_ERROR_STORE_READ_ONLY);
    assert_int_equal(unlink(file_name), 0);
    seen[XMPPBIND_ERROR_STORE_UNSUPPORTED - LOWEST] = 1; /* that is for builds without SQLite */
}

#else

static void stores(void **state) {
    xmppbind_sqlite_store *sqlite = NULL;
    (void)state;
    expect(xmppbind_sqlite_store_new(&sqlite, "store", 5, NULL), XMPPBIND_ERROR_STORE_UNSUPPORTED);
    for (int code = LOWEST; code <= HIGHEST; code++) /* the others are for other builds */
        if (strncmp(xmppbind_error_name(code), "XMPPBIND_ERROR_STORE_", 21) == 0)
            seen[code - LOWEST] = 1;
}

#endif

static void all_codes_were_seen(void **state) {
    const char *unknown = xmppbind_error_name(-1);
    (void)state;
    for (int code = LOWEST; code <= HIGHEST; code++) {
        const char *name = xmppbind_error_name(code);
        int known = strcmp(name, unknown) != 0;
        if (known && !seen[code - LOWEST])
            fail_msg("%s was not provoked", name);
        assert_int_equal(known, seen[code - LOWEST]);
        assert_true(strlen(xmppbind_strerror(code)) > 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_and_arguments),
        cmocka_unit_test(options),
        cmocka_unit_test(calls_from_a_callback),
        cmocka_unit_test(limits),
        cmocka_unit_test(directory_answers),
        cmocka_unit_test(octets),
        cmocka_unit_test(senders),
        cmocka_unit_test(addresses),
        cmocka_unit_test(stores),
        cmocka_unit_test(all_codes_were_seen), /* the last */
    };
    test_silence_xml();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
