#include "bidi.h"

#include <unictype.h>

/* Sets of bidi classes, as bits. */
#define BIT(class) (1U << UC_BIDI_##class)
enum {
    RIGHT = BIT(R) | BIT(AL),
    NEUTRAL = BIT(ES) | BIT(CS) | BIT(ET) | BIT(ON) | BIT(BN) | BIT(NSM),
    RIGHT_TO_LEFT = RIGHT | BIT(AN) | BIT(EN) | NEUTRAL /* rule 2 */
};

static unsigned bit_of(uint32_t code_point) {
    return 1U << uc_bidi_class(code_point);
}

int xmppbind_bidi_allows(const struct xmppbind_code_points *text) {
    unsigned all = 0, last = 0; /* of those that are no non-spacing marks (rule 3) */
    for (size_t i = 0; i < text->count; i++) {
        unsigned bit = bit_of(text->text[i]);
        all |= bit;
        if (bit != BIT(NSM))
            last = bit;
    }
    if ((all & (RIGHT | BIT(AN))) == 0)
        return 1;
    /* Rules 1 to 4. What begins left-to-right may have none of these (rule 5), and nothing else may begin it. */
    return (bit_of(text->text[0]) & RIGHT) != 0 && (all & ~(unsigned)RIGHT_TO_LEFT) == 0 &&
           (last & (RIGHT | BIT(EN) | BIT(AN))) != 0 && (all & (BIT(EN) | BIT(AN))) != (BIT(EN) | BIT(AN));
}
