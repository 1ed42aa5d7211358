/* A file system that is full under calls on every noun, and files that may not grow: refused as such, nothing half
 * there, and all goes on once there is space again. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* unshare() */
#endif
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "homeconnect/import.h"
#include "whole.h"

#define ROWS  400
#define TRIES 3 /* of each call in an ordinary run */

static uint64_t random_state;

static int64_t draw(int64_t below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((random_state >> 33) % (uint64_t)below);
}

/* ---- two ways to have no space ---- */

static char ballast[320];

static void write_map(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd >= 0 && write(fd, text, strlen(text)) < 0)
        perror(path);
    if (fd >= 0)
        close(fd);
}

/* A small file system at the house's folder, seen by this process alone. */
static bool mount_small(void)
{
    unsigned user = (unsigned)geteuid();
    char map[64];

    if (unshare(CLONE_NEWNS) != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
            return false;
        snprintf(map, sizeof map, "0 %u 1", user);
        write_map("/proc/self/uid_map", map);
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("small", house.folder, "tmpfs", 0, "size=12m,mode=0700") != 0)
        return false;
    snprintf(ballast, sizeof ballast, "%s/ballast", house.folder);
    return true;
}

static void unmount_small(void)
{
    ck_assert_int_eq(umount2(house.folder, MNT_DETACH), 0);
}

static void fill_but(int64_t bytes)
{
    int fd = open(ballast, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct statvfs space;
    struct stat info;
    off_t size;

    ck_assert(fd >= 0 && fstatvfs(fd, &space) == 0 && fstat(fd, &info) == 0);
    size = info.st_size + (off_t)(space.f_bavail * space.f_frsize) - (off_t)bytes;
    ck_assert_int_eq(ftruncate(fd, 0), 0);
    ck_assert(size <= 0 || posix_fallocate(fd, 0, size) == 0);
    close(fd);
}

static void empty_it(void)
{
    (void)remove(ballast);
}

/* No file grows over what its log has, give or take; SIGXFSZ is the host's to ignore. */
static void limit_files(int64_t bytes)
{
    struct rlimit limit;
    struct stat info;
    char log[340];

    snprintf(log, sizeof log, "%s-wal", house.path);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = (rlim_t)(bytes + (stat(log, &info) == 0 ? draw(info.st_size + 1) : 0));
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void no_limit(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static const struct way {
    const char *name;
    void (*take)(int64_t bytes); /* leaves about so much space */
    void (*give)(void);
} ways[] = {{"a small file system", fill_but, empty_it}, {"a limit on files", limit_files, no_limit}};

/* False, and the reason printed, where this machine has no such way. */
static bool open_house(const struct way *way)
{
    house_set_time(HOUSE_START);
    house_folder();
    if (way->take == fill_but && !mount_small()) {
        printf("skip: no small file system may be mounted here: %s\n", strerror(errno));
        fflush(stdout);
        house_remove();
        return false;
    }
    signal(SIGXFSZ, SIG_IGN);
    random_state = whole_seed();
    house_client();
    whole_furnish();
    return true;
}

static void close_house(const struct way *way)
{
    whole_leave();
    if (way->take == fill_but)
        unmount_small();
    house_close();
}

/* ---- single calls ---- */

static int64_t tried, refused;

static void try(const struct way *way, const noun_call *call)
{
    int64_t left = draw(10) * 4096;
    hc_error err = {0};
    hc_status status;
    const char *wrong;

    whole_prepare(call);
    way->take(left);
    status = call->run(&err);
    way->give();
    tried++;
    refused += status < 0;
    ck_assert_msg(status >= 0 || (status == HC_ERR_NO_SPACE && err.status == status), "%s, %s, %" PRId64 " left: %s %s",
                  way->name, call->name, left, hc_status_name(status), err.message);
    wrong = whole_compare(call, status, &err, NULL);
    ck_assert_msg(wrong == NULL, "%s, %s, %" PRId64 " left: %s", way->name, call->name, left, wrong);
    if (status < 0) {
        nouns_prepare(call);
        HOUSE_OK(call->run(err));
    }
}

/* S04 */
START_TEST(calls_without_space_are_refused_and_go_on_when_there_is_some)
{
    const struct way *way = &ways[_i];
    int tries = whole_is_long() ? 100 : TRIES;

    if (!open_house(way))
        return;
    for (int i = 0; i < noun_call_count; i++) {
        whole_learn(&noun_calls[i]);
        for (int k = 0; k < tries; k++)
            try(way, &noun_calls[i]);
    }
    ck_assert_int_gt(refused, 0);
    whole_reopen();
    close_house(way);
    printf("%s: %" PRId64 " calls, %" PRId64 " refused for no space\n", way->name, tried, refused);
}
END_TEST

/* ---- an import ---- */

static hc_status import_rows(hc_import_counts *counts, hc_error *err)
{
    hc_import_options options = HC_IMPORT_OPTIONS_INIT;
    char path[330];

    snprintf(path, sizeof path, "%s/many.csv", house.folder);
    options.path = path;
    options.batch = 40;
    options.format = HC_FORMAT_CSV;
    options.mapping =
        "{\"source_system\":\"space\",\"key\":\"key\",\"fields\":{\"title\":\"title\",\"price\":\"price\","
        "\"description\":\"text\",\"address\":{\"const\":\"1 A St\"},\"city\":{\"const\":\"Reno\"},"
        "\"state\":{\"const\":\"NV\"},\"zip_code\":{\"const\":\"89501\"},\"property_type\":{\"const\":"
        "\"condo\"}}}";
    return hc_import_run(counts, house.ana, &options, err);
}

static void write_rows(void)
{
    char path[330];
    FILE *file;

    snprintf(path, sizeof path, "%s/many.csv", house.folder);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("key,title,price,text\n", file);
    for (int i = 0; i < ROWS; i++) {
        fprintf(file, "k%d,Imported,1000.50,", i);
        for (int word = 0; word < 100; word++)
            fprintf(file, "word%d ", i * 100 + word);
        fputc('\n', file);
    }
    fclose(file);
}

/* S04: in the middle of an import; who has space again imports the rest. */
START_TEST(an_import_without_space_ends_between_batches_and_goes_on_later)
{
    const struct way *way = &ways[_i];
    hc_import_counts counts = {0};
    hc_error err = {0};
    int64_t there;
    const char *wrong;

    if (!open_house(way))
        return;
    write_rows();
    way->take(400 << 10);
    ck_assert_int_eq(import_rows(&counts, &err), HC_ERR_NO_SPACE);
    way->give();
    there = house_sql("SELECT count(*) FROM properties WHERE source_system='space'");
    ck_assert_msg(there < ROWS && there % 40 == 0, "%" PRId64 " rows are there", there);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM import_rows WHERE source_system='space'"), there);
    wrong = whole_file();
    ck_assert_msg(wrong == NULL, "%s", wrong);
    HOUSE_OK(import_rows(&counts, err));
    ck_assert_int_eq(counts.created, ROWS - there);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE source_system='space'"), ROWS);
    whole_reopen();
    close_house(way);
    printf("%s: an import ended after %" PRId64 " of %d rows, and went on\n", way->name, there, ROWS);
}
END_TEST

START_TEST(the_harness_finds_a_failed_commit_that_is_acknowledged)
{
    ck_assert(suite_finds("ack-failed-commit", "calls_without_space_are_refused_and_go_on_when_there_is_some",
                          "what was acknowledged is not there"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, calls_without_space_are_refused_and_go_on_when_there_is_some, 0, 2);
    tcase_add_test(tcase, the_harness_finds_a_failed_commit_that_is_acknowledged);
    tcase_add_loop_test(tcase, an_import_without_space_ends_between_batches_and_goes_on_later, 0, 2);
}

int main(void)
{
    return suite_main("fault.space", fill, NULL, NULL);
}
