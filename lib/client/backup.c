/* A copy of the store while others write. */
#include "homeconnect/client.h"

#include "base/file.h"
#include "client/crud.h"

struct backup {
    const char *path;
    hc_backup_progress_fn progress;
    void *data;
    bool cancelled; /* by the host's own word, whatever status that was */
};

static hc_status on_progress(const hc_backup_progress *at, void *data)
{
    struct backup *backup = data;

    if (backup->progress == NULL || backup->progress(at->done, at->total, backup->data) == HC_OK)
        return HC_OK;
    backup->cancelled = true;
    return HC_ERR_CANCELLED;
}

static hc_status serves(const hc_storage_driver *driver, hc_error *err)
{
    if ((driver->capabilities & HC_CAP_BACKUP) != 0 && driver->struct_size >= sizeof *driver && driver->backup != NULL)
        return HC_OK;
    return hc__fail(err, HC_ERR_UNSUPPORTED, NULL, "the %s driver makes no backups: use the engine's own tools",
                    driver->name);
}

/* On one connection from its first page to the last: a copy of one moment. */
static hc_status copy(hc_session *as, struct backup *backup, const char *beside, hc_error *err)
{
    hc__store *store = as->core->store;
    hc__lease lease;
    hc_status status = hc__session_acquire(as, &lease, HC_CONNECT_READ, err);

    if (status < 0)
        return status;
    status = hc__store_driver(store)->backup(lease.conn, beside, on_progress, backup, err);
    hc__store_release(store, &lease, hc__store_usable_after(status));
    return backup->cancelled ? hc__fail(err, HC_ERR_CANCELLED, NULL, "the backup was cancelled") : status;
}

static hc_status note(hc__unit *unit, void *data, hc_error *err)
{
    (void)data;
    (void)err;
    hc__audit_add(unit, &(hc__audit){.event = "sensitive_read", .target_kind = "store", .reason = "backup"});
    return HC_OK;
}

/* Noted before the copy, which then tells of itself. */
static hc_status run(hc_session *as, struct backup *backup, hc_error *err)
{
    static const hc_id none;
    char beside[HC__PATH_LIMIT];
    hc_status status = hc__require(as, HC__BACKUP, &hc__audit_entity, none, err);

    if (status >= 0)
        status = serves(hc__store_driver(as->core->store), err);
    if (status >= 0)
        status = hc__file_beside(beside, backup->path, "path", err);
    if (status >= 0)
        status = hc__unit_run(as, note, NULL, err);
    if (status >= 0)
        status = copy(as, backup, beside, err);
    return status < 0 ? status : hc__file_publish(beside, backup->path, "path", err);
}

hc_status hc_client_backup(hc_client *client, const char *path, hc_backup_progress_fn progress, void *data,
                           hc_error *err)
{
    struct backup backup = {path, progress, data, false};
    hc_session *as;
    hc_status status;

    if (path == NULL || path[0] == '\0')
        return hc__fail(err, HC_ERR_INVALID, "path", "names no file");
    status = hc_session_system(&as, client, err);
    if (status < 0)
        return status;
    status = hc__enter(as, err);
    if (status >= 0) {
        status = run(as, &backup, err);
        hc__leave(as);
    }
    hc_session_free(as);
    return status;
}
