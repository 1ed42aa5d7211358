/* Which drivers are taken: one whose table lacks anything never gets a call. */
#include "storage/registry.h"

#include <errno.h>
#include <stdio.h>

#include "descriptors.h"
#include "failing.h"
#include "server.h"

void *__wrap_hc__module_open(const char *path);
void *__wrap_hc__module_symbol(void *opened, const char *name);
void __wrap_hc__module_close(void *opened);

static const hc_storage_driver *found = &table;
static void *module;

/* ---- a module that is not there ---- */

static char loaded[512];         /* the path that was asked for last */
static bool there;               /* it can be opened */
static hc_driver_entry_fn entry; /* what it has */
static hc_status refusal;        /* of the entry */
static int closed;               /* how often */

void *__wrap_hc__module_open(const char *path)
{
    snprintf(loaded, sizeof loaded, "%s", path);
    return there ? &there : NULL;
}

void *__wrap_hc__module_symbol(void *opened, const char *name)
{
    void *symbol;

    ck_assert_str_eq(name, "hc_driver_entry");
    memcpy(&symbol, &entry, sizeof symbol);
    return opened == NULL ? NULL : symbol;
}

void __wrap_hc__module_close(void *opened)
{
    ck_assert(opened == NULL || opened == &there);
    closed += opened != NULL;
}

static hc_status enter(const hc_storage_driver **out, int32_t host_abi, hc_error *why)
{
    ck_assert_int_eq(host_abi, HC_DRIVER_ABI);
    *out = given;
    return refusal < 0 ? hc__fail(why, refusal, "storage_uri", "not on this machine") : refusal;
}

/* ---- what is found ---- */

static hc_status find(const char *uri, const char *path)
{
    err = (hc_error){0};
    found = &table;
    module = &closed; /* whatever was there */
    return hc__registry_find(&found, &module, &mem, uri, path, false, &err);
}

static void refused(const char *message)
{
    ck_assert_int_eq(find("sqlite:far", NULL), HC_ERR_UNSUPPORTED);
    ck_assert_ptr_null(found);
    ck_assert_ptr_null(module);
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_str_eq(err.message, message);
}

START_TEST(a_table_is_whole)
{
    const hc_storage_driver whole = table;

    ck_assert_int_eq(find("sqlite:far", NULL), HC_OK);
    ck_assert_ptr_eq(found, &table);
    ck_assert_ptr_null(module);
    given = NULL;
    refused("the driver's table is incomplete");
    given = &table;
    table.struct_size = offsetof(hc_storage_driver, version) - 1;
    refused("the driver's table is incomplete");
    table.struct_size = offsetof(hc_storage_driver, version); /* what comes behind is not required */
    ck_assert_int_eq(find("sqlite:far", NULL), HC_OK);
    table.name = NULL;
    refused("the driver's table is incomplete");
    table = whole;
    table.abi = HC_DRIVER_ABI + 1;
    refused("driver sqlite was built for driver ABI 2, this is 1");
    table = whole;
    table.capabilities = HC_CAP_ONE_WRITER;
    refused("driver sqlite has no transactions");
    table = whole;
}
END_TEST

#define SLOT(name) offsetof(hc_storage_driver, name)

START_TEST(each_slot_is_required)
{
    static const size_t slots[] = {SLOT(open),        SLOT(close),     SLOT(limits),  SLOT(connect), SLOT(disconnect),
                                   SLOT(ping),        SLOT(schema),    SLOT(migrate), SLOT(execute), SLOT(explain),
                                   SLOT(server_time), SLOT(interrupt), SLOT(abandon)};
    const hc_storage_driver whole = table;

    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
        memset((char *)&table + slots[i], 0, sizeof(void (*)(void)));
        refused("driver sqlite lacks a required slot");
        table = whole;
    }
    ck_assert_int_eq(find("sqlite:far", NULL), HC_OK);
}
END_TEST

START_TEST(who_has_no_driver_is_told_what_it_is_made_with)
{
    static const struct {
        const char *uri, *message;
    } cases[] = {
        {"postgresql://far/x",
         "driver postgres is not built in, and there is no /nowhere/homeconnect-driver-postgres.so: "
         "build the library where libpq-dev is installed, or set driver_path to the folder that "
         "has it"},
        {"mariadb://far/x", "driver mysql is not built in, and there is no /nowhere/homeconnect-driver-mysql.so: build "
                            "the library where libmariadb-dev is installed, or set driver_path to the folder that has "
                            "it"},
        {"theirs:x", "driver theirs is not built in, and there is no /nowhere/homeconnect-driver-theirs.so: set "
                     "driver_path to its folder"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(find(cases[i].uri, "/nowhere"), HC_ERR_UNSUPPORTED);
        ck_assert_str_eq(err.message, cases[i].message);
        ck_assert_ptr_null(found);
    }
}
END_TEST

/* S13 */
START_TEST(without_memory_for_its_path_no_module_is_loaded)
{
    failing memory = {.fail_at = 1, .from_on = true};
    hc_allocator allocator = failing_allocator(&memory);

    ck_assert_int_eq(hc__mem_init(&mem, &allocator, NULL), HC_OK);
    ck_assert_int_eq(find("theirs:x", "/nowhere"), HC_ERR_NO_MEMORY);
    ck_assert_ptr_null(module);
    ck_assert_int_eq(memory.live, 0);
}
END_TEST

START_TEST(a_module_is_loaded_as_long_as_its_driver_is_used)
{
    there = true;
    entry = enter;
    ck_assert_int_eq(find("theirs:x", "/nowhere"), HC_OK);
    ck_assert_str_eq(loaded, "/nowhere/homeconnect-driver-theirs.so");
    ck_assert_ptr_eq(found, &table);
    ck_assert_ptr_eq(module, &there);
    ck_assert_int_eq(closed, 0);
    hc__registry_unload(module);
    ck_assert_int_eq(closed, 1);
    ck_assert_int_eq(find("theirs:x", NULL), HC_OK); /* beside the library */
    ck_assert_ptr_nonnull(strstr(loaded, "/homeconnect/homeconnect-driver-theirs.so"));
    ck_assert_int_eq(closed, 1);
}
END_TEST

static void refused_and_closed(hc_status status, const char *message)
{
    closed = 0;
    ck_assert_int_eq(find("theirs:x", "/nowhere"), status);
    ck_assert_ptr_null(found);
    ck_assert_ptr_null(module);
    ck_assert_int_eq(closed, 1);
    ck_assert_str_eq(err.message, message);
}

START_TEST(a_module_without_a_driver_is_let_go)
{
    there = true;
    refused_and_closed(HC_ERR_UNSUPPORTED, "driver theirs is not built in, and there is no "
                                           "/nowhere/homeconnect-driver-theirs.so: set driver_path to its folder");
    entry = enter;
    refusal = HC_ERR_UNAVAILABLE;
    refused_and_closed(HC_ERR_UNAVAILABLE, "not on this machine");
    refusal = HC_OK;
    given = NULL;
    refused_and_closed(HC_ERR_UNSUPPORTED, "the driver's table is incomplete");
}
END_TEST

/* The number that the next file gets. */
static int next_file(void)
{
    int file = dup(0);

    ck_assert_int_ge(file, 0);
    close(file);
    return file;
}

START_TEST(a_file_that_is_no_module_is_named)
{
    const char *base = getenv("TMPDIR");
    char folder[256], path[300];
    int next;
    FILE *file;

    snprintf(folder, sizeof folder, "%s/hc-registry-XXXXXX", base == NULL ? "/tmp" : base);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/homeconnect-driver-theirs.so", folder);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fclose(file);
    next = next_file();
    ck_assert_int_eq(find("theirs:x", folder), HC_ERR_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(err.message, "cannot be loaded from /"));
    ck_assert_int_eq(next_file(), next);
    leave_descriptors(0); /* S43: that says nothing of the driver */
    ck_assert_int_eq(find("theirs:x", folder), HC_ERR_IO);
    leave_descriptors(-1);
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_ptr_nonnull(strstr(err.message, "Too many open files"));
    ck_assert_int_eq(err.native, EMFILE);
    unlink(path);
    rmdir(folder);
}
END_TEST

START_TEST(a_scheme_has_31_letters_at_most)
{
    ck_assert_int_eq(find("abcdefghijklmnopqrstuvwxyz01234:x", "/nowhere"), HC_ERR_UNSUPPORTED);
    ck_assert_str_eq(loaded, "/nowhere/homeconnect-driver-abcdefghijklmnopqrstuvwxyz01234.so");
    ck_assert_int_eq(find("abcdefghijklmnopqrstuvwxyz012345:x", "/nowhere"), HC_ERR_INVALID);
    ck_assert_ptr_null(found);
    ck_assert_ptr_null(module);
}
END_TEST

static void begin(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
}

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_table_is_whole);
    tcase_add_test(tcase, each_slot_is_required);
    tcase_add_test(tcase, who_has_no_driver_is_told_what_it_is_made_with);
    tcase_add_test(tcase, without_memory_for_its_path_no_module_is_loaded);
    tcase_add_test(tcase, a_module_is_loaded_as_long_as_its_driver_is_used);
    tcase_add_test(tcase, a_module_without_a_driver_is_let_go);
    tcase_add_test(tcase, a_file_that_is_no_module_is_named);
    tcase_add_test(tcase, a_scheme_has_31_letters_at_most);
}

int main(void)
{
    return suite_main("unit.storage.registry", fill, begin, NULL);
}
