/**
 * @file conformance.h  What every storage driver must do, as tests that anyone can run on theirs.
 *
 * A static library of its own, not part of homeconnect: CMake's HomeConnect::conformance, pkg-config's
 * homeconnect-conformance. It knows homeconnect/driver/storage.h and nothing else. Link it, give it a driver, run it.
 */
#ifndef HOMECONNECT_DRIVER_CONFORMANCE_H
#define HOMECONNECT_DRIVER_CONFORMANCE_H

#include "homeconnect/driver/storage.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an engine may be like without being wrong. Each is proved: a driver that declares one and does not have it
 * fails, as does one that has it and does not declare it. */
#define HC_QUIRK_ONE_CONNECTION 0x1u /**< A store has one connection; a second is refused while it is open. */
#define HC_QUIRK_ONE_WRITER     0x2u /**< A transaction that may write waits for the one before it: HC_CAP_ONE_WRITER. */
#define HC_QUIRK_NO_DEADLOCK    0x4u  /**< Two units that wait for each other are not found; a deadline ends them. */
#define HC_QUIRK_NO_BACKUP      0x8u  /**< No backup slot, no HC_CAP_BACKUP. */
#define HC_QUIRK_VOLATILE       0x10u /**< What is in a store goes when it is closed. */
#define HC_QUIRK_WORDS_LATE     0x20u /**< HC_TEST_MATCH finds the words of a transaction's own rows after its commit. */
#define HC_QUIRK_UTF16_ORDER    0x40u /**< Text is compared by UTF-16: what is past U+FFFF comes before U+E000. */

/* What a test is going to do with its store. */
#define HC_FRESH_CONNECTIONS 0x1u /**< Open several connections. */
#define HC_FRESH_REOPEN      0x2u /**< Close it and open it again. */

/**
 * A driver, and how to try it.
 *
 * A driver with HC_CAP_TRANSACTIONS is tried with everything. One without them is tried with the part that document
 * kinds need (HC_KIND_DOCUMENT): operations that stand alone, on one kind, without EXISTS, words and the order of bytes,
 * and unique indexes of which a single field may be null; and it must answer HC_BATCH_BEGIN with HC_ERR_UNSUPPORTED.
 */
typedef struct hc_conformance {
    size_t struct_size;
    const hc_storage_driver *driver; /**< What is tried. */
    /** Writes the URI of a store that nobody wrote to yet. Called before each test; those of before may be dropped.
     *  `use` is HC_FRESH_ bits, for who has a cheaper store that serves one connection. */
    hc_status (*fresh)(char *uri, size_t size, uint32_t use, void *data);
    void (*report)(const char *line, void *data); /**< One line about what failed, what was counted, and the totals. */
    void *data;                                   /**< Goes to fresh, report and copy. */
    uint64_t seed;                                /**< Of the random sequences; the report names it. */
    int32_t sequences; /**< Of 5 to 40 operations each; 0: only the fixed cases. From 2,000 on each operation must have
                            succeeded 500 times and failed 20 times in each way there is; with fewer, in proportion. */
    uint32_t quirks;   /**< HC_QUIRK_ */
    /** Writes a path that is free for a backup, and the URI that opens it; NULL only with HC_QUIRK_NO_BACKUP. */
    hc_status (*copy)(char *path, size_t path_size, char *uri, size_t uri_size, void *data);
} hc_conformance;

/** Positional: only the size is set. */
#define HC_CONFORMANCE_INIT                                                                                            \
    {                                                                                                                  \
        sizeof(hc_conformance), NULL, NULL, NULL, NULL, 0, 0, 0, NULL                                                  \
    }

/**
 * Run the suite: fixed cases, then random sequences against a model in memory, on one connection, on three whose
 * transactions interleave, and on threads that race. Starts threads and ends them.
 *
 * The last line reported is "store NAME VERSION: N tests, N operations".
 *
 * @return How many tests failed; 0: the driver conforms. Each was reported as a line that starts with "FAILED". 1, with
 *         nothing run, when `suite` lacks a driver or a callback, or asks for what this version does not have.
 * @note One thread. Blocks. Since 0.1.
 */
int32_t hc_conformance_run(const hc_conformance *suite);

#ifdef __cplusplus
}
#endif

#endif
