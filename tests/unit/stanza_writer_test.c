/* What writes stanzas is kept from one to the next. */
#include "lib/stanza/writer.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_xml.h"

#include <stdlib.h>

/* While a text finds its memory, another thread may put a writer back. */
struct meanwhile {
    xmppbind_kept_writer *kept;
    struct xmppbind_writer *other;
};

static void *allocate(size_t size, void *user_data) {
    struct meanwhile *meanwhile = user_data;
    if (meanwhile->other != NULL)
        atomic_store(meanwhile->kept, meanwhile->other);
    meanwhile->other = NULL;
    return malloc(size);
}

static void release(void *block, void *user_data) {
    (void)user_data;
    free(block);
}

static void write_once(xmppbind_kept_writer *kept, const struct xmppbind_memory *memory, xmlNode *node,
                       size_t expected) {
    struct xmppbind_sink sink = {memory, NULL, 0, 0, 0};
    assert_int_equal(xmppbind_writer_write(kept, &sink, node), XMPPBIND_OK);
    assert_int_equal(sink.length, expected);
    assert_int_equal(strlen(sink.text), expected);
    xmppbind_memory_put(memory, sink.text);
}

static void the_last_one_is_kept(void **state) {
    struct xmppbind_memory memory;
    xmppbind_kept_writer kept = NULL;
    xmlNode *node = test_node("<message to=\"\xc3\xa9\"/>");
    (void)state;
    xmppbind_memory_init(&memory, NULL);
    write_once(NULL, &memory, node, 18);
    write_once(&kept, &memory, node, 18);
    struct xmppbind_writer *first = atomic_load(&kept);
    assert_non_null(first);
    write_once(&kept, &memory, node, 18);
    assert_ptr_equal(atomic_load(&kept), first);
    xmppbind_writer_drop(atomic_exchange(&kept, NULL));
    xmlFreeNode(node);
}

static void one_that_has_grown_is_not(void **state) {
    enum { LONG = 100000 };
    struct xmppbind_memory memory;
    xmppbind_kept_writer kept = NULL;
    xmlNode *node = test_node("<a/>");
    char *text = malloc(LONG + 1);
    (void)state;
    assert_non_null(text);
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    assert_non_null(xmlSetProp(node, (const xmlChar *)"b", (const xmlChar *)text));
    xmppbind_memory_init(&memory, NULL);
    write_once(&kept, &memory, node, LONG + strlen("<a b=\"\"/>"));
    assert_null(atomic_load(&kept));
    free(text);
    xmlFreeNode(node);
}

static void only_one_is_kept(void **state) {
    struct xmppbind_memory memory, other;
    struct meanwhile meanwhile = {NULL, NULL};
    xmppbind_allocator *allocator;
    xmppbind_kept_writer kept = NULL;
    xmlNode *node = test_node("<a/>");
    (void)state;
    xmppbind_memory_init(&memory, NULL);
    assert_int_equal(xmppbind_allocator_new(&allocator, allocate, release, &meanwhile), XMPPBIND_OK);
    xmppbind_memory_init(&other, allocator);
    write_once(&kept, &memory, node, 4);
    meanwhile = (struct meanwhile){&kept, atomic_exchange(&kept, NULL)};
    const struct xmppbind_writer *first = meanwhile.other;
    write_once(&kept, &other, node, 4); /* its leak would be seen */
    assert_non_null(atomic_load(&kept));
    assert_ptr_not_equal(atomic_load(&kept), first);
    xmppbind_writer_drop(atomic_exchange(&kept, NULL));
    xmppbind_allocator_free(allocator);
    xmlFreeNode(node);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_one_is_kept),
        cmocka_unit_test(one_that_has_grown_is_not),
        cmocka_unit_test(only_one_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
