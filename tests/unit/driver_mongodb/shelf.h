/* The document kinds of the library in a database of the test's own, seen by the driver and by libmongoc alone. */
#ifndef DRIVER_MONGODB_SHELF_H
#define DRIVER_MONGODB_SHELF_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "driver/mongodb/entry.h"
#include "driver/mongodb/mongodb.h"
#include "model/entity.h"
#include "plain_host.h"
#include "server_mongodb.h"
#include "suite.h"

static const hc_storage_driver *driver;
static void *store, *conn;
static hc_error err;
static hc_batch batch; /* the last that ran */

static inline hc_status shelf_open(const char *uri)
{
    hc_status status;

    memset(&err, 0, sizeof(err));
    ck_assert_int_eq(hc_driver_mongodb_entry(&driver, HC_DRIVER_ABI, &err), HC_OK);
    status = driver->open(&store, &shelf_host, uri, &err);
    return status < 0 ? status : driver->connect(&conn, store, HC_CONNECT_WRITE, 0, &err);
}

static inline void shelf_close(void)
{
    if (conn != NULL)
        driver->disconnect(conn);
    if (store != NULL)
        driver->close(store);
    conn = store = NULL;
}

static inline hc_status shelf_batch(hc_op *ops, size_t count, hc_row_fn on_row, void *data)
{
    memset(&err, 0, sizeof(err));
    batch = (hc_batch){.struct_size = sizeof(batch),
                       .ops = ops,
                       .op_count = count,
                       .on_row = on_row,
                       .data = data,
                       .deadline = batch.deadline};
    return driver->execute(conn, &batch, &err);
}

static inline hc_value shelf_text(int32_t type, const char *text)
{
    return (hc_value){type, (uint32_t)strlen(text), {.bytes = text}};
}

static inline hc_value shelf_int(int32_t type, int64_t n)
{
    return (hc_value){type, 0, {.integer = n}};
}

static inline hc_value shelf_id(const hc_id *id)
{
    return (hc_value){HC_TYPE_ID, sizeof(id->bytes), {.bytes = id->bytes}};
}

#endif
