#include "test_text.h"

#include "test_allocator.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(struct test_text *text, size_t more) {
    if (text->capacity - text->length > more)
        return;
    text->capacity = (text->length + more + 1) * 2;
    text->text = test_memory_resize(text->text, text->capacity);
}

void test_text_add(struct test_text *text, const char *octets, size_t length) {
    reserve(text, length);
    memcpy(text->text + text->length, octets, length);
    text->length += length;
    text->text[text->length] = '\0';
}

void test_text_format(struct test_text *text, const char *format, ...) {
    va_list arguments;
    if (format == NULL)
        abort();
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        abort();
    reserve(text, (size_t)length);
    va_start(arguments, format);
    (void)vsnprintf(text->text + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

const char *test_text_get(const struct test_text *text) {
    return text->text == NULL ? "" : text->text;
}

void test_text_clear(struct test_text *text) {
    text->length = 0;
    if (text->text != NULL)
        text->text[0] = '\0';
}

void test_text_free(struct test_text *text) {
    free(text->text);
    memset(text, 0, sizeof *text);
}
