#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/module.h"
#include "base/thread.h"
#include "base/time.h"
#include "base/utf8.h"
#include "homeconnect/version.h"

static hc__mem mem;
static char folder[] = "/tmp/hc-base-XXXXXX";
static char path[64];

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/file", folder);
}

static void teardown(void)
{
    unlink(path);
    rmdir(folder);
}

START_TEST(every_status_has_a_name_and_an_http_status)
{
    ck_assert_str_eq(hc_status_name(HC_OK), "HC_OK");
    ck_assert_str_eq(hc_status_name(HC_NOTE_REPLAYED), "HC_NOTE_REPLAYED");
    ck_assert_str_eq(hc_status_name(HC_ERR_INTERNAL), "HC_ERR_INTERNAL");
    ck_assert_str_eq(hc_status_name(HC_ERR_CONFLICT), "HC_ERR_CONFLICT");
    ck_assert_str_eq(hc_status_name(-27), "HC_ERR_UNKNOWN");
    ck_assert_str_eq(hc_status_name(INT32_MIN), "HC_ERR_UNKNOWN");
    ck_assert_int_eq(hc_status_http(HC_NOTE_SAME), 200);
    ck_assert_int_eq(hc_status_http(INT32_MAX), 200);
    ck_assert_int_eq(hc_status_http(HC_ERR_TOO_BROAD), 422);
    ck_assert_int_eq(hc_status_http(HC_ERR_TRUNCATED), 502);
    ck_assert_int_eq(hc_status_http(-27), 500);
    ck_assert_str_eq(hc_version(), HC_VERSION_STRING);
    ck_assert_int_eq(hc_version_number(), 1000);
}
END_TEST

/* P09 */
START_TEST(a_message_is_one_line_of_utf8)
{
    char big[1000];
    hc_error err;

    ck_assert_uint_eq(sizeof(hc_error), 512);
    ck_assert_int_eq(hc__fail(NULL, HC_ERR_INVALID, "x", "no one looks"), HC_ERR_INVALID);
    memset(&err, 0xff, sizeof(err));
    hc__fail(&err, HC_ERR_BUSY, NULL, "a\r\nb\x1b[31m%s%d", "\xff\xc3\xa9\xe2\x80\xa8", 5);
    ck_assert_str_eq(err.message, "a  b [31m?\xc3\xa9 5");
    ck_assert_str_eq(err.field, "");
    ck_assert_str_eq(err.origin, "core");
    ck_assert_str_eq(err.sqlstate, "");
    ck_assert_uint_eq(err.flags, HC_ERROR_RETRYABLE);
    ck_assert_int_eq(err.native, 0);
    ck_assert_int_eq(err.detail, 0);
    hc__fail_from(&err, "sqlite", HC_ERR_IO, "storage_uri", "again: %s", err.message);
    ck_assert_str_eq(err.message, "again: a  b [31m?\xc3\xa9 5");
    ck_assert_str_eq(err.origin, "sqlite");
    ck_assert_uint_eq(err.flags, 0);
    for (size_t i = 0; i < 999; i++)
        big[i] = "\xe2\x82\xac"[i % 3];
    big[999] = '\0';
    hc__fail(&err, HC_ERR_INVALID, big, "%s", big);
    ck_assert_uint_eq(strlen(err.message), 399);
    ck_assert_uint_eq(strlen(err.field), 63);
    hc__fail(&err, HC_ERR_INVALID, "x", "12%s", big);
    ck_assert_uint_eq(strlen(err.message), 398);
    ck_assert(hc__utf8_check(err.message, 398, NULL));
    ck_assert_int_eq(hc__no_memory(&err), HC_ERR_NO_MEMORY);
    ck_assert_uint_eq(err.flags, HC_ERROR_RETRYABLE);
}
END_TEST

START_TEST(files_are_made_once_and_private)
{
    struct stat facts;
    hc_error err;
    hc__buf buf;

    hc__buf_init(&buf, &mem);
    hc__buf_text(&buf, "head ");
    umask(0);
    ck_assert_int_eq(hc__file_create(path, "secret", 6, "keys", &err), HC_OK);
    ck_assert_int_eq(stat(path, &facts), 0);
    ck_assert_int_eq(facts.st_mode & 0777, 0600);
    ck_assert(hc__os_mode_private(path));
    ck_assert_int_eq(hc__file_create(path, "other", 5, "keys", &err), HC_ERR_CONFLICT);
    ck_assert_str_eq(err.field, "keys");
    ck_assert_int_eq(err.native, EEXIST);
    ck_assert_int_eq(hc__file_read(&buf, path, 6, "keys", &err), HC_OK);
    ck_assert_str_eq(buf.data, "head secret");
    ck_assert_int_eq(hc__file_read(&buf, path, 5, "keys", &err), HC_ERR_TOO_LARGE);
    ck_assert_str_eq(buf.data, "head secret");
    ck_assert_int_eq(chmod(path, 0640), 0);
    ck_assert(!hc__os_mode_private(path));
    ck_assert_int_eq(hc__file_read(&buf, folder, 100, "keys", &err), HC_ERR_IO);
    unlink(path);
    ck_assert_int_eq(hc__file_read(&buf, path, 100, "keys", &err), HC_ERR_NOT_FOUND);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(symlink("/nowhere", path), 0);
    ck_assert_int_eq(hc__file_create(path, "x", 1, "keys", &err), HC_ERR_CONFLICT);
    hc__buf_free(&buf);
}
END_TEST

START_TEST(files_are_written_and_read_in_pieces)
{
    hc__file file;
    char piece[4];
    size_t got;

    ck_assert_int_eq(hc__file_write_open(&file, path, false, "report", NULL), HC_OK);
    ck_assert_int_eq(hc__file_write(&file, "abcdef", 6, NULL), HC_OK);
    ck_assert_int_eq(hc__file_sync(&file, NULL), HC_OK);
    hc__file_close(&file);
    hc__file_close(&file);
    ck_assert_int_eq(hc__file_write_open(&file, path, true, "report", NULL), HC_OK);
    ck_assert_int_eq(file.size, 6);
    ck_assert_int_eq(hc__file_write(&file, "gh", 2, NULL), HC_OK);
    hc__file_close(&file);
    ck_assert_int_eq(hc__file_open(&file, path, "report", NULL), HC_OK);
    ck_assert_int_eq(file.size, 8);
    ck_assert_int_eq(hc__file_seek(&file, 3, NULL), HC_OK);
    ck_assert_int_eq(hc__file_piece(&file, piece, 4, &got, NULL), HC_OK);
    ck_assert_uint_eq(got, 4);
    ck_assert_mem_eq(piece, "defg", 4);
    ck_assert_int_eq(hc__file_piece(&file, piece, 4, &got, NULL), HC_OK);
    ck_assert_uint_eq(got, 1);
    ck_assert_int_eq(hc__file_piece(&file, piece, 4, &got, NULL), HC_OK);
    ck_assert_uint_eq(got, 0);
    hc__file_close(&file);
}
END_TEST

/* ---- a system that is interrupted, and does less than it was asked ---- */

static int storm; /* calls of the system since it began; 0: calm */

ssize_t __real_read(int fd, void *out, size_t size);
ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *out, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);

/* Every other call is interrupted, and the others do one byte. */
static bool storms(size_t *size)
{
    if (storm == 0)
        return false;
    *size = 1;
    errno = EINTR;
    return storm++ % 2 == 1;
}

ssize_t __wrap_read(int fd, void *out, size_t size)
{
    return storms(&size) ? -1 : __real_read(fd, out, size);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    return storms(&size) ? -1 : __real_write(fd, bytes, size);
}

/* S06 */
START_TEST(a_file_is_whole_whatever_the_system_does_at_once)
{
    hc_error err = {0};
    hc__buf buf;
    hc_status made, known;

    hc__buf_init(&buf, &mem);
    storm = 1;
    made = hc__file_create(path, "secret", 6, "keys", &err);
    known = hc__file_read(&buf, path, 6, "keys", &err);
    storm = 0;
    ck_assert_int_eq(made, HC_OK);
    ck_assert_msg(known == HC_OK, "%s", err.message);
    ck_assert_str_eq(buf.data, "secret");
    hc__buf_free(&buf);
}
END_TEST

/* S04 */
START_TEST(a_full_disk_is_named)
{
    hc__file file;
    hc_error err;

    if (hc__file_write_open(&file, "/dev/full", true, "report", &err) != HC_OK)
        return;
    ck_assert_int_eq(hc__file_write(&file, "x", 1, &err), HC_ERR_NO_SPACE);
    ck_assert_int_eq(err.native, ENOSPC);
    hc__file_close(&file);
}
END_TEST

START_TEST(the_pid_is_right_in_a_child)
{
    int status = 1;
    pid_t child;

    ck_assert_int_eq(hc__os_pid(), getpid());
    child = fork();
    if (child == 0)
        _exit(hc__os_pid() == getpid() ? 0 : 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_ge(hc__os_cores(), 1);
}
END_TEST

typedef struct signalled {
    hc__mutex mutex;
    hc__cond cond;
    bool ready;
} signalled;

static void *signal_soon(void *data)
{
    signalled *shared = data;

    hc__os_sleep(20000);
    hc__lock(&shared->mutex);
    shared->ready = true;
    hc__cond_broadcast(&shared->cond);
    hc__unlock(&shared->mutex);
    return NULL;
}

START_TEST(a_wait_ends_by_signal_or_deadline)
{
    signalled shared = {.ready = false};
    pthread_t thread;
    int64_t before;

    ck_assert(hc__mutex_init(&shared.mutex));
    ck_assert(hc__cond_init(&shared.cond));
    hc__lock(&shared.mutex);
    before = hc__os_monotonic();
    while (hc__cond_wait_until(&shared.cond, &shared.mutex, before + 30000))
        continue;
    ck_assert_int_ge(hc__os_monotonic(), before + 30000);
    ck_assert_int_eq(pthread_create(&thread, NULL, signal_soon, &shared), 0);
    while (!shared.ready)
        ck_assert(hc__cond_wait_until(&shared.cond, &shared.mutex, hc__os_monotonic() + 60 * HC__SECOND));
    hc__unlock(&shared.mutex);
    pthread_join(thread, NULL);
    hc__cond_free(&shared.cond);
    hc__mutex_free(&shared.mutex);
}
END_TEST

/* ---- where the library lies ---- */

static char **arguments;

/* A program that links the library is known to the loader by argv[0], which is whatever its starter liked. */
START_TEST(a_program_s_folder_is_not_what_it_was_called_by)
{
    static char lies[][16] = {"program", "./program", "/nowhere/program", ""};
    char program[4096];
    ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 1);
    hc__buf buf;

    ck_assert_int_gt(size, 0);
    program[size] = '\0';
    *strrchr(program, '/') = '\0';
    ck_assert_int_eq(chdir(folder), 0);
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        arguments[0] = lies[i];
        hc__buf_init(&buf, &mem);
        hc__module_folder(&buf);
        ck_assert_str_eq(buf.data, program);
        hc__buf_free(&buf);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, every_status_has_a_name_and_an_http_status);
    tcase_add_test(tcase, a_message_is_one_line_of_utf8);
    tcase_add_test(tcase, files_are_made_once_and_private);
    tcase_add_test(tcase, files_are_written_and_read_in_pieces);
    tcase_add_test(tcase, a_file_is_whole_whatever_the_system_does_at_once);
    tcase_add_test(tcase, a_full_disk_is_named);
    tcase_add_test(tcase, the_pid_is_right_in_a_child);
    tcase_add_test(tcase, a_wait_ends_by_signal_or_deadline);
    tcase_add_test(tcase, a_program_s_folder_is_not_what_it_was_called_by);
}

int main(int argc, char **argv)
{
    (void)argc;
    arguments = argv;
    return suite_main("system", fill, setup, teardown);
}
