/* Values to a server and back, behind the shelf.h of a driver's room. */
#ifndef SUPPORT_BOOKS_VALUES_H
#define SUPPORT_BOOKS_VALUES_H

#include "books.h"

#define ROUNDS 400

static uint64_t seed;

static uint64_t pick(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return seed >> 11;
}

static hc_value got[BOOK_FIELDS];
static char got_text[4096];

static hc_status on_row(const hc_row *row, void *data, hc_error *why)
{
    (void)data;
    (void)why;
    memcpy(got, row->values, row->count * sizeof(got[0]));
    for (uint32_t i = 0; i < row->count; i++) {
        if (got[i].type == HC_TYPE_JSON && got[i].size < sizeof(got_text)) {
            memcpy(got_text, got[i].as.bytes, got[i].size);
            got_text[got[i].size] = '\0';
        }
    }
    return HC_OK;
}

/* Writes one field of a new book and reads it back into got[0]. */
static hc_status there_and_back(uint32_t n, uint16_t field, hc_value value)
{
    hc_op_result result = {0};
    shelf_book book;
    hc_op ops[2];

    shelf_book_init(&book, n);
    book.sets[3] = (hc_set){field, HC_SET_TO, 0, value};
    book.insert.set_count = 4;
    ops[0] = book.insert;
    ops[1] = (hc_op){.verb = HC_VERB_QUERY,
                     .expect = -1,
                     .kind = &books,
                     .where = &book.is,
                     .fields = &field,
                     .field_count = 1,
                     .index = HC_INDEX_ID,
                     .limit = 1,
                     .result = &result};
    memset(&err, 0, sizeof(err));
    memset(got, 0, sizeof(got));
    batch = (hc_batch){.struct_size = sizeof(batch),
                       .flags = HC_BATCH_BEGIN | HC_BATCH_COMMIT,
                       .ops = ops,
                       .op_count = 2,
                       .on_row = on_row};
    return driver->execute(conn, &batch, &err);
}

START_TEST(decimals_of_every_size_come_back)
{
    for (uint32_t i = 0; i < ROUNDS; i++) {
        int64_t limit = 1, units;

        for (uint64_t k = pick() % 19; k > 0; k--)
            limit *= 10;
        units = (int64_t)(pick() % (uint64_t)limit) * (pick() % 2 == 0 ? 1 : -1);
        if (i < 19)
            units = limit - 1;
        if (units > INT64_C(999999999999999999))
            units = INT64_C(999999999999999999);
        ck_assert_msg(there_and_back(i + 1, BOOK_PRICE, (hc_value){HC_TYPE_DECIMAL, 0, {units}}) == HC_OK, "%lld: %s",
                      (long long)units, err.message);
        ck_assert_int_eq(got[0].type, HC_TYPE_DECIMAL);
        ck_assert_int_eq(got[0].as.integer, units);
    }
    ck_assert_int_eq(there_and_back(9000, BOOK_PRICE, (hc_value){HC_TYPE_DECIMAL, 0, {INT64_MAX}}), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "price");
}
END_TEST

#endif
