/* The intrusive hash table. */
#include "lib/base/table.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

#include <stdlib.h>

enum { ITEMS = 1000 };

/* The link and the hash are anywhere in an item. */
struct item {
    int present;
    void *link;
    uint32_t number;
    uint32_t hash;
};

static struct item items[ITEMS];

static void set_up(struct xmppbind_table *table, uint32_t spread) {
    xmppbind_table_init(table, offsetof(struct item, link), offsetof(struct item, hash));
    for (uint32_t i = 0; i < ITEMS; i++)
        items[i] = (struct item){.number = i, .hash = i % spread * 0x9e3779b1U};
}

static int is_found(const struct xmppbind_table *table, const struct item *wanted) {
    for (struct item *item = xmppbind_table_first(table, wanted->hash); item != NULL;
         item = xmppbind_table_next(table, item))
        if (item == wanted)
            return 1;
    return 0;
}

static void check_items(const struct xmppbind_table *table) {
    uint32_t count = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        assert_int_equal(is_found(table, &items[i]), items[i].present);
        count += (uint32_t)items[i].present;
    }
    assert_int_equal(table->count, count);
}

static void insert(struct xmppbind_table *table, struct item *item) {
    xmppbind_table_insert(table, item);
    item->present = 1;
}

static void take_out(struct xmppbind_table *table, struct item *item) {
    xmppbind_table_remove(table, item);
    item->present = 0;
}

/* In, and out again from everywhere in the chains, with growth in between. */
static void items_in_and_out(void **state) {
    static const uint32_t spreads[] = {ITEMS, 100, 3, 1}; /* different hashes */
    struct xmppbind_memory memory;
    (void)state;
    xmppbind_memory_init(&memory, NULL);
    for (size_t i = 0; i < sizeof spreads / sizeof spreads[0]; i++) {
        struct xmppbind_table table;
        set_up(&table, spreads[i]);
        check_items(&table);
        for (size_t at = 0; at < ITEMS; at++) {
            xmppbind_table_grow(&table, &memory);
            insert(&table, &items[at]);
        }
        check_items(&table);
        for (size_t at = 0; at < ITEMS; at += 3)
            take_out(&table, &items[at]);
        check_items(&table);
        for (size_t at = 0; at < ITEMS; at += 6)
            insert(&table, &items[at]);
        check_items(&table);
        for (size_t at = ITEMS; at-- > 0;)
            if (items[at].present)
                take_out(&table, &items[at]);
        check_items(&table);
        xmppbind_memory_put(&memory, table.heads);
    }
}

static void it_grows_with_its_items(void **state) {
    struct test_allocator source;
    struct xmppbind_memory memory;
    struct xmppbind_table table;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_memory_init(&memory, source.allocator);
    set_up(&table, ITEMS);
    assert_null(xmppbind_table_first(&table, 0));
    for (size_t at = 0; at < ITEMS; at++) {
        xmppbind_table_grow(&table, &memory);
        assert_int_equal(table.size & (table.size - 1), 0);
        insert(&table, &items[at]);
        assert_true(table.count <= 2 * table.size);
    }
    assert_int_equal(source.blocks, 2); /* the allocator itself and the heads: the old ones are freed */
    xmppbind_memory_put(&memory, table.heads);
    test_allocator_tear_down(&source);
}

/* Out of memory the chains get longer, and nothing else happens; later it grows after all. */
static void it_works_on_when_it_cannot_grow(void **state) {
    struct test_allocator source;
    struct xmppbind_memory memory;
    struct xmppbind_table table;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_memory_init(&memory, source.allocator);
    set_up(&table, ITEMS);
    test_allocator_fail(&source, 1, 1);
    xmppbind_table_grow(&table, &memory);
    assert_null(table.heads);
    assert_null(xmppbind_table_first(&table, 7));
    test_allocator_fail(&source, 0, 0);
    xmppbind_table_grow(&table, &memory);
    uint32_t size = table.size;
    test_allocator_fail(&source, 1, 1);
    for (size_t at = 0; at < ITEMS; at++) {
        xmppbind_table_grow(&table, &memory);
        insert(&table, &items[at]);
    }
    assert_int_equal(table.size, size);
    check_items(&table);
    test_allocator_fail(&source, 0, 0);
    xmppbind_table_grow(&table, &memory);
    assert_int_equal(table.size, 2 * size);
    check_items(&table);
    xmppbind_memory_put(&memory, table.heads);
    test_allocator_tear_down(&source);
}

/* Two threads saw that it has to grow; the second one's array comes back. */
static void the_quicker_one_wins(void **state) {
    struct xmppbind_table table;
    (void)state;
    set_up(&table, ITEMS);
    uint32_t size = xmppbind_table_wanted(&table);
    assert_int_not_equal(size, 0);
    void **first = test_memory_get(size * sizeof *first), **second = test_memory_get(size * sizeof *second);
    assert_null(xmppbind_table_adopt(&table, first, size));
    insert(&table, &items[0]);
    assert_ptr_equal(xmppbind_table_adopt(&table, second, size), second);
    assert_ptr_equal(table.heads, first);
    check_items(&table);
    free(first);
    free(second);
}

static void there_is_a_largest_size(void **state) {
    void *head = NULL;
    struct xmppbind_table table = {.heads = &head, .size = 1U << 30, .count = UINT32_MAX};
    (void)state;
    assert_int_equal(xmppbind_table_wanted(&table), 0);
    table.size = 1U << 29;
    assert_int_equal(xmppbind_table_wanted(&table), 1U << 30);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_in_and_out),
        cmocka_unit_test(it_grows_with_its_items),
        cmocka_unit_test(it_works_on_when_it_cannot_grow),
        cmocka_unit_test(the_quicker_one_wins),
        cmocka_unit_test(there_is_a_largest_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
