#include "client/unfinished.h"

#include "model/entity.h"

static const hc_value stream = {HC_TYPE_KEY, sizeof HC__MARK_STREAM - 1, {.bytes = HC__MARK_STREAM}};

const hc_predicate hc__is_copy_mark = {
    .test = HC_TEST_EQ, .field = hc__audit_head_f_stream, .inner = HC_NO_FIELD, .values = &stream, .value_count = 1};

hc_status hc__store_is_whole(hc__store *store, int64_t deadline, hc_error *err)
{
    hc_op_result found = {0};
    const hc_op op = {.verb = HC_VERB_COUNT,
                      .expect = HC_EXPECT_ANY,
                      .kind = &hc__audit_head_entity.kind,
                      .where = &hc__is_copy_mark,
                      .limit = 1,
                      .index = HC_INDEX_ANY,
                      .result = &found};
    hc_batch batch = {.struct_size = sizeof batch, .ops = &op, .op_count = 1, .deadline = deadline};
    hc__lease lease;
    hc_status status = hc__store_acquire(&lease, store, HC_CONNECT_READ, deadline, NULL, err);

    if (status < 0)
        return status;
    status = hc__store_driver(store)->execute(lease.conn, &batch, err);
    hc__store_release(store, &lease, hc__store_usable_after(status));
    if (status >= 0 && found.count > 0)
        status = hc__fail(err, HC_ERR_INVALID_STATE, "storage_uri",
                          "the store is an unfinished copy: run hc_copy() to its end");
    return status;
}
