#include "client/unfinished.h"

#include <string.h>

#include "model/entity.h"

static const hc_value stream = {HC_TYPE_KEY, sizeof HC__MARK_STREAM - 1, {.bytes = HC__MARK_STREAM}};

const hc_predicate hc__is_copy_mark = {
    .test = HC_TEST_EQ, .field = hc__audit_head_f_stream, .inner = HC_NO_FIELD, .values = &stream, .value_count = 1};

static const hc_value log_stream = {HC_TYPE_KEY, sizeof HC__LOG_STREAM - 1, {.bytes = HC__LOG_STREAM}};
static const hc_predicate is_log = {.test = HC_TEST_EQ,
                                    .field = hc__audit_head_f_stream,
                                    .inner = HC_NO_FIELD,
                                    .values = &log_stream,
                                    .value_count = 1};

static hc_status has_head(bool *out, hc__store *store, const hc_predicate *which, int64_t deadline, hc_error *err)
{
    hc_op_result found = {0};
    const hc_op op = {.verb = HC_VERB_COUNT,
                      .expect = HC_EXPECT_ANY,
                      .kind = &hc__audit_head_entity.kind,
                      .where = which,
                      .limit = 1,
                      .index = HC_INDEX_ANY,
                      .result = &found};
    hc_batch batch = {.struct_size = sizeof batch, .ops = &op, .op_count = 1, .deadline = deadline};
    hc__lease lease;
    hc_status status = hc__store_acquire(&lease, store, HC_CONNECT_READ, deadline, NULL, err);

    *out = false;
    if (status < 0)
        return status;
    status = hc__store_driver(store)->execute(lease.conn, &batch, err);
    hc__store_release(store, &lease, hc__store_usable_after(status));
    *out = status >= 0 && found.count > 0;
    return status;
}

hc_status hc__store_is_whole(hc__store *store, int64_t deadline, hc_error *err)
{
    bool marked;
    hc_status status = has_head(&marked, store, &hc__is_copy_mark, deadline, err);

    if (status >= 0 && marked)
        status = hc__fail(err, HC_ERR_INVALID_STATE, "storage_uri",
                          "the store is an unfinished copy: run hc_copy() to its end");
    return status;
}

hc_status hc__store_is_sealed(bool *out, hc__store *store, int64_t deadline, hc_error *err)
{
    return has_head(out, store, &is_log, deadline, err);
}

struct head {
    hc_id id;
    bool found;
};

static hc_status take_head(const hc_row *row, void *data, hc_error *err)
{
    struct head *head = data;

    (void)err;
    head->found = row->values[0].size == sizeof head->id;
    if (head->found)
        memcpy(head->id.bytes, row->values[0].as.bytes, sizeof head->id);
    return HC_OK;
}

hc_status hc__store_head(hc_id *out, bool *found, const hc_storage_driver *driver, void *conn, int64_t deadline,
                         hc_error *err)
{
    static const uint16_t field = hc__audit_head_f_id;
    struct head head = {.found = false};
    const hc_op op = {.verb = HC_VERB_QUERY,
                      .expect = HC_EXPECT_ANY,
                      .kind = &hc__audit_head_entity.kind,
                      .where = &is_log,
                      .fields = &field,
                      .field_count = 1,
                      .limit = 1,
                      .index = HC_INDEX_ANY};
    hc_batch batch = {.struct_size = sizeof batch,
                      .ops = &op,
                      .op_count = 1,
                      .deadline = deadline,
                      .on_row = take_head,
                      .data = &head};
    hc_status status = driver->execute(conn, &batch, err);

    *out = head.id;
    *found = status >= 0 && head.found;
    return status;
}
