/* Empty stores to copy to: a file in the house's folder, or a schema of a server's database. */
#ifndef SUPPORT_PLACE_H
#define SUPPORT_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct place {
    const char *engine;
    char name[320]; /* of the file, or of the schema */
    char uri[640];
} place;

/* The engines that this run has, and what it says of those that it has not. */
size_t place_engines(const char *const **out);
void place_make(place *out, const char *engine);
int64_t place_number(const place *at, const char *sql); /* the first value of the first row */
void place_drop(place *at);

#endif
