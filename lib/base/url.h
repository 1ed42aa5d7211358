/* Web addresses that others gave and that will be shown to people (security.md F09, the part about storing). */
#ifndef HC__BASE_URL_H
#define HC__BASE_URL_H

#include <stddef.h>

#define HC__URL_LIMIT 2048 /* bytes */

/* Why an address may not be stored, as static text that goes on after the field's name ("must ..."); NULL: it may.
 *
 * Allowed is https://NAME[:PORT] and what follows, in visible ASCII (RFC 3986). NAME is a DNS name of two labels or
 * more whose last one starts with a letter and is none that stands for machines nearby. Numbers in place of a name are
 * refused in every notation, since decimal, octal, hexadecimal, short and mapped forms each were a way to a private
 * address; a page of photos needs a name anyway, for its certificate.
 *
 * A checker of ours, because it only ever refuses: what a URL library would have to repair or to resolve is not let in.
 * Whoever fetches an address has to look at what its name resolves to; the library fetches none. */
const char *hc__url_fault(const char *url, size_t size);

#endif
