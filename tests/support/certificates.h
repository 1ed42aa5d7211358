/* Certificates for servers of tests, made by the openssl program. */
#ifndef SUPPORT_CERTIFICATES_H
#define SUPPORT_CERTIFICATES_H

#include <stdbool.h>
#include <stddef.h>

/* authority.crt, and NAME.crt with NAME.key for loopback: good; expired; unknown, of another authority; itself, which
 * signs itself; elsewhere, of another host. In FOLDER/tls, which belongs to whom the folder does; its path goes to
 * `out`. False: see the log there. */
bool certificates_make(char *out, size_t size, const char *folder);

#endif
