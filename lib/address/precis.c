#include "precis.h"

#include "bidi.h"
#include "context.h"
#include "property.h"

#include <string.h>
#include <unictype.h>

enum { PASSES = 4 /* RFC 8264 section 7: after so many a text that still changes is refused */ };

int xmppbind_precis_allows(const struct xmppbind_code_points *text, size_t at, int freeform) {
    switch (xmppbind_property_of(text->text[at])) {
    case XMPPBIND_PROPERTY_PVALID:
        return 1;
    case XMPPBIND_PROPERTY_FREE_PVAL:
        return freeform;
    case XMPPBIND_PROPERTY_CONTEXTJ:
    case XMPPBIND_PROPERTY_CONTEXTO:
        return xmppbind_context_allows(text, at);
    default:
        return 0;
    }
}

/* Whether a text consists of what its class has: XMPPBIND_OK or why not. */
static int check(const struct xmppbind_code_points *text, int freeform) {
    for (size_t i = 0; i < text->count; i++) {
        if (xmppbind_precis_allows(text, i, freeform))
            continue;
        enum xmppbind_property property = xmppbind_property_of(text->text[i]);
        int in_context = property == XMPPBIND_PROPERTY_CONTEXTJ || property == XMPPBIND_PROPERTY_CONTEXTO;
        return in_context ? XMPPBIND_ERROR_ADDRESS_CONTEXT : XMPPBIND_ERROR_ADDRESS_FORBIDDEN;
    }
    return XMPPBIND_OK;
}

static int map_username(struct xmppbind_code_points *text) {
    xmppbind_code_points_map_width(text);
    int result = check(text, 0);
    if (result == XMPPBIND_OK)
        result = xmppbind_code_points_lower(text);
    if (result == XMPPBIND_OK)
        result = xmppbind_code_points_compose(text);
    if (result == XMPPBIND_OK && !xmppbind_bidi_allows(text))
        result = XMPPBIND_ERROR_ADDRESS_BIDI;
    return result;
}

/* What is changed here stays as it is in another pass: spaces become one that is none of them, and NFC is stable. So
 * only what NFC made is checked again. */
int xmppbind_precis_opaque(struct xmppbind_code_points *text) {
    int result = check(text, 1);
    if (result != XMPPBIND_OK)
        return result;
    for (size_t i = 0; i < text->count; i++)
        if (text->text[i] >= 0x80 && uc_is_general_category_withtable(text->text[i], UC_CATEGORY_MASK_Zs))
            text->text[i] = ' ';
    if (xmppbind_code_points_are_composed(text))
        return XMPPBIND_OK;
    result = xmppbind_code_points_compose(text);
    return result == XMPPBIND_OK ? check(text, 1) : result;
}

static int is_same(const struct xmppbind_code_points *left, const struct xmppbind_code_points *right) {
    return left->count == right->count && memcmp(left->text, right->text, left->count * sizeof left->text[0]) == 0;
}

/* Stable is what another pass would leave as it is. It ends in NFC and NFC is stable, so only the mappings could change
 * it. */
int xmppbind_precis_username(struct xmppbind_code_points *text) {
    struct xmppbind_code_points before;
    int result = XMPPBIND_OK, stable = 0;
    for (int pass = 0; pass < PASSES && !stable && result == XMPPBIND_OK; pass++) {
        before.count = text->count;
        memcpy(before.text, text->text, text->count * sizeof text->text[0]);
        result = map_username(text);
        stable = xmppbind_code_points_are_lower(text);
    }
    if (result == XMPPBIND_OK)
        result = stable ? XMPPBIND_OK : XMPPBIND_ERROR_ADDRESS_FORBIDDEN;
    return result != XMPPBIND_OK || is_same(&before, text) ? result : check(text, 0);
}
