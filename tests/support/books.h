/* One small kind, a driver that keeps it, and what is done with both: for the shelf.h of a driver's room. */
#ifndef SUPPORT_BOOKS_H
#define SUPPORT_BOOKS_H

#include "plain_host.h"

enum { BOOK_ID, BOOK_TITLE, BOOK_COPIES, BOOK_PRICE, BOOK_AT, BOOK_NOTES, BOOK_FIELDS };

static const uint16_t book_title[] = {BOOK_TITLE};
static const hc_field book_fields[] = {
    {"id", HC_TYPE_ID, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"title", HC_TYPE_TEXT, 40, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"copies", HC_TYPE_INT32, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"price", HC_TYPE_DECIMAL, 18, 5, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"at", HC_TYPE_TIME, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"notes", HC_TYPE_JSON, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 1, 0},
};
static const hc_index book_indexes[] = {{"by_title", HC_INDEX_UNIQUE, 1, book_title, 1, 0}};
static const hc_kind books = {
    "books", HC_KIND_TRANSACTIONAL, 0, book_fields, BOOK_FIELDS, 1, book_indexes, 1, 0, NULL, 0, 0};
static const hc_step book_steps[] = {{HC_STEP_CREATE_KIND, 0, &books}};
static const hc_migration book_migration = {1, 1, book_steps};

static const hc_storage_driver *driver;
static void *store, *conn, *other;
static hc_error err;
static hc_batch batch; /* the last that ran */
static char uri[1024];

static inline hc_status shelf_open(void)
{
    hc_status status;

    memset(&err, 0, sizeof(err));
    status = driver->open(&store, &shelf_host, uri, &err);
    return status < 0 ? status : driver->connect(&conn, store, HC_CONNECT_WRITE, 0, &err);
}

static inline void shelf_close(void)
{
    if (conn != NULL)
        driver->disconnect(conn);
    if (other != NULL)
        driver->disconnect(other);
    if (store != NULL)
        driver->close(store);
    conn = other = store = NULL;
}

static inline void shelf_tear_down(void)
{
    shelf_close();
}

static inline hc_status shelf_run_until(void *on, uint32_t flags, const hc_op *ops, size_t count, int64_t deadline)
{
    memset(&err, 0, sizeof(err));
    batch = (hc_batch){.struct_size = sizeof(batch), .flags = flags, .ops = ops, .op_count = count};
    batch.deadline = deadline;
    return driver->execute(on, &batch, &err);
}

static inline hc_status shelf_run(void *on, uint32_t flags, const hc_op *ops, size_t count)
{
    return shelf_run_until(on, flags, ops, count, 0);
}

/* A book with a number, as an operation with its own memory. */
typedef struct shelf_book {
    unsigned char id[16];
    char title[41];
    hc_set sets[BOOK_FIELDS];
    hc_value key;
    hc_predicate is;
    hc_op insert, update; /* the update adds a copy, and must find one row */
    hc_set more;
} shelf_book;

static inline void shelf_book_init(shelf_book *book, uint32_t n)
{
    *book = (shelf_book){.id = {(unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
                                (unsigned char)n, 0, 0, 0x70}};
    (void)snprintf(book->title, sizeof(book->title), "book %u", (unsigned)n);
    book->key = (hc_value){HC_TYPE_ID, 16, {.bytes = book->id}};
    book->sets[0] = (hc_set){BOOK_ID, HC_SET_TO, 0, book->key};
    book->sets[1] =
        (hc_set){BOOK_TITLE, HC_SET_TO, 0, {HC_TYPE_TEXT, (uint32_t)strlen(book->title), {.bytes = book->title}}};
    book->sets[2] = (hc_set){BOOK_COPIES, HC_SET_TO, 0, {HC_TYPE_INT32, 0, {1}}};
    book->is = (hc_predicate){.test = HC_TEST_EQ, .field = BOOK_ID, .values = &book->key, .value_count = 1};
    book->more = (hc_set){BOOK_COPIES, HC_SET_ADD, 0, {HC_TYPE_INT32, 0, {1}}};
    book->insert = (hc_op){
        .verb = HC_VERB_INSERT, .expect = 1, .kind = &books, .sets = book->sets, .set_count = 3, .index = HC_INDEX_ANY};
    book->update = (hc_op){.verb = HC_VERB_UPDATE_WHERE,
                           .expect = 1,
                           .kind = &books,
                           .sets = &book->more,
                           .set_count = 1,
                           .where = &book->is,
                           .index = HC_INDEX_ANY};
}

static inline int64_t shelf_count(void *on)
{
    hc_op_result result = {0};
    hc_op op = {
        .verb = HC_VERB_COUNT, .expect = HC_EXPECT_ANY, .kind = &books, .index = HC_INDEX_ANY, .result = &result};

    return shelf_run(on, 0, &op, 1) == HC_OK ? result.count : -1;
}

#endif
