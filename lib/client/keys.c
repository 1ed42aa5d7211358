/* One secret, and the keys that follow from it by purpose. */
#include "client/core.h"

#include <string.h>

#include "base/file.h"

/* A second opener may see the file before the first has written it. */
#define KEY_FILE_TRIES 50
#define KEY_FILE_PAUSE (10 * 1000)

static hc_status read_key_file(uint8_t secret[HC_SECRET_KEY_SIZE], hc__core *core, const char *path, hc_error *err)
{
    hc__buf bytes;
    hc_status status;

    hc__buf_init(&bytes, &core->mem);
    status = hc__file_read(&bytes, path, 4096, "key_file", err);
    if (status >= 0 && !hc__os_mode_private(path))
        status = hc__fail(err, HC_ERR_INVALID, "key_file", "others may read the key file: set its mode to 0600");
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

/* Reads the file, or makes it; whoever makes it first wins. */
static hc_status key_file(uint8_t secret[HC_SECRET_KEY_SIZE], hc__core *core, const char *path, hc_error *err)
{
    hc_status status = read_key_file(secret, core, path, err);

    if (status != HC_ERR_NOT_FOUND)
        return status;
    hc__random(secret, HC_SECRET_KEY_SIZE);
    status = hc__file_create(path, secret, HC_SECRET_KEY_SIZE, "key_file", err);
    for (int i = 0; status == HC_ERR_CONFLICT && i < KEY_FILE_TRIES; i++) {
        status = read_key_file(secret, core, path, err);
        if (status == HC_ERR_INVALID && i + 1 < KEY_FILE_TRIES) {
            hc__os_sleep(KEY_FILE_PAUSE);
            status = HC_ERR_CONFLICT;
        }
    }
    return status;
}

/* The default beside a SQLite file; other stores must be told. */
static hc_status default_key_file(uint8_t secret[HC_SECRET_KEY_SIZE], hc__core *core, const char *uri, hc_error *err)
{
    static const char scheme[] = "sqlite:";
    hc__buf path;
    hc_status status;

    if (strncmp(uri, scheme, sizeof scheme - 1) != 0)
        return hc__fail(err, HC_ERR_INVALID, "secret_key", "a store on a server needs key_file or secret_key");
    uri += sizeof scheme - 1;
    if (strncmp(uri, ":memory:", 8) == 0) {
        hc__random(secret, HC_SECRET_KEY_SIZE);
        return HC_OK;
    }
    hc__buf_init(&path, &core->mem);
    hc__buf_put(&path, uri, strcspn(uri, "?"));
    hc__buf_text(&path, ".keys");
    status = path.failed ? hc__no_memory(err) : key_file(secret, core, path.data, err);
    hc__buf_free(&path);
    return status;
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
        status = derive(&seed, master, "token", err);
    if (status >= 0)
        status = hc__signing_key_new(&core->signing_key, &core->mem, NULL, hc__secret_bytes(seed),
                                     hc__secret_size(seed), err);
    hc__secret_free(seed);
    hc__secret_free(master);
    return status;
}

hc_status hc__keys_open(hc__core *core, const hc_client_options *options, hc_error *err)
{
    uint8_t secret[HC_SECRET_KEY_SIZE];
    hc_status status = HC_OK;

    if (options->secret_key != NULL && options->key_file != NULL)
        return hc__fail(err, HC_ERR_INVALID, "secret_key", "give secret_key or key_file, not both");
    if (options->secret_key != NULL)
        memcpy(secret, options->secret_key, sizeof secret);
    else if (options->key_file != NULL)
        status = key_file(secret, core, options->key_file, err);
    else
        status = default_key_file(secret, core, options->storage_uri, err);
    if (status >= 0)
        status = derive_all(core, secret, err);
    hc__wipe(secret, sizeof secret);
    return status;
}

void hc__keys_close(hc__core *core)
{
    hc__secret_free(core->cursor_key);
    hc__secret_free(core->request_key);
    if (core->signing_key != NULL)
        hc__signing_key_free(core->signing_key);
}
