/* The system's source of random octets. */
#ifndef XMPPBIND_BASE_RANDOM_H
#define XMPPBIND_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* An xmppbind_random_callback: 0 when all octets were filled. */
int xmppbind_random_system(uint8_t *octets, size_t length, void *user_data);

#endif
