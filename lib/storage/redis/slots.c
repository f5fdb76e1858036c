#include "slots.h"

#include <string.h>

/* CRC-16/XMODEM, as the cluster specification says. Bit by bit: names are short, and each is hashed once. */
static uint16_t crc16(uint16_t crc, unsigned char octet) {
    crc = (uint16_t)(crc ^ (uint16_t)(octet << 8));
    for (int i = 0; i < 8; i++)
        crc = (uint16_t)((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
    return crc;
}

uint16_t xmppbind_redis_slot(const char *tag, size_t length) {
    uint16_t crc = 0;
    for (size_t i = 0; i < length; i++)
        crc = crc16(crc, (unsigned char)tag[i]);
    return crc % XMPPBIND_REDIS_SLOTS;
}

/* An octet of an account as it stands in a key: 1 or 3 octets. */
static size_t escape(char *out, char octet) {
    static const char digits[] = "0123456789ABCDEF";
    if (octet != '{' && octet != '}' && octet != '%') {
        *out = octet;
        return 1;
    }
    out[0] = '%';
    out[1] = digits[(unsigned char)octet >> 4];
    out[2] = digits[(unsigned char)octet & 15];
    return 3;
}

uint16_t xmppbind_redis_slot_of_account(const char *account, size_t length) {
    uint16_t crc = 0;
    for (size_t i = 0; i < length; i++) {
        char escaped[3];
        size_t count = escape(escaped, account[i]);
        for (size_t j = 0; j < count; j++)
            crc = crc16(crc, (unsigned char)escaped[j]);
    }
    return crc % XMPPBIND_REDIS_SLOTS;
}

size_t xmppbind_redis_account_key(char *key, const char *prefix, const char *account, size_t length) {
    size_t at = strlen(prefix);
    memcpy(key, prefix, at);
    key[at++] = '{';
    for (size_t i = 0; i < length; i++)
        at += escape(key + at, account[i]);
    key[at++] = '}';
    return at;
}
