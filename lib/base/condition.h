/* Which numbers are conditions. */
#ifndef XMPPBIND_BASE_CONDITION_H
#define XMPPBIND_BASE_CONDITION_H

#include "xmppbind/base.h"

/* Whether storage may reject something with it. */
static inline int xmppbind_condition_is_error(int condition) {
    return condition > XMPPBIND_CONDITION_NONE && condition <= XMPPBIND_CONDITION_LIST_IN_USE;
}

#endif
