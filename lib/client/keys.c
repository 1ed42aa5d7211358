/* One secret, and the keys that follow from it by purpose. */
#include "client/core.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "client/unfinished.h"

/* A second opener may see the file before the first has written it. */
#define KEY_FILE_TRIES 50
#define KEY_FILE_PAUSE (10 * 1000)

/* *unfinished: it is shorter than a key. */
static hc_status read_key_file(uint8_t secret[HC_SECRET_KEY_SIZE], bool *unfinished, hc__core *core, const char *path,
                               hc_error *err)
{
    hc__buf bytes;
    hc_status status;

    hc__buf_init(&bytes, &core->mem);
    status = hc__file_read(&bytes, path, 4096, "key_file", err);
    if (status >= 0 && !hc__os_mode_private(path))
        status = hc__fail(err, HC_ERR_INVALID, "key_file", "others may read the key file: set its mode to 0600");
    *unfinished = status >= 0 && bytes.size < HC_SECRET_KEY_SIZE;
    if (status >= 0 && bytes.size != HC_SECRET_KEY_SIZE)
        status = hc__fail(err, HC_ERR_INVALID, "key_file", "the key file holds %zu bytes, not %d", bytes.size,
                          HC_SECRET_KEY_SIZE);
    if (status >= 0)
        memcpy(secret, bytes.data, HC_SECRET_KEY_SIZE);
    if (bytes.data != NULL)
        hc__wipe(bytes.data, bytes.size);
    hc__buf_free(&bytes);
    return status;
}

/* Whoever makes the file first wins, and the others wait for what that one writes. */
static hc_status wait_for_file(uint8_t secret[HC_SECRET_KEY_SIZE], hc__core *core, const char *path, hc_error *err)
{
    bool unfinished = true;
    hc_status status = HC_OK;

    for (int i = 0; unfinished && i < KEY_FILE_TRIES; i++) {
        hc__os_sleep(i == 0 ? 0 : KEY_FILE_PAUSE);
        status = read_key_file(secret, &unfinished, core, path, err);
    }
    return status;
}

static const char scheme[] = "sqlite:", memory[] = "sqlite::memory:";

/* A store in memory is gone with its client. */
static bool in_memory(const hc_client_options *options)
{
    size_t size = strcspn(options->storage_uri, "?");

    return size == sizeof memory - 1 && memcmp(options->storage_uri, memory, size) == 0;
}

static bool on_sqlite_file(const hc_client_options *options)
{
    return strncmp(options->storage_uri, scheme, sizeof scheme - 1) == 0 && !in_memory(options);
}

/* Of a store on a SQLite file. */
static void put_file(hc__buf *path, const hc_client_options *options)
{
    const char *file = options->storage_uri + sizeof scheme - 1;

    hc__buf_put(path, file, strcspn(file, "?"));
}

hc_status hc__check_file(const hc_client_options *options, hc__core *core, hc_error *err)
{
    hc_status status = HC_OK;
    hc__buf path;

    if (!on_sqlite_file(options))
        return HC_OK;
    hc__buf_init(&path, &core->mem);
    put_file(&path, options);
    if (path.failed)
        status = hc__no_memory(err);
    else if (path.size > 0 && access(path.data, F_OK) != 0 && errno == ENOENT)
        status = hc__fail(err, HC_ERR_SCHEMA, "storage_uri",
                          "there is no such file yet: open it with HC_MIGRATE_AUTO, or call hc_client_migrate()");
    hc__buf_free(&path);
    return status;
}

/* What the option says, or the default beside a SQLite file. *path stays empty for every other store. */
static hc_status key_path(hc__buf *path, const hc_client_options *options, hc_error *err)
{
    if (options->key_file != NULL) {
        if (options->key_file[0] == '\0')
            return hc__fail(err, HC_ERR_INVALID, "key_file", "names no file");
        hc__buf_text(path, options->key_file);
    } else if (on_sqlite_file(options)) {
        put_file(path, options);
        hc__buf_text(path, ".keys");
    }
    return path->failed ? hc__no_memory(err) : HC_OK;
}

static bool is_zero(const uint8_t secret[HC_SECRET_KEY_SIZE])
{
    static const uint8_t zero[HC_SECRET_KEY_SIZE];

    return hc__same(secret, zero, sizeof zero);
}

static hc_status derive(hc__secret **out, const hc__secret *master, const char *purpose, hc_error *err)
{
    uint8_t key[32];
    hc_status status;

    hc__mac(key, master, purpose, "", 0);
    status = hc__secret_new(out, key, sizeof key, err);
    hc__wipe(key, sizeof key);
    return status;
}

static hc_status derive_all(hc__core *core, const uint8_t secret[HC_SECRET_KEY_SIZE], hc_error *err)
{
    hc__secret *master = NULL, *seed = NULL;
    hc_status status = hc__secret_new(&master, secret, HC_SECRET_KEY_SIZE, err);

    if (status >= 0)
        status = derive(&core->cursor_key, master, "cursor", err);
    if (status >= 0)
        status = derive(&core->request_key, master, "request", err);
    if (status >= 0)
        status = derive(&core->audit_key, master, "audit", err);
    if (status >= 0)
        status = derive(&seed, master, "token", err);
    if (status >= 0)
        status = hc__signing_key_new(&core->signing_key, &core->mem, NULL, hc__secret_bytes(seed),
                                     hc__secret_size(seed), err);
    hc__secret_free(seed);
    hc__secret_free(master);
    return status;
}

static hc_status find(hc__keys *keys, hc__core *core, const hc_client_options *options, hc_error *err)
{
    const char *field = options->secret_key != NULL ? "secret_key" : "key_file";
    hc_error why;
    hc_status status;

    if (options->secret_key != NULL && options->key_file != NULL)
        return hc__fail(err, HC_ERR_INVALID, "secret_key", "give secret_key or key_file, not both");
    if (options->secret_key != NULL) {
        memcpy(keys->secret, options->secret_key, sizeof keys->secret);
    } else {
        status = key_path(&keys->path, options, &why);
        if (status >= 0 && keys->path.size > 0)
            status = wait_for_file(keys->secret, core, keys->path.data, &why);
        if (status == HC_ERR_NOT_FOUND || (status >= 0 && keys->path.size == 0))
            return HC_OK; /* to be made */
        if (status < 0 && err != NULL)
            *err = why;
        if (status < 0)
            return status;
    }
    keys->found = true;
    if (is_zero(keys->secret)) /* memory or a file that nobody filled (T04) */
        return hc__fail(err, HC_ERR_INVALID, field, "a key of zeros only is no secret");
    return HC_OK;
}

hc_status hc__keys_find(hc__keys *keys, hc__core *core, const hc_client_options *options, hc_error *err)
{
    memset(keys->secret, 0, sizeof keys->secret);
    keys->found = false;
    keys->shared = !on_sqlite_file(options) && !in_memory(options);
    keys->makeable = options->key_file != NULL || on_sqlite_file(options) || in_memory(options);
    hc__buf_init(&keys->path, &core->mem);
    return find(keys, core, options, err);
}

/* The file of a store that others use already lies elsewhere: other keys would break the seals of its log for good, and
 * know none of its tokens. Whoever began the log had made the file before. */
static hc_status make_shared(hc__core *core, hc__keys *keys, bool *there, hc_error *err)
{
    int64_t deadline = hc__os_monotonic() + HC__LOOK_WAIT;
    int32_t version;
    hc_status status = hc__store_check_schema(core->store, &version, deadline, NULL);

    if (status == HC_ERR_SCHEMA && version == 0) /* nobody migrated it yet: a server would complain of the question */
        return HC_OK;
    status = hc__store_is_sealed(there, core->store, deadline, err);
    if (status == HC_ERR_SCHEMA) /* nor to where logs are sealed */
        return HC_OK;
    if (status < 0 || !*there)
        return status;
    status = wait_for_file(keys->secret, core, keys->path.data, err);
    if (status == HC_ERR_NOT_FOUND)
        status = hc__fail(err, HC_ERR_NOT_FOUND, "key_file",
                          "the store has keys already: bring their file here (or make one of %d random bytes, and its "
                          "tokens and the seals of its audit log hold no longer)",
                          HC_SECRET_KEY_SIZE);
    return status;
}

static hc_status make(hc__core *core, hc__keys *keys, hc_error *err)
{
    bool there = false;
    hc_status status = HC_OK;

    if (!keys->makeable)
        return hc__fail(err, HC_ERR_INVALID, "secret_key", "a store on a server needs key_file or secret_key");
    if (keys->shared)
        status = make_shared(core, keys, &there, err);
    if (status < 0 || there)
        return status;
    hc__random(keys->secret, HC_SECRET_KEY_SIZE);
    if (keys->path.size > 0)
        status = hc__file_create(keys->path.data, keys->secret, HC_SECRET_KEY_SIZE, "key_file", err);
    return status == HC_ERR_CONFLICT ? wait_for_file(keys->secret, core, keys->path.data, err) : status;
}

hc_status hc__keys_open(hc__core *core, hc__keys *keys, hc_error *err)
{
    hc_status status = keys->found ? HC_OK : make(core, keys, err);

    return status < 0 ? status : derive_all(core, keys->secret, err);
}

void hc__keys_forget(hc__keys *keys)
{
    hc__wipe(keys->secret, sizeof keys->secret);
    hc__buf_free(&keys->path);
}

void hc__keys_close(hc__core *core)
{
    hc__secret_free(core->cursor_key);
    hc__secret_free(core->request_key);
    hc__secret_free(core->audit_key);
    if (core->signing_key != NULL)
        hc__signing_key_free(core->signing_key);
}
