/* The one way into libsodium's base64 decoder. */
#ifndef HC__CRYPTO_BASE64_H
#define HC__CRYPTO_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes the whole canonical text or nothing. `variant` is libsodium's. False also when it does not fit. */
bool hc__base64_read(uint8_t *out, size_t capacity, size_t *got, const char *text, size_t size, int variant);

#endif
