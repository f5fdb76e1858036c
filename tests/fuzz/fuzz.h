/* What the fuzz targets share. */
#ifndef XMPPBIND_TESTS_FUZZ_FUZZ_H
#define XMPPBIND_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* libxml2's messages about bad input are no news here. */
void fuzz_silence(void);

#endif
