#include "storage/registry.h"

#include <string.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/module.h"

#define SCHEME_LIMIT 32

#ifdef HC_BUILTIN_SQLITE
hc_status hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);
#endif

#ifdef HC_BUILTIN_POSTGRES
hc_status hc_driver_postgres_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);
#endif

#ifdef HC_BUILTIN_MYSQL
hc_status hc_driver_mysql_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);
#endif

#ifdef HC_BUILTIN_MONGODB
hc_status hc_driver_mongodb_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);
#define MONGODB_ENTRY hc_driver_mongodb_entry
#else
#define MONGODB_ENTRY NULL
#endif

/* Schemes and the drivers that serve them; of a scheme that is not here the driver has the same name. */
struct known {
    const char *scheme;
    const char *driver;
    const char *package;      /* of Debian, that it is made with */
    hc_driver_entry_fn entry; /* NULL: not linked in */
    bool documents;           /* holds them alone: never a storage_uri; the others are never a document_uri */
};

static const char no_mongodb[] =
    "mongodb: has no transactions across its documents that this library could build on; use sqlite:, postgresql: or "
    "mysql: as storage_uri, and mongodb: as document_uri";
static const char no_sql[] =
    "%s: is no store of documents alone: use mongodb: or mongodb+srv: as document_uri, or leave it "
    "out, and documents live in the store of storage_uri";

static const struct known known[] = {
#ifdef HC_BUILTIN_SQLITE
    {"sqlite", "sqlite", "libsqlite3-dev", hc_driver_sqlite_entry, false},
#else
    {"sqlite", "sqlite", "libsqlite3-dev", NULL, false},
#endif
#ifdef HC_BUILTIN_POSTGRES
    {"postgresql", "postgres", "libpq-dev", hc_driver_postgres_entry, false},
    {"postgres", "postgres", "libpq-dev", hc_driver_postgres_entry, false},
#else
    {"postgresql", "postgres", "libpq-dev", NULL, false},
    {"postgres", "postgres", "libpq-dev", NULL, false},
#endif
#ifdef HC_BUILTIN_MYSQL
    {"mysql", "mysql", "libmariadb-dev", hc_driver_mysql_entry, false},
    {"mariadb", "mysql", "libmariadb-dev", hc_driver_mysql_entry, false},
#else
    {"mysql", "mysql", "libmariadb-dev", NULL, false},
    {"mariadb", "mysql", "libmariadb-dev", NULL, false},
#endif
    {"mongodb", "mongodb", "libmongoc-dev", MONGODB_ENTRY, true},
    {"mongodb+srv", "mongodb", "libmongoc-dev", MONGODB_ENTRY, true},
};

static hc_status check(const hc_storage_driver *driver, bool documents, hc_error *err)
{
    if (driver == NULL || driver->struct_size < offsetof(hc_storage_driver, version) || driver->name == NULL)
        return hc__fail(err, HC_ERR_UNSUPPORTED, "storage_uri", "the driver's table is incomplete");
    if (driver->abi != HC_DRIVER_ABI)
        return hc__fail(err, HC_ERR_UNSUPPORTED, "storage_uri", "driver %s was built for driver ABI %d, this is %d",
                        driver->name, (int)driver->abi, HC_DRIVER_ABI);
    if (driver->open == NULL || driver->close == NULL || driver->limits == NULL || driver->connect == NULL ||
        driver->disconnect == NULL || driver->ping == NULL || driver->schema == NULL || driver->migrate == NULL ||
        driver->execute == NULL || driver->explain == NULL || driver->server_time == NULL ||
        driver->interrupt == NULL || driver->abandon == NULL)
        return hc__fail(err, HC_ERR_UNSUPPORTED, "storage_uri", "driver %s lacks a required slot", driver->name);
    if (!documents && (driver->capabilities & HC_CAP_TRANSACTIONS) == 0)
        return hc__fail(err, HC_ERR_UNSUPPORTED, "storage_uri", "driver %s has no transactions", driver->name);
    return HC_OK;
}

/* What a driver of the tree is made with, NULL for another's. */
static const char *package_of(const char *driver)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].driver, driver) == 0)
            return known[i].package;
    return NULL;
}

static hc_status not_loaded(const char *driver, const char *path, hc_error *err)
{
    const char *package = package_of(driver);
    hc_error why = {0};
    hc__file file;
    hc_status status = hc__file_open(&file, path, NULL, &why);

    hc__file_close(&file);
    if (status < 0 && status != HC_ERR_NOT_FOUND) {
        hc__fail(err, status, "storage_uri", "driver %s cannot be loaded from %.200s: %.100s", driver, path, why.message);
        if (err != NULL)
            err->native = why.native;
        return status;
    }
    if (status == HC_OK)
        return hc__fail(err, HC_ERR_UNSUPPORTED, "storage_uri",
                        "driver %s cannot be loaded from %.200s: is it one, and is its client library installed?",
                        driver, path);
    if (package == NULL)
        return hc__fail(err, HC_ERR_UNSUPPORTED, "storage_uri",
                        "driver %s is not built in, and there is no %.200s: set driver_path to its folder", driver,
                        path);
    return hc__fail(
        err, HC_ERR_UNSUPPORTED, "storage_uri",
        "driver %s is not built in, and there is no %.200s: build the library where %s is installed, or set "
        "driver_path to the folder that has it",
        driver, path, package);
}

static hc_status load(const hc_storage_driver **out, void **module, const hc__mem *mem, const char *driver,
                      const char *folder, hc_error *err)
{
    hc__buf path;
    hc_driver_entry_fn entry = NULL;
    void *handle, *symbol;
    hc_status status;

    hc__buf_init(&path, mem);
    if (folder == NULL) { /* beside the library, wherever that was moved to */
        hc__module_folder(&path);
        hc__buf_text(&path, "/homeconnect");
    } else {
        hc__buf_text(&path, folder);
    }
    hc__buf_text(&path, "/homeconnect-driver-");
    hc__buf_text(&path, driver);
    hc__buf_text(&path, ".so");
    if (path.failed) {
        hc__buf_free(&path);
        return hc__no_memory(err);
    }
    handle = hc__module_open(path.data);
    symbol = hc__module_symbol(handle, "hc_driver_entry");
    memcpy(&entry, &symbol, sizeof entry); /* ISO C has no cast from an object to a function pointer */
    status = entry == NULL ? not_loaded(driver, path.data, err) : entry(out, HC_DRIVER_ABI, err);
    if (status < 0)
        hc__module_close(handle);
    if (status >= 0)
        *module = handle;
    hc__buf_free(&path);
    return status;
}

static hc_status find(const hc_storage_driver **out, void **module, const hc__mem *mem, const char *scheme,
                      const char *driver_path, bool documents, hc_error *err)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].scheme, scheme) != 0)
            continue;
        if (known[i].documents && !documents)
            return hc__fail(err, HC_ERR_INVALID, "storage_uri", no_mongodb);
        if (documents && !known[i].documents)
            return hc__fail(err, HC_ERR_INVALID, "storage_uri", no_sql, scheme);
        if (known[i].entry != NULL)
            return known[i].entry(out, HC_DRIVER_ABI, err);
        return load(out, module, mem, known[i].driver, driver_path, err);
    }
    return load(out, module, mem, scheme, driver_path, err); /* a third party's, named as its scheme */
}

hc_status hc__registry_find(const hc_storage_driver **out, void **module, const hc__mem *mem, const char *uri,
                            const char *driver_path, bool documents, hc_error *err)
{
    char scheme[SCHEME_LIMIT];
    size_t length = strspn(uri, "abcdefghijklmnopqrstuvwxyz0123456789+");
    hc_status status;

    *out = NULL;
    *module = NULL;
    if (length == 0 || length >= sizeof scheme || uri[length] != ':')
        return hc__fail(err, HC_ERR_INVALID, "storage_uri", "a URI of a store starts with its scheme, such as %s",
                        documents ? "mongodb://localhost/homeconnect" : "sqlite:homeconnect.db");
    memcpy(scheme, uri, length);
    scheme[length] = '\0';
    status = find(out, module, mem, scheme, driver_path, documents, err);
    if (status >= 0)
        status = check(*out, documents, err);
    if (status < 0) {
        hc__registry_unload(*module);
        *module = NULL;
        *out = NULL;
    }
    return status;
}

void hc__registry_unload(void *module)
{
    hc__module_close(module);
}
