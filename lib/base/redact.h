/* Secrets out of text that is kept or logged (security.md, log redaction): by the name of what holds them, and by how
 * they look. */
#ifndef HC__BASE_REDACT_H
#define HC__BASE_REDACT_H

#include <stdbool.h>
#include "base/buf.h"

#define HC__REDACTED "***"

/* Whether a value under this name is a secret: a password, token, secret, cookie, signature, key or credential in any
 * spelling, such as "X-Api-Key" or "accessToken". */
bool hc__secret_name(const char *name, size_t size);
/* Appends the text with what looks like a secret replaced: JSON web tokens, what follows "Bearer" or "Basic", what
 * follows the name of a secret and '=' or ':', quoted, spaced and percent-encoded or not, as in the query of a presigned
 * URL or in JSON, and the user and password of a URL. */
void hc__redact_text(hc__buf *out, const char *text, size_t size);

#endif
