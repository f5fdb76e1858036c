#define _GNU_SOURCE /* getentropy: POSIX has it since 2024, glibc behind this */
#include "random.h"

#include <unistd.h>

enum { LONGEST = 256 /* octets per call, by its specification */ };

int xmppbind_random_system(uint8_t *octets, size_t length, void *user_data) {
    (void)user_data;
    while (length > 0) {
        size_t part = length < LONGEST ? length : LONGEST;
        if (getentropy(octets, part) != 0)
            return -1;
        octets += part;
        length -= part;
    }
    return 0;
}
