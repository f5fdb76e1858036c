#include "ascii.h"

#include <stdint.h>
#include <string.h>

/* By octet, a row for 32 of them. What is not ASCII has no bits. */
const unsigned char xmppbind_ascii_classes[256] = {
    /* clang-format off */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    2, 3, 2, 3, 3, 3, 2, 2, 3, 3, 3, 3, 3, 7, 3, 2, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 2, 3, 2, 3, 2, 3,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3,
    3, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 3, 3, 3, 3, 0,
    /* clang-format on */
};

#define EIGHT_OF(octet) (UINT64_C(0x0101010101010101) * (octet))

/* Eight octets at once, each from ' ' to '~': no sum carries into the next octet as long as all are ASCII. */
static inline int is_printable(uint64_t word) {
    uint64_t not_control = word + EIGHT_OF(0x80 - ' ');
    uint64_t beyond = word | (word + EIGHT_OF(0x7f - '~'));
    return (not_control & ~beyond & EIGHT_OF(0x80)) == EIGHT_OF(0x80);
}

int xmppbind_ascii_is_resource(const char *text, size_t length) {
    uint64_t word;
    for (; length > sizeof word; text += sizeof word, length -= sizeof word) {
        memcpy(&word, text, sizeof word);
        if (!is_printable(word))
            return 0;
    }
    word = EIGHT_OF(' ');
    memcpy(&word, text, length);
    return is_printable(word);
}
