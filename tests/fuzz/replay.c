/* Runs a target without libFuzzer: replay FOLDER [COUNT [SEED]]. Each file of the corpus, then with each allocation
 * failing in turn, then COUNT mutations that only the seed decides. First, with FUZZ_BUG=name, that a seeded bug ends a
 * process which does so. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#define INPUT_LIMIT ((size_t)64 << 10)
#define FILE_LIMIT  200
#define GROWTH      256

typedef struct input {
    uint8_t *bytes;
    size_t size;
} input;

static input files[FILE_LIMIT];
static size_t file_count;
static uint64_t state = 1;
static uint8_t work[INPUT_LIMIT + GROWTH];
static size_t work_size;
static char last_name[64];

static uint64_t next(void)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static size_t below(size_t limit)
{
    return limit == 0 ? 0 : (size_t)(next() % limit);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool load(const char *folder, const char *name)
{
    char path[4096];
    FILE *file;
    input *to = &files[file_count];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (file == NULL)
        return false;
    to->size = fread(work, 1, INPUT_LIMIT, file);
    fclose(file);
    to->bytes = malloc(to->size + 1);
    FUZZ_ASSERT(to->bytes != NULL);
    memcpy(to->bytes, work, to->size);
    file_count++;
    return true;
}

static bool load_all(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_visible, by_name);
    bool good = count > 0 && count <= FILE_LIMIT;

    for (int i = 0; i < count; i++) {
        good = good && load(folder, entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return good;
}

/* Written before the run, so that an input that ends the program can be looked at. */
static void keep(const uint8_t *bytes, size_t size)
{
    FILE *file = last_name[0] == '\0' ? NULL : fopen(last_name, "wb");

    if (file == NULL)
        return;
    fwrite(bytes, 1, size, file);
    fclose(file);
}

static void run(const uint8_t *bytes, size_t size)
{
    keep(bytes, size);
    LLVMFuzzerTestOneInput(bytes, size);
}

static void run_with_failures(const input *file)
{
    memcpy(work, file->bytes, file->size);
    for (int n = 1; n < 60 && file->size >= 2; n++) {
        work[0] = (uint8_t)('0' + n / 10);
        work[1] = (uint8_t)('0' + n % 10);
        run(work, file->size);
    }
}

static void insert(size_t at, const uint8_t *bytes, size_t size)
{
    if (work_size + size > INPUT_LIMIT)
        return;
    memmove(work + at + size, work + at, work_size - at);
    memcpy(work + at, bytes, size);
    work_size += size;
}

static void mutate(void)
{
    static const char marks[] = "\0\"'\\,;:.-+{}[]()\r\n \t%&=09azAZ\x7f\x80\xc3\xed\xff";
    const input *other = &files[below(file_count)];
    size_t at = below(work_size), size = below(16), from = below(other->size);
    uint8_t byte;

    switch (below(7)) {
    case 0:
        if (work_size > 0)
            work[at] ^= (uint8_t)(1u << below(8));
        break;
    case 1:
        if (work_size > 0)
            work[at] = (uint8_t)marks[below(sizeof(marks) - 1)];
        break;
    case 2:
        byte = (uint8_t)marks[below(sizeof(marks) - 1)];
        insert(at, &byte, 1);
        break;
    case 3:
        size = size < work_size - at ? size : work_size - at;
        memmove(work + at, work + at + size, work_size - at - size);
        work_size -= size;
        break;
    case 4: /* a piece of another input */
        size = below(GROWTH);
        insert(at, other->bytes + from, size < other->size - from ? size : other->size - from);
        break;
    case 5: /* one byte again and again */
        byte = work_size == 0 ? '0' : work[at];
        while (size-- > 0)
            insert(at, &byte, 1);
        break;
    default: /* another end */
        work_size = at;
        insert(at, other->bytes + from, other->size - from);
        break;
    }
}

static void run_mutations(long count)
{
    for (long runs = 0; runs < count; runs++) {
        const input *file = &files[below(file_count)];

        memcpy(work, file->bytes, file->size);
        work_size = file->size;
        for (size_t changes = 1 + below(4); changes > 0; changes--)
            mutate();
        run(work, work_size);
    }
}

#define NOTICED 3 /* how a process ends that notices */

int __llvm_profile_write_file(void) __attribute__((weak));

/* What was run counts, also of who is ended (tests/coverage.floors). */
static void notice(int number)
{
    (void)number;
    if (__llvm_profile_write_file != NULL)
        (void)__llvm_profile_write_file();
    _exit(NOTICED);
}

static bool bug_is_noticed(const char *bug, long count)
{
    pid_t child = fork();
    int status = 0, nowhere;

    if (child == 0) {
        nowhere = open("/dev/null", O_WRONLY);
        (void)dup2(nowhere, STDERR_FILENO);
        (void)signal(SIGABRT, notice);
        setenv("HC_BUG", bug, 1);
        for (size_t i = 0; i < file_count; i++)
            run(files[i].bytes, files[i].size);
        run_mutations(count);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == NOTICED;
}

int main(int argc, char **argv)
{
    long count = argc > 2 ? strtol(argv[2], NULL, 10) : 3000;
    const char *bug = getenv("FUZZ_BUG");

    if (argc < 2 || !load_all(argv[1])) {
        fprintf(stderr, "replay FOLDER [COUNT [SEED]]: a folder of 1 to %d inputs\n", FILE_LIMIT);
        return 2;
    }
    state = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    snprintf(last_name, sizeof(last_name), "%s", getenv("FUZZ_KEEP") == NULL ? "" : getenv("FUZZ_KEEP"));
    if (bug != NULL && !bug_is_noticed(bug, count)) {
        fprintf(stderr, "HC_BUG=%s was not found\n", bug);
        return 1;
    }
    if (bug != NULL)
        printf("HC_BUG=%s found\n", bug);
    for (size_t i = 0; i < file_count; i++) {
        run(files[i].bytes, files[i].size);
        run_with_failures(&files[i]);
    }
    run_mutations(count);
    printf("%s: %zu inputs, %ld mutations\n", argv[1], file_count, count);
    for (size_t i = 0; i < file_count; i++)
        free(files[i].bytes);
    return 0;
}
