/* Linked beside sources that grown.py wrote: which of their mutants is on (HC_MUTANT, a number; 0: none), and which of
 * their functions were entered (HC_MUTANT_TRACE, a file of a byte for each). */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define FUNCTIONS 4096

static unsigned char nobody_asks[FUNCTIONS];

int hc__mutant;
unsigned char *hc__mutant_entered = nobody_asks;

__attribute__((constructor)) static void choose(void)
{
    const char *number = getenv("HC_MUTANT"), *trace = getenv("HC_MUTANT_TRACE");
    int fd = trace != NULL ? open(trace, O_RDWR) : -1;
    void *shared = fd >= 0 ? mmap(NULL, FUNCTIONS, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;

    if (shared != MAP_FAILED)
        hc__mutant_entered = shared;
    if (fd >= 0)
        (void)close(fd);
    hc__mutant = number != NULL ? atoi(number) : 0;
}
