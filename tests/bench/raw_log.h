/* Log entries by hand on SQLite: the other side of bar 6d. */
#ifndef TESTS_BENCH_RAW_LOG_H
#define TESTS_BENCH_RAW_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct raw_log_entry {
    const char *action;
    const uint8_t *target; /* 16 bytes */
    const char *session;
    int seconds; /* "duration_seconds" of its metadata */
};

struct raw_log;
struct raw_log *raw_log_open(const char *path);
void raw_log_close(struct raw_log *log);
/* All in one transaction, each for a listing that its user may see. */
bool raw_log_many(struct raw_log *log, const struct raw_log_entry *entries, size_t count, const uint8_t user[16],
                  const char *network, int64_t now);

#endif
