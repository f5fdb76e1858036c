/*
 * The derived property of every code point (RFC 8264 section 8) against tests/data/precis-derived-14.0.txt, which an
 * independent implementation computed for Unicode 14.
 */
#include "lib/address/property.h"
#include "tests/support/test_cmocka.h"

#include <stdio.h>
#include <string.h>

enum { CODE_POINTS = 0x110000 };

static const char *const names[] = {"PVALID", "FREE_PVAL", "CONTEXTJ", "CONTEXTO", "DISALLOWED", "UNASSIGNED"};

/* Whether it is only that one of the two knows a code point which the other one's Unicode did not have yet. */
static int is_of_another_unicode(const char *ours, const char *theirs) {
    return strcmp(ours, "UNASSIGNED") == 0 || strcmp(theirs, "UNASSIGNED") == 0;
}

static unsigned check_range(unsigned first, unsigned last, const char *theirs) {
    unsigned different = 0;
    for (unsigned code_point = first; code_point <= last; code_point++) {
        const char *ours = names[xmppbind_property_of(code_point)];
        if (strcmp(ours, theirs) == 0)
            continue;
        if (!is_of_another_unicode(ours, theirs))
            fail_msg("U+%04X: %s instead of %s", code_point, ours, theirs);
        printf("# U+%04X: %s here, %s in Unicode 14\n", code_point, ours, theirs);
        different++;
    }
    return different;
}

static void all_code_points(void **state) {
    FILE *file = fopen("tests/data/precis-derived-14.0.txt", "r");
    char line[128], property[64];
    unsigned first, last, next = 0, different = 0;
    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        assert_int_equal(sscanf(line, "%x-%x %63[^/]", &first, &last, property), 3);
        assert_int_equal(first, next); /* nothing is left out */
        different += check_range(first, last, property);
        next = last + 1;
    }
    assert_int_equal(next, CODE_POINTS);
    printf("# %u of %d code points differ by their Unicode version\n", different, CODE_POINTS);
    assert_true(different < 20000); /* another version, not another table */
    fclose(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_code_points)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
