/* A machine that loses power: a SQLite VFS that becomes the default and remembers, for each file below a folder, what
 * was synced and what was written since. At a chosen moment it writes an image of what the disk could hold then. */
#ifndef SUPPORT_POWER_H
#define SUPPORT_POWER_H

#include <stdbool.h>
#include <stdint.h>

/* What of the unsynced writes the image holds. */
typedef enum power_loss {
    POWER_LOSES_ALL,  /* nothing */
    POWER_LOSES_SOME, /* any of them, in any order, as a disk with a cache does */
    POWER_TEARS       /* any of them, cut at a sector of 512 bytes */
} power_loss;

/* Before anything opens a database. Forgets what was remembered before. */
void power_on(const char *folder, uint64_t seed);
/* At the moment'th write, sync, truncation or removal from now on, the image is written into `image` (a folder that
 * exists), and `cut` is called. */
void power_cut_at(int64_t moment, power_loss loss, const char *image, void (*cut)(void *data), void *data);
int64_t power_moments(void); /* since power_on() */
bool power_is_cut(void);
void power_off(void);

#endif
