/* Addresses: preparing twice changes nothing (JID-6), a failure writes nothing, the parts fit together. The first octet
 * is the profile. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <xmppbind.h>

static void check_jid(int profile, const char *text, size_t size) {
    char prepared[XMPPBIND_JID_MAXIMUM + 1] = "\x7E", again[XMPPBIND_JID_MAXIMUM + 1];
    size_t length = 1, bare_length = 1, again_length = 0, again_bare = 0;
    int result = xmppbind_jid_prepare(profile, text, size, prepared, sizeof prepared, &length, &bare_length);
    if (result != XMPPBIND_OK) {
        if (prepared[0] != '\x7E' || prepared[1] != '\0')
            abort();
        return;
    }
    if (strlen(prepared) != length || bare_length > length || (bare_length < length && prepared[bare_length] != '/'))
        abort();
    if (xmppbind_jid_prepare(profile, prepared, length, again, sizeof again, &again_length, &again_bare) !=
            XMPPBIND_OK ||
        again_length != length || again_bare != bare_length || memcmp(again, prepared, length) != 0)
        abort();
    /* exactly as much room as is needed is enough, one octet less is refused */
    if (xmppbind_jid_prepare(profile, text, size, again, length + 1, &again_length, &again_bare) != XMPPBIND_OK ||
        xmppbind_jid_prepare(profile, text, size, again, length, &again_length, &again_bare) !=
            XMPPBIND_ERROR_INVALID_ARGUMENT)
        abort();
}

static void check_resource(int profile, const char *text, size_t size) {
    char prepared[XMPPBIND_PART_MAXIMUM + 1], again[XMPPBIND_PART_MAXIMUM + 1];
    size_t length = 0, again_length = 0;
    if (xmppbind_resource_prepare(profile, text, size, prepared, sizeof prepared, &length) != XMPPBIND_OK)
        return;
    if (length == 0 || strlen(prepared) != length ||
        xmppbind_resource_prepare(profile, prepared, length, again, sizeof again, &again_length) != XMPPBIND_OK ||
        again_length != length || memcmp(again, prepared, length) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    /* a copy without a terminator, so that reading beyond the end is seen */
    char *exact = malloc(size == 1 ? 1 : size - 1);
    if (exact == NULL)
        abort();
    memcpy(exact, data + 1, size - 1);
    check_jid(data[0] & 1, exact, size - 1);
    check_resource(data[0] & 1, exact, size - 1);
    free(exact);
    return 0;
}
