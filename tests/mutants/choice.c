/* Linked beside sources that grown.py wrote: which of their mutants is on (HC_MUTANT, a number; 0: none). And beside
 * sources that tell which of their blocks are run: at the end of each process these are put behind the file
 * HC_MUTANT_TRACE, each as its address from the beginning of the module. With HC_MUTANT_BLOCKS those that were not run,
 * too, with the highest bit. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define NOT_RUN (UINT64_C(1) << 63)

typedef struct block {
    uintptr_t address, flags;
} block;

extern const char __ehdr_start[]; /* the linker's: where the module begins */

void __sanitizer_cov_8bit_counters_init(uint8_t *first, uint8_t *end);
void __sanitizer_cov_pcs_init(const uintptr_t *first, const uintptr_t *end);

int hc__mutant;
static const uint8_t *counters, *counters_end;
static const block *blocks;

__attribute__((constructor)) static void choose(void)
{
    const char *number = getenv("HC_MUTANT");

    hc__mutant = number != NULL ? atoi(number) : 0;
}

/* Called by what the compiler put into the sources. */
void __sanitizer_cov_8bit_counters_init(uint8_t *first, uint8_t *end)
{
    counters = first;
    counters_end = end;
}

void __sanitizer_cov_pcs_init(const uintptr_t *first, const uintptr_t *end)
{
    (void)end;
    blocks = (const block *)first;
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("HC_MUTANT_TRACE");
    size_t count = (size_t)(counters_end - counters), told = 0;
    uint64_t *out = path != NULL && blocks != NULL ? malloc(count * sizeof *out) : NULL;
    int fd = out != NULL ? open(path, O_WRONLY | O_APPEND) : -1;

    for (size_t i = 0; fd >= 0 && i < count; i++)
        if (counters[i] != 0 || getenv("HC_MUTANT_BLOCKS") != NULL)
            out[told++] = (blocks[i].address - (uintptr_t)__ehdr_start) | (counters[i] != 0 ? 0 : NOT_RUN);
    if (fd >= 0 && write(fd, out, told * sizeof *out) < 0)
        abort();
    if (fd >= 0)
        (void)close(fd);
    free(out);
}
