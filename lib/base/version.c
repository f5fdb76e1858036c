#include "xmppbind/base.h"

const char *xmppbind_version(void) {
    return XMPPBIND_VERSION;
}

uint32_t xmppbind_version_number(void) {
    return XMPPBIND_VERSION_NUMBER;
}
