/* Memory that runs out for libraries below ours: what they ask the C library for goes through here, by their own tables
 * of imported functions, so that nobody else's requests do. On x86-64 with glibc. */
#ifndef SUPPORT_FOREIGN_H
#define SUPPORT_FOREIGN_H

#include <stdbool.h>
#include <stdint.h>

/* For each loaded library whose file name has `name` in it. Returns how many places were turned; 0: it is not here. */
int foreign_wrap(const char *name);
/* The n-th request from now on fails (n = 1 is the next), alone or with all that follow. */
void foreign_fail(int64_t n, bool and_after);
/* Back to normal. Returns how many requests were refused. */
int64_t foreign_restore(void);

#endif
