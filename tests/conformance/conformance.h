/* The conformance suite of storage drivers: knows the driver interface and nothing else. Link it, give it a driver. */
#ifndef HC_CONFORMANCE_H
#define HC_CONFORMANCE_H

#include "homeconnect/driver/storage.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hc_conformance {
    size_t struct_size;
    const hc_storage_driver *driver;
    /* Writes the URI of a store that nobody wrote to yet. Called before each test; those of before may be dropped. */
    hc_status (*fresh)(char *uri, size_t size, void *data);
    void (*report)(const char *line, void *data); /* one line about what failed, and the totals */
    void *data;
    uint64_t seed;     /* of the random sequences; the report names it */
    int32_t sequences; /* of 5 to 40 operations each; 0: only the fixed cases */
    int32_t reserved;
} hc_conformance;

#define HC_CONFORMANCE_INIT                                                                                            \
    {                                                                                                                  \
        sizeof(hc_conformance), NULL, NULL, NULL, NULL, 0, 0, 0                                                        \
    }

/* Runs everything. The last line reported is "store NAME VERSION: N tests, N operations". Returns how many tests
 * failed. */
int hc_conformance_run(const hc_conformance *suite);

#ifdef __cplusplus
}
#endif

#endif
