/* A directory that a test answers itself: it writes down what it is asked, and says later whatever the test wants. */
#ifndef XMPPBIND_TESTS_UNIT_STORAGE_BY_HAND_H
#define XMPPBIND_TESTS_UNIT_STORAGE_BY_HAND_H

#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"

#include <string.h>

#define JULIET "juliet@capulet.example"
#define BALCONY JULIET "/balcony"

enum { BY_HAND_MOST = 64 };

struct by_hand_request {
    const xmppbind_request *request;
    uint64_t id;
    uint64_t claim;
    int kind;
    char jid[128];
};

struct by_hand {
    struct test_allocator source;
    xmppbind_host *host;
    xmppbind_directory *directory;
    struct by_hand_request asked[BY_HAND_MOST];
    size_t count;
    int result; /* of the callback */
};

static inline int by_hand_callback(const xmppbind_request *request, void *user_data) {
    struct by_hand *hand = user_data;
    size_t length;
    assert_in_range(hand->count, 0, BY_HAND_MOST - 1);
    struct by_hand_request *asked = &hand->asked[hand->count++];
    const char *jid = xmppbind_request_jid(request, &length);
    assert_in_range(length, 1, sizeof asked->jid - 1);
    memcpy(asked->jid, jid, length + 1);
    asked->request = request;
    asked->id = xmppbind_request_id(request);
    asked->claim = xmppbind_request_claim(request);
    asked->kind = xmppbind_request_kind(request);
    return hand->result;
}

static inline void by_hand_set_up(struct by_hand *hand) {
    memset(hand, 0, sizeof *hand);
    test_allocator_set_up(&hand->source);
    hand->host = test_host(hand->source.allocator);
    hand->directory = xmppbind_host_directory(hand->host);
    assert_int_equal(xmppbind_directory_set_claims(hand->directory, by_hand_callback, by_hand_callback, hand),
                     XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_set_list(hand->directory, by_hand_callback, hand), XMPPBIND_OK);
}

/* Frees the host too, and asserts that no memory is left. */
static inline void by_hand_tear_down(struct by_hand *hand) {
    xmppbind_host_free(hand->host);
    test_allocator_tear_down(&hand->source);
}

/* The request asked last; it must be the n-th (from 1) and of this kind and for this JID. */
static inline const struct by_hand_request *by_hand_last(const struct by_hand *hand, size_t n, int kind,
                                                         const char *jid) {
    assert_int_equal(hand->count, n);
    const struct by_hand_request *asked = &hand->asked[n - 1];
    assert_int_equal(asked->kind, kind);
    assert_string_equal(asked->jid, jid);
    return asked;
}

/* Binds; the claim is still to be answered. Its id. */
static inline uint64_t by_hand_bind(struct by_hand *hand, xmppbind_stream *stream, const char *resource) {
    size_t before = hand->count;
    assert_int_equal(test_bind(stream, resource, 1), XMPPBIND_OK);
    assert_int_equal(hand->count, before + 1);
    assert_int_equal(hand->asked[before].kind, XMPPBIND_REQUEST_CLAIM);
    return hand->asked[before].id;
}

static inline void by_hand_accept(struct by_hand *hand, uint64_t id, uint64_t claim) {
    assert_int_equal(xmppbind_directory_accept(hand->directory, id, claim), XMPPBIND_OK);
}

/* A stream that holds a resource under this claim number, with nothing left to drain. */
static inline xmppbind_stream *by_hand_bound_for(struct by_hand *hand, const char *account, const char *resource,
                                                 uint64_t claim) {
    xmppbind_stream *stream = test_stream(hand->host, account);
    by_hand_accept(hand, by_hand_bind(hand, stream, resource), claim);
    test_drain_all(stream);
    return stream;
}

static inline xmppbind_stream *by_hand_bound(struct by_hand *hand, const char *resource, uint64_t claim) {
    return by_hand_bound_for(hand, JULIET, resource, claim);
}

/* Frees a stream and accepts the releases that this asks for. */
static inline void by_hand_free(struct by_hand *hand, xmppbind_stream *stream) {
    size_t before = hand->count;
    xmppbind_stream_free(stream);
    for (size_t i = before; i < hand->count; i++) {
        assert_int_equal(hand->asked[i].kind, XMPPBIND_REQUEST_RELEASE);
        by_hand_accept(hand, hand->asked[i].id, 0);
    }
}

/* Asserts which stream holds a full JID, and under which number; NULL: none. */
static inline void by_hand_holds(struct by_hand *hand, const char *jid, const xmppbind_stream *stream, uint64_t claim) {
    uint64_t number;
    assert_ptr_equal(test_holder(hand->host, jid, &number), stream);
    assert_int_equal(number, claim);
}

#endif
