/* A stanza as the flows see it. */
#include "lib/session/letter.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <string.h>

/* What is no address has no text that could be compared. */
static void test_no_address(void **state) {
    static const char *const texts[] = {"<iq to='@'/>", "<iq to='a@b/'/>", "<iq to=''/>", "<iq/>"};
    xmppbind_host *host = test_host(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct xmppbind_letter letter;
        xmlNode *node = test_node(texts[i]);
        memset(&letter, 'x', sizeof letter);
        assert_int_equal(xmppbind_letter_read(host, node, 0, &letter), XMPPBIND_OK);
        assert_int_not_equal(letter.to.result, XMPPBIND_OK);
        assert_string_equal(letter.to.jid, "");
        assert_string_equal(letter.to.bare, "");
        xmlFreeNode(node);
    }
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_address)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
