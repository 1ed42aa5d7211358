/* A disk whose calls fail on purpose: a VFS of SQLite's before the real one, the default of this process while it is
 * on. */
#ifndef SUPPORT_DISK_H
#define SUPPORT_DISK_H

#include <stdbool.h>
#include <stdint.h>

typedef enum disk_op {
    DISK_OPEN,
    DISK_READ,
    DISK_WRITE, /* half of it is written all the same */
    DISK_SYNC,
    DISK_TRUNCATE,
    DISK_SIZE,
    DISK_DELETE,
    DISK_LOCK,
    DISK_MAP, /* of the index that connections share */
    DISK_OPS
} disk_op;

typedef enum disk_fault { DISK_IO, DISK_NO_SPACE } disk_fault; /* EIO, ENOSPC */

extern const char *const disk_ops[DISK_OPS]; /* their names */

void disk_on(void); /* nothing is open yet. Syncs do not reach the machine's disk: that would only take time */
/* The n-th call of this kind from now on fails (n = 1 is the next), alone or with all that follow. */
void disk_fail(disk_op op, int64_t n, bool and_after, disk_fault how);
/* Works again. Returns how many calls failed. */
int64_t disk_restore(void);
void disk_off(void);

/* Below SQLite: calls of the system that are interrupted, and reads and writes that end early, as POSIX lets them.
 * Returns how many did so since it was turned on. */
void disk_storm(uint64_t seed);
int64_t disk_calm(void);

#endif
