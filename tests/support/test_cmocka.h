/* cmocka wants these headers before its own. */
#ifndef XMPPBIND_TESTS_SUPPORT_TEST_CMOCKA_H
#define XMPPBIND_TESTS_SUPPORT_TEST_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
