/* Text that grows, for what tests record and compare. */
#ifndef XMPPBIND_TESTS_SUPPORT_TEST_TEXT_H
#define XMPPBIND_TESTS_SUPPORT_TEST_TEXT_H

#include <stddef.h>

struct test_text {
    char *text; /* NUL-terminated, or NULL as long as nothing was added */
    size_t length;
    size_t capacity;
};

void test_text_add(struct test_text *text, const char *octets, size_t length);
void test_text_format(struct test_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The text so far, never NULL. */
const char *test_text_get(const struct test_text *text);
void test_text_clear(struct test_text *text);
void test_text_free(struct test_text *text);

#endif
