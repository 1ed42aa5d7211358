/* Loadable modules, and network addresses as text: small things that only the operating system's library knows. */
#ifndef HC__BASE_MODULE_H
#define HC__BASE_MODULE_H

#include <stdbool.h>
#include "base/buf.h"

void *hc__module_open(const char *path); /* NULL when it is not there or does not load */
void *hc__module_symbol(void *module, const char *name);
void hc__module_close(void *module); /* NULL is fine */
/* Appends the folder that holds the shared library or program in which this function lies; nothing when that is unknown. */
void hc__module_folder(hc__buf *out);

/* The network of an IP address: /24 of IPv4, also one written as IPv6, /48 of IPv6. False when it is none. `out` holds
 * at least 46 bytes. */
bool hc__network_of(char *out, size_t size, const char *address);
/* Who is counted as one behind an address: an IPv4 host; a /64 of IPv6. The same rules. */
bool hc__peer_of(char *out, size_t size, const char *address);

#endif
