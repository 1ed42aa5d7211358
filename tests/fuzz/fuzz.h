/* What the targets share. An input begins with two digits: which allocation of the run fails ("00": none). */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "failing.h"
#include "homeconnect/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stops the program, so that fuzzer and replay keep the input. */
#define FUZZ_ASSERT(condition)                                                                                         \
    ((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), abort()))

typedef struct fuzz {
    const char *text; /* what is left of the input: a block of its own, NUL-terminated, so that a read beyond is seen */
    size_t size;
    char *block;
    failing state;
    hc__mem mem;   /* counts, and fails as the input says */
    hc__mem plain; /* the C library's, for what is only to check */
    hc_error err;
} fuzz;

/* False: the input is too short for a run. */
static inline bool fuzz_begin(fuzz *run, const uint8_t *data, size_t size)
{
    hc_allocator allocator;

    memset(run, 0, sizeof(*run));
    if (size < 2)
        return false;
    run->state.fail_at = (uint8_t)(data[0] - '0') * 10 + (uint8_t)(data[1] - '0');
    allocator = failing_allocator(&run->state);
    FUZZ_ASSERT(hc__mem_init(&run->mem, &allocator, NULL) == HC_OK && hc__mem_init(&run->plain, NULL, NULL) == HC_OK);
    run->size = size - 2;
    run->block = malloc(run->size + 1);
    FUZZ_ASSERT(run->block != NULL);
    memcpy(run->block, data + 2, run->size);
    run->block[run->size] = '\0';
    run->text = run->block;
    return true;
}

/* Everything was released. */
static inline int fuzz_end(fuzz *run)
{
    FUZZ_ASSERT(run->state.live == 0);
    free(run->block);
    return 0;
}

/* One byte off the front, 0 when nothing is left. */
static inline uint8_t fuzz_byte(fuzz *run)
{
    if (run->size == 0)
        return 0;
    run->size--;
    return (uint8_t)*run->text++;
}

/* Cuts the rest at the first `mark`: the head, NUL-terminated, is returned, and the rest is what follows. */
static inline const char *fuzz_cut(fuzz *run, const char *mark, size_t *size)
{
    const char *head = run->text;
    const char *at = memmem(run->text, run->size, mark, strlen(mark));
    size_t skip = at == NULL ? 0 : strlen(mark);

    *size = at == NULL ? run->size : (size_t)(at - head);
    run->block[head - run->block + (ptrdiff_t)*size] = '\0';
    run->text += *size + skip;
    run->size -= *size + skip;
    return head;
}

/* An outcome is told as the interface promises: status, field and one line of UTF-8; a lack of memory as just that. */
static inline void fuzz_outcome(const fuzz *run, hc_status status)
{
    const hc_error *err = &run->err;

    FUZZ_ASSERT((run->state.failed > 0) == (status == HC_ERR_NO_MEMORY));
    if (status >= 0)
        return;
    FUZZ_ASSERT(err->status == status);
    FUZZ_ASSERT(memchr(err->message, 0, sizeof(err->message)) != NULL && memchr(err->field, 0, sizeof(err->field)));
    FUZZ_ASSERT(err->message[0] != '\0' && hc__utf8_check(err->message, strlen(err->message), NULL));
    FUZZ_ASSERT(strpbrk(err->message, "\r\n") == NULL);
    FUZZ_ASSERT(hc__utf8_check(err->field, strlen(err->field), NULL));
    if (status == HC_ERR_INVALID || status == HC_ERR_TOO_LARGE || status == HC_ERR_FORBIDDEN)
        FUZZ_ASSERT(err->field[0] != '\0');
}

/* What a target did beside a model, for the ledger (run). */
static inline void fuzz_operations(int64_t count)
{
    fprintf(stderr, "stat::operations: %lld\n", (long long)count);
}

/* Sizes of pieces from one byte: 0 is everything at once, else a fixed sequence of sizes from 0 to 15. */
static inline size_t fuzz_piece(uint32_t *state, size_t left)
{
    size_t size;

    if (*state == 0)
        return left;
    *state = *state * 1664525u + 1013904223u;
    *state += *state == 0;
    size = *state >> 28;
    return size < left ? size : left;
}

#endif
