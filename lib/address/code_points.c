#include "code_points.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

int xmppbind_code_points_decode(struct xmppbind_code_points *to, const char *text, size_t length) {
    const uint8_t *octets = (const uint8_t *)text;
    if (length > XMPPBIND_PART_INPUT)
        return u8_check(octets, length) == NULL ? XMPPBIND_ERROR_ADDRESS_TOO_LONG : XMPPBIND_ERROR_ADDRESS_NOT_UTF8;
    to->count = 0;
    for (size_t at = 0; at < length;) {
        ucs4_t code_point;
        int size = u8_mbtoucr(&code_point, octets + at, length - at);
        if (size <= 0)
            return XMPPBIND_ERROR_ADDRESS_NOT_UTF8;
        to->text[to->count++] = code_point;
        at += (size_t)size;
    }
    return XMPPBIND_OK;
}

int xmppbind_code_points_encode(const struct xmppbind_code_points *from, char *out, size_t *length) {
    size_t at = 0;
    for (size_t i = 0; i < from->count; i++) {
        int size = u8_uctomb((uint8_t *)out + at, from->text[i], (ptrdiff_t)(XMPPBIND_PART_MAXIMUM - at));
        if (size <= 0) /* no room: what was decoded is Unicode */
            return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
        at += (size_t)size;
    }
    out[at] = '\0';
    *length = at;
    return XMPPBIND_OK;
}

/* Takes over what libunistring made. No text becomes more code points than it had octets, so there was room. */
static int take(struct xmppbind_code_points *text, const uint32_t *room, uint32_t *made, size_t count) {
    if (made != room) { /* it wanted memory of its own meanwhile */
        free(made);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    memcpy(text->text, room, count * sizeof *room);
    text->count = count;
    return XMPPBIND_OK;
}

int xmppbind_code_points_lower(struct xmppbind_code_points *text) {
    uint32_t room[XMPPBIND_PART_INPUT];
    size_t count = XMPPBIND_PART_INPUT;
    uint32_t *made = u32_tolower(text->text, text->count, NULL, NULL, room, &count);
    return take(text, room, made, count);
}

void xmppbind_code_points_lower_each(struct xmppbind_code_points *text) {
    enum { CAPITAL_I_WITH_DOT = 0x130, DOT_ABOVE = 0x307 }; /* the only one that becomes two */
    uint32_t room[XMPPBIND_PART_INPUT];
    size_t count = 0;
    for (size_t i = 0; i < text->count; i++) {
        int two = text->text[i] == CAPITAL_I_WITH_DOT;
        room[count++] = two ? 'i' : uc_tolower(text->text[i]);
        if (two)
            room[count++] = DOT_ABOVE;
    }
    (void)take(text, room, room, count);
}

int xmppbind_code_points_compose(struct xmppbind_code_points *text) {
    enum { COMBINES = 0x300 /* below it nothing does, and nothing is decomposed by NFC */ };
    uint32_t room[XMPPBIND_PART_INPUT];
    size_t count = 0;
    while (count < text->count && text->text[count] < COMBINES)
        count++;
    if (count == text->count)
        return XMPPBIND_OK;
    count = XMPPBIND_PART_INPUT;
    uint32_t *made = u32_normalize(UNINORM_NFC, text->text, text->count, room, &count);
    return take(text, room, made, count);
}

void xmppbind_code_points_map_width(struct xmppbind_code_points *text) {
    enum { FIRST = 0x3000 };
    for (size_t i = 0; i < text->count; i++) {
        ucs4_t mapped[UC_DECOMPOSITION_MAX_LENGTH];
        int tag;
        if (text->text[i] >= FIRST && uc_decomposition(text->text[i], &tag, mapped) == 1 &&
            (tag == UC_DECOMP_WIDE || tag == UC_DECOMP_NARROW))
            text->text[i] = mapped[0];
    }
}
