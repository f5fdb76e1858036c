#include "context.h"

#include <string.h>
#include <unictype.h>

static int is_virama(uint32_t code_point) {
    return uc_combining_class(code_point) == UC_CCC_VR;
}

/* What joins before `at`, past what is transparent: left- or dual-joining. */
static int joins_before(const struct xmppbind_code_points *text, size_t at) {
    while (at-- > 0) {
        int type = uc_joining_type(text->text[at]);
        if (type != UC_JOINING_TYPE_T)
            return type == UC_JOINING_TYPE_L || type == UC_JOINING_TYPE_D;
    }
    return 0;
}

static int joins_behind(const struct xmppbind_code_points *text, size_t at) {
    while (++at < text->count) {
        int type = uc_joining_type(text->text[at]);
        if (type != UC_JOINING_TYPE_T)
            return type == UC_JOINING_TYPE_R || type == UC_JOINING_TYPE_D;
    }
    return 0;
}

static int is_script(uint32_t code_point, const char *name) {
    const uc_script_t *script = uc_script(code_point);
    return script != NULL && strcmp(script->name, name) == 0;
}

/* A.7: some Japanese or Chinese character beside it. */
static int has_japanese(const struct xmppbind_code_points *text) {
    for (size_t i = 0; i < text->count; i++)
        if (is_script(text->text[i], "Hiragana") || is_script(text->text[i], "Katakana") ||
            is_script(text->text[i], "Han"))
            return 1;
    return 0;
}

static int has_any_of(const struct xmppbind_code_points *text, uint32_t first, uint32_t last) {
    for (size_t i = 0; i < text->count; i++)
        if (text->text[i] >= first && text->text[i] <= last)
            return 1;
    return 0;
}

int xmppbind_context_allows(const struct xmppbind_code_points *text, size_t at) {
    uint32_t before = at == 0 ? 0 : text->text[at - 1], behind = at + 1 == text->count ? 0 : text->text[at + 1];
    switch (text->text[at]) {
    case 0x200c: /* A.1 zero width non-joiner */
        return is_virama(before) || (joins_before(text, at) && joins_behind(text, at));
    case 0x200d: /* A.2 zero width joiner */
        return is_virama(before);
    case 0x00b7: /* A.3 middle dot */
        return before == 'l' && behind == 'l';
    case 0x0375: /* A.4 Greek keraia */
        return is_script(behind, "Greek");
    case 0x05f3: /* A.5, A.6 geresh, gershayim */
    case 0x05f4:
        return is_script(before, "Hebrew");
    case 0x30fb: /* A.7 katakana middle dot */
        return has_japanese(text);
    default: /* A.8, A.9 Arabic-Indic digits, not together with the extended ones */
        return text->text[at] < 0x06f0 ? !has_any_of(text, 0x06f0, 0x06f9) : !has_any_of(text, 0x0660, 0x0669);
    }
}
