#include "base/id.h"
#include "client/crud.h"

static hc_status create(hc_session *as, hc__operation operation, const hc__entity *entity, hc__create *data,
                        hc__unit_fn fn, hc_error *err)
{
    static const hc_id none;
    hc_status status = hc__require(as, operation, entity, none, err);

    if (status >= 0)
        status = hc__checked_input(as, data->record, HC__FOR_CREATE, err);
    if (status >= 0)
        status = hc__once_take(&data->once, as, data->record, err);
    if (status >= 0 && hc__id_zero(data->id))
        status = hc__id_make(&data->id, hc__core_now(as->core), err);
    if (status >= 0 && data->prepare != NULL)
        status = data->prepare(as, data, err);
    return status < 0 ? status : hc__unit_run(as, fn, data, err);
}

hc_status hc__run_create(hc_id *out, hc_session *as, hc__operation operation, const hc__entity *entity,
                         hc__create *data, hc__unit_fn fn, hc_error *err)
{
    static const hc_id none;
    hc_error why;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = none;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    status = create(as, operation, entity, data, fn, &why);
    if (status >= 0)
        *out = data->id;
    else
        status = hc__unit_refuse(as, status, &why, err);
    hc__leave(as);
    return status;
}

static hc_status update(hc_session *as, const hc__entity *entity, hc__update *data, hc__unit_fn fn, hc_error *err)
{
    hc_id id = data->changes == NULL ? (hc_id){{0}} : hc__record_key(data->changes);
    hc_status status = HC_OK;

    for (size_t i = 0; status >= 0 && i < data->needed_count; i++)
        status = hc__require(as, data->needed[i], entity, id, err);
    if (status >= 0)
        status = hc__checked_input(as, data->changes, HC__FOR_UPDATE, err);
    if (status >= 0 && data->check != NULL)
        status = data->check(as, data->changes, err);
    return status < 0 ? status : hc__unit_run(as, fn, data, err);
}

hc_status hc__run_update(int32_t *out_version, hc_session *as, const hc__entity *entity, hc__update *data,
                         hc__unit_fn fn, hc_error *err)
{
    hc_error why;
    hc_status status = hc__enter(as, err);

    if (out_version != NULL)
        *out_version = 0;
    if (status < 0)
        return status;
    status = update(as, entity, data, fn, &why);
    if (status < 0)
        status = hc__unit_refuse(as, status, &why, err);
    else if (out_version != NULL)
        *out_version = data->version;
    hc__leave(as);
    return status;
}

hc_status hc__run_removal(hc_session *as, hc__operation operation, const hc__entity *entity, hc__removal *data,
                          hc__unit_fn fn, hc_error *err)
{
    hc_error why;
    hc_status status = hc__enter(as, err);

    if (status < 0)
        return status;
    status = hc__require(as, operation, entity, data->id, &why);
    if (status >= 0 && data->version <= 0)
        status = hc__fail(&why, HC_ERR_INVALID, "version", "the version that the %s was read at", entity->noun);
    if (status >= 0)
        status = hc__unit_run(as, fn, data, &why);
    if (status < 0)
        status = hc__unit_refuse(as, status, &why, err);
    hc__leave(as);
    return status;
}
