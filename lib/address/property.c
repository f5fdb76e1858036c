#include "property.h"

#include <unictype.h>
#include <uninorm.h>

struct exception {
    uint32_t first, last;
    enum xmppbind_property property;
};

/* RFC 8264 section 9.6. Sorted, so that a code point behind the last one is none with one look. */
static const struct exception exceptions[] = {
    {0x00b7, 0x00b7, XMPPBIND_PROPERTY_CONTEXTO},   {0x00df, 0x00df, XMPPBIND_PROPERTY_PVALID},
    {0x0375, 0x0375, XMPPBIND_PROPERTY_CONTEXTO},   {0x03c2, 0x03c2, XMPPBIND_PROPERTY_PVALID},
    {0x05f3, 0x05f4, XMPPBIND_PROPERTY_CONTEXTO},   {0x0640, 0x0640, XMPPBIND_PROPERTY_DISALLOWED},
    {0x0660, 0x0669, XMPPBIND_PROPERTY_CONTEXTO},   {0x06f0, 0x06f9, XMPPBIND_PROPERTY_CONTEXTO},
    {0x06fd, 0x06fe, XMPPBIND_PROPERTY_PVALID},     {0x07fa, 0x07fa, XMPPBIND_PROPERTY_DISALLOWED},
    {0x0f0b, 0x0f0b, XMPPBIND_PROPERTY_PVALID},     {0x3007, 0x3007, XMPPBIND_PROPERTY_PVALID},
    {0x302e, 0x302f, XMPPBIND_PROPERTY_DISALLOWED}, {0x3031, 0x3035, XMPPBIND_PROPERTY_DISALLOWED},
    {0x303b, 0x303b, XMPPBIND_PROPERTY_DISALLOWED}, {0x30fb, 0x30fb, XMPPBIND_PROPERTY_CONTEXTO},
};

static const struct exception *exception_of(uint32_t code_point) {
    enum { COUNT = sizeof exceptions / sizeof exceptions[0] };
    if (code_point > exceptions[COUNT - 1].last)
        return 0;
    for (int i = 0; exceptions[i].first <= code_point; i++)
        if (code_point <= exceptions[i].last)
            return &exceptions[i];
    return 0;
}

/* Hangul_Syllable_Type L, V and T (RFC 8264 section 9.9): closed sets. */
static int is_old_hangul_jamo(uint32_t code_point) {
    return (code_point >= 0x1100 && code_point <= 0x11ff) || (code_point >= 0xa960 && code_point <= 0xa97c) ||
           (code_point >= 0xd7b0 && code_point <= 0xd7c6) || (code_point >= 0xd7cb && code_point <= 0xd7fb);
}

static int is_hangul_syllable(uint32_t code_point) {
    return code_point >= 0xac00 && code_point <= 0xd7a3;
}

/* Whether NFKC changes it (RFC 8264 section 9.17): it does unless its canonical decomposition is composed again, and
 * the base is not changed (the mark never is). */
static int has_compatibility_equivalent(uint32_t code_point) {
    ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
    int tag;
    if (code_point < 0xa0 || is_hangul_syllable(code_point))
        return 0;
    int count = uc_decomposition(code_point, &tag, parts);
    if (count < 0)
        return 0;
    return tag != UC_DECOMP_CANONICAL || count != 2 || uc_composition(parts[0], parts[1]) != code_point ||
           has_compatibility_equivalent(parts[0]);
}

static enum xmppbind_property property_of_category(uint32_t code_point) {
    static const uint32_t letters_and_digits = UC_CATEGORY_MASK_Ll | UC_CATEGORY_MASK_Lu | UC_CATEGORY_MASK_Lo |
                                               UC_CATEGORY_MASK_Nd | UC_CATEGORY_MASK_Lm | UC_CATEGORY_MASK_Mn |
                                               UC_CATEGORY_MASK_Mc;
    static const uint32_t freeform = UC_CATEGORY_MASK_Lt | UC_CATEGORY_MASK_Nl | UC_CATEGORY_MASK_No |
                                     UC_CATEGORY_MASK_Me | UC_CATEGORY_MASK_Zs | UC_CATEGORY_MASK_S |
                                     UC_CATEGORY_MASK_P;
    uint32_t category = uc_general_category(code_point).bitmask;
    if ((category & UC_CATEGORY_MASK_Cn) != 0)
        return uc_is_property_not_a_character(code_point) ? XMPPBIND_PROPERTY_DISALLOWED : XMPPBIND_PROPERTY_UNASSIGNED;
    if (is_old_hangul_jamo(code_point) || uc_is_property_default_ignorable_code_point(code_point))
        return XMPPBIND_PROPERTY_DISALLOWED;
    if ((category & (letters_and_digits | freeform)) != 0 && has_compatibility_equivalent(code_point))
        return XMPPBIND_PROPERTY_FREE_PVAL;
    if ((category & letters_and_digits) != 0)
        return XMPPBIND_PROPERTY_PVALID;
    return (category & freeform) != 0 ? XMPPBIND_PROPERTY_FREE_PVAL : XMPPBIND_PROPERTY_DISALLOWED;
}

enum xmppbind_property xmppbind_property_of(uint32_t code_point) {
    if (code_point < 0x80)
        return code_point == ' '                       ? XMPPBIND_PROPERTY_FREE_PVAL
               : code_point > ' ' && code_point < 0x7f ? XMPPBIND_PROPERTY_PVALID
                                                       : XMPPBIND_PROPERTY_DISALLOWED;
    const struct exception *exception = exception_of(code_point);
    if (exception != 0)
        return exception->property;
    if (code_point == 0x200c || code_point == 0x200d)
        return XMPPBIND_PROPERTY_CONTEXTJ;
    return property_of_category(code_point);
}
