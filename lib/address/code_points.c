#include "code_points.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
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

static int is_hangul_syllable(uint32_t code_point) {
    return code_point >= 0xac00 && code_point <= 0xd7a3;
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

int xmppbind_code_points_are_lower(const struct xmppbind_code_points *text) {
    for (size_t i = 0; i < text->count; i++)
        if (uc_tolower(text->text[i]) != text->text[i])
            return 0;
    return 1;
}

int xmppbind_code_points_lower(struct xmppbind_code_points *text) {
    if (xmppbind_code_points_are_lower(text))
        return XMPPBIND_OK;
    uint32_t room[XMPPBIND_PART_INPUT];
    size_t count = XMPPBIND_PART_INPUT;
    uint32_t *made = u32_tolower(text->text, text->count, NULL, NULL, room, &count);
    return take(text, room, made, count);
}

/* Cherokee is folded to its capitals, so it is those that domain names have (RFC 5892 section 2.2, Unicode 8.0). */
static uint32_t fold(uint32_t code_point) {
    if (code_point >= 0x13a0 && code_point <= 0x13f5)
        return code_point;
    if (code_point >= 0x13f8 && code_point <= 0x13fd)
        return code_point - 0x13f8 + 0x13f0;
    if (code_point >= 0xab70 && code_point <= 0xabbf)
        return code_point - 0xab70 + 0x13a0;
    return uc_tolower(code_point);
}

void xmppbind_code_points_lower_each(struct xmppbind_code_points *text) {
    enum { CAPITAL_I_WITH_DOT = 0x130, DOT_ABOVE = 0x307 }; /* the only one that becomes two */
    uint32_t room[XMPPBIND_PART_INPUT];
    size_t count = 0;
    for (size_t i = 0; i < text->count; i++) {
        int two = text->text[i] == CAPITAL_I_WITH_DOT;
        room[count++] = two ? 'i' : fold(text->text[i]);
        if (two)
            room[count++] = DOT_ABOVE;
    }
    (void)take(text, room, room, count);
}

/* Whether NFC leaves it as it is behind `before` (0: nothing); also 0 when that is not to be known at a glance. */
static int is_composed(uint32_t before, uint32_t code_point) {
    enum { COMBINES = 0x300 /* below it nothing does, and nothing is decomposed by NFC */ };
    ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
    int tag;
    if (code_point < COMBINES)
        return 1;
    if (uc_combining_class(code_point) != 0 || uc_composition(before, code_point) != 0)
        return 0;
    int count = uc_decomposition(code_point, &tag, parts);
    return count < 0 || tag != UC_DECOMP_CANONICAL || uc_composition(parts[0], parts[1]) == code_point ||
           is_hangul_syllable(code_point);
}

int xmppbind_code_points_are_composed(const struct xmppbind_code_points *text) {
    uint32_t before = 0;
    for (size_t i = 0; i < text->count; before = text->text[i++])
        if (!is_composed(before, text->text[i]))
            return 0;
    return 1;
}

int xmppbind_code_points_compose(struct xmppbind_code_points *text) {
    if (xmppbind_code_points_are_composed(text))
        return XMPPBIND_OK;
    uint32_t room[XMPPBIND_PART_INPUT];
    size_t count = XMPPBIND_PART_INPUT;
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
