/* A host that loads the library when it wants it, and lets it go: nothing stays behind, and two copies do not meet. The
 * program itself is not linked to it. */
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "homeconnect/client.h"
#include "homeconnect/session.h"
#include "suite.h"

#define TIMES     1000
#define OPEN_EACH 10  /* loads: a store is opened */
#define WARM      100 /* loads: what the loader and the libraries below keep is there then */
#define LEAK      (64 << 10)

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static int64_t memory_now(void)
{
    if (__sanitizer_get_current_allocated_bytes != NULL)
        return (int64_t)__sanitizer_get_current_allocated_bytes();
    return (int64_t)mallinfo2().uordblks;
}

/* Another one where a run asks whether this test tells a library that is wrong. */
static const char *library_path(void)
{
    const char *asked = getenv("HC_TEST_LIBRARY");

    return asked != NULL ? asked : HC_LIBRARY;
}

static int64_t lines_of(const char *path, const char *with)
{
    FILE *file = fopen(path, "r");
    char line[1024];
    int64_t count = 0;

    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL)
        count += strstr(line, with) != NULL;
    fclose(file);
    return count;
}

static int64_t next_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    close(fd);
    return fd;
}

/* What of the library this program uses. */
struct library {
    void *handle;
    hc_status (*open)(hc_client **out, const hc_client_options *options, hc_error *err);
    void (*close)(hc_client *client);
    hc_status (*system)(hc_session **out, hc_client *client, hc_error *err);
    void (*free)(hc_session *session);
};

static void take(void *function, size_t size, void *handle, const char *name)
{
    void *symbol = dlsym(handle, name);

    ck_assert_msg(symbol != NULL, "%s", name);
    memcpy(function, &symbol, size); /* ISO C has no cast from an object pointer to a function */
}

static struct library load(const char *path)
{
    struct library out = {dlopen(path, RTLD_NOW | RTLD_LOCAL), NULL, NULL, NULL, NULL};

    ck_assert_msg(out.handle != NULL, "%s", dlerror());
    take(&out.open, sizeof out.open, out.handle, "hc_client_open");
    take(&out.close, sizeof out.close, out.handle, "hc_client_close");
    take(&out.system, sizeof out.system, out.handle, "hc_session_system");
    take(&out.free, sizeof out.free, out.handle, "hc_session_free");
    return out;
}

static hc_client *open_store(const struct library *library, const char *uri)
{
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    hc_client *client = NULL;
    hc_error err = {0};

    options.storage_uri = uri;
    ck_assert_msg(library->open(&client, &options, &err) >= 0, "%s: %s", uri, err.message);
    return client;
}

static void use(const struct library *library)
{
    hc_client *client = open_store(library, "sqlite::memory:");
    hc_session *as = NULL;
    hc_error err = {0};

    ck_assert_msg(library->system(&as, client, &err) >= 0, "%s", err.message);
    library->free(as);
    library->close(client);
}

/* S45 */
START_TEST(the_library_is_loaded_and_unloaded_a_thousand_times)
{
    int64_t memory = 0, descriptors = 0, maps = 0;

    for (int i = 0; i < TIMES; i++) {
        struct library library = load(library_path());

        if (i % OPEN_EACH == 0)
            use(&library);
        ck_assert_int_eq(dlclose(library.handle), 0);
        ck_assert_ptr_null(dlopen(library_path(), RTLD_NOW | RTLD_NOLOAD));
        if (i == WARM) {
            memory = memory_now();
            descriptors = next_descriptor();
            maps = lines_of("/proc/self/maps", "");
        }
    }
    ck_assert_int_eq(lines_of("/proc/self/maps", "libhomeconnect"), 0);
    ck_assert_int_eq(next_descriptor(), descriptors);
    ck_assert_int_le(memory_now(), memory + LEAK);
    printf("loaded and unloaded %d times, %" PRId64 " bytes and %" PRId64 " mappings more than after %d\n", TIMES,
           memory_now() - memory, lines_of("/proc/self/maps", "") - maps, WARM);
}
END_TEST

static const char *const modules[] = {"postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=2",
                                      "mysql://nobody@127.0.0.1:1/nothing", "mongodb://127.0.0.1:1/nothing"};

/* Where nobody listens: a store is asked at once, one of documents when they are wanted. */
static void ask_for(const struct library *library, const char *uri)
{
    static const uint8_t key[HC_SECRET_KEY_SIZE] = {1};
    bool of_documents = strncmp(uri, "mongodb:", 8) == 0;
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    hc_client *client = NULL;
    hc_error err = {0};
    hc_status status;

    options.secret_key = key;
    options.storage_uri = of_documents ? "sqlite::memory:" : uri;
    options.document_uri = of_documents ? uri : NULL;
    status = library->open(&client, &options, &err);
    ck_assert_msg(status == (of_documents ? HC_OK : HC_ERR_UNAVAILABLE) || status == HC_ERR_UNSUPPORTED, "%s: %d %s",
                  uri, status, err.message);
    ck_assert((client != NULL) == (status == HC_OK));
    library->close(client);
}

/* S45: a driver that is a module stays, whatever its libraries below hold, and is there once. */
START_TEST(drivers_that_are_modules_are_loaded_once)
{
    int64_t memory = 0, loaded = 0, descriptors = 0;

    for (int i = 0; i < TIMES / 10; i++) {
        struct library library = load(library_path());

        for (size_t k = 0; k < sizeof modules / sizeof modules[0]; k++)
            ask_for(&library, modules[k]);
        ck_assert_int_eq(dlclose(library.handle), 0);
        if (i == TIMES / 20) {
            memory = memory_now();
            loaded = lines_of("/proc/self/maps", "homeconnect-driver");
            descriptors = next_descriptor();
        }
    }
    ck_assert_int_eq(lines_of("/proc/self/maps", "homeconnect-driver"), loaded);
    ck_assert_int_eq(next_descriptor(), descriptors);
    ck_assert_int_le(memory_now(), memory + LEAK);
    printf("drivers asked for %d times, %" PRId64 " bytes more than after half of them\n", TIMES / 10,
           memory_now() - memory);
}
END_TEST

/* S44: what a driver's library ignores when it begins, the host does not. */
START_TEST(a_driver_leaves_signals_to_the_host)
{
    struct library library = load(HC_LIBRARY);

    signal(SIGPIPE, SIG_DFL);
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        struct sigaction now;

        ask_for(&library, modules[i]);
        ck_assert_int_eq(sigaction(SIGPIPE, NULL, &now), 0);
        ck_assert_msg(now.sa_handler == SIG_DFL, "%s: SIGPIPE is handled otherwise", modules[i]);
    }
    ck_assert_int_eq(dlclose(library.handle), 0);
}
END_TEST

static void copy_file(const char *from, const char *to)
{
    static unsigned char bytes[1 << 16];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");

    ck_assert(in != NULL && out != NULL);
    for (size_t got = 1; got > 0;) {
        got = fread(bytes, 1, sizeof bytes, in);
        ck_assert_uint_eq(fwrite(bytes, 1, got, out), got);
    }
    fclose(in);
    fclose(out);
}

/* S45: each copy has its own names, and one goes while the other works. */
START_TEST(two_copies_of_the_library_do_not_meet)
{
    const char *base = getenv("TMPDIR");
    char folder[256], copy[300];
    struct library first, second;
    hc_client *one, *other;
    hc_session *as = NULL;
    hc_error err = {0};

    snprintf(folder, sizeof folder, "%s/load-XXXXXX", base == NULL ? "/tmp" : base);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(copy, sizeof copy, "%s/copy.so", folder);
    copy_file(library_path(), copy);
    first = load(library_path());
    second = load(copy);
    ck_assert_ptr_ne(dlsym(first.handle, "hc_client_open"), dlsym(second.handle, "hc_client_open"));
    one = open_store(&first, "sqlite::memory:");
    other = open_store(&second, "sqlite::memory:");
    first.close(one);
    ck_assert_int_eq(dlclose(first.handle), 0);
    ck_assert_msg(second.system(&as, other, &err) >= 0, "%s", err.message);
    second.free(as);
    second.close(other);
    ck_assert_int_eq(dlclose(second.handle), 0);
    ck_assert_int_eq(remove(copy), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(the_harness_finds_memory_that_stays)
{
    ck_assert(suite_finds("leak", "drivers_that_are_modules_are_loaded_once", "memory_now() <= memory"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_library_is_loaded_and_unloaded_a_thousand_times);
    tcase_add_test(tcase, drivers_that_are_modules_are_loaded_once);
    tcase_add_test(tcase, the_harness_finds_memory_that_stays);
    tcase_add_test(tcase, a_driver_leaves_signals_to_the_host);
    tcase_add_test(tcase, two_copies_of_the_library_do_not_meet);
}

int main(void)
{
    return suite_main("fault.load", fill, NULL, NULL);
}
