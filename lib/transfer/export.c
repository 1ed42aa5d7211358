/* hc_export_run: the pages of a query as CSV, RESO JSON or JSON Lines. */
#include <string.h>

#include "base/csv.h"
#include "client/crud.h"
#include "homeconnect/import.h"
#include "homeconnect/property.h"
#include "transfer/listers.h"

#define PAGE_ROWS 200

typedef struct export
{
    hc_session *as;
    int32_t format;
    hc_export_write_fn write;
    void *data;
    hc__buf out;
    hc__buf cell;
    hc__listers listers;
    hc_query query;      /* the caller's, with our limit and cursor; owns nothing */
    int64_t rows, taken; /* written; of those, what the host took */
}
export;

static hc_status send(export *e, hc_error *err)
{
    hc_status status = HC_OK;

    if (e->out.failed || e->cell.failed)
        return hc__no_memory(err);
    if (e->out.size > 0) {
        *err = (hc_error){.status = HC_OK};
        status = e->write(e->out.data, e->out.size, e->data, err);
    }
    if (status < 0 && err->status != status) /* the callback need not say why */
        hc__fail(err, status, NULL, "the export was ended by its write callback");
    hc__buf_clear(&e->out);
    if (status >= 0)
        e->taken = e->rows;
    return status < 0 ? status : HC_OK;
}

/* ---- formats ---- */

static bool is_column(uint16_t field)
{
    return hc__property_entity.info[field].privacy <= HC__PUBLIC_ADDRESS;
}

static void put_header(export *e)
{
    bool first = true;

    for (uint16_t i = 0; i < hc__property_field_count; i++) {
        if (!is_column(i))
            continue;
        if (!first)
            hc__buf_char(&e->out, ',');
        hc__buf_text(&e->out, hc__property_entity.kind.fields[i].name);
        first = false;
    }
    hc__buf_text(&e->out, "\r\n");
}

static void put_csv(export *e, const hc__record *row)
{
    bool first = true;

    for (uint16_t i = 0; i < hc__property_field_count; i++) {
        if (!is_column(i))
            continue;
        if (!first)
            hc__buf_char(&e->out, ',');
        first = false;
        if (hc__record_is_null(row, i))
            continue;
        hc__buf_rewind(&e->cell);
        hc__record_spell(&e->cell, row, i);
        hc__csv_put(&e->out, e->cell.data == NULL ? "" : e->cell.data, e->cell.size, ',');
    }
    hc__buf_text(&e->out, "\r\n");
}

static hc_status put_row(export *e, const hc__record *row, hc_error *err)
{
    switch (e->format) {
    case HC_FORMAT_CSV:
        put_csv(e, row);
        return HC_OK;
    case HC_FORMAT_JSONL:
        hc__record_to_json(&e->out, row, HC__OWNER_ONLY, e->query.query.fields);
        hc__buf_char(&e->out, '\n');
        return HC_OK;
    default:
        hc__buf_text(&e->out, e->rows == 0 ? "\n" : ",\n");
        return hc__reso_write(&e->out, row, &e->as->core->mem, hc__listers_of(&e->listers, row), err);
    }
}

static void put_head(export *e)
{
    if (e->format == HC_FORMAT_CSV)
        put_header(e);
    else if (e->format == HC_FORMAT_RESO)
        hc__buf_text(&e->out, "{\"@reso.context\":\"urn:reso:metadata:2.0:resource:property\",\"value\":[");
}

static void put_foot(export *e)
{
    if (e->format == HC_FORMAT_RESO)
        hc__buf_text(&e->out, e->rows == 0 ? "]}\n" : "\n]}\n");
}

/* ---- pages ---- */

static hc_status put_page(export *e, const hc_property_page *page, hc_error *err)
{
    hc_status status = HC_OK;

    if (e->format == HC_FORMAT_RESO)
        status = hc__listers_read(&e->listers, page, err);
    for (size_t i = 0; status == HC_OK && i < hc_property_page_count(page); i++, e->rows++)
        status = put_row(e, &hc_property_page_at(page, i)->record, err);
    return status < 0 ? status : send(e, err);
}

static hc_status put_pages(export *e, hc_error *err)
{
    hc_property_page *page = NULL, *next;
    hc_status status;

    do {
        status = hc_property_list(&next, e->as, &e->query, err);
        hc_property_page_free(page); /* its cursor was in use until here */
        page = next;
        if (status < 0)
            return status;
        status = put_page(e, page, err);
        e->query.query.cursor = hc_property_page_cursor(page);
    } while (status == HC_OK && e->query.query.cursor != NULL);
    hc_property_page_free(page);
    return status;
}

static hc_status run(export *e, hc_error *err)
{
    hc_status status;

    put_head(e);
    status = put_pages(e, err);
    if (status == HC_OK) {
        put_foot(e);
        status = send(e, err);
    }
    return status;
}

static hc_status add_note(hc__unit *unit, void *data, hc_error *err)
{
    (void)data;
    (void)err;
    hc__audit_add(unit, &(hc__audit){.event = "sensitive_read", .target_kind = "property", .reason = "export"});
    return HC_OK;
}

/* Taking away more than anybody may see is told before the first row; who may not is refused by the list itself. */
static hc_status note(hc_session *as, const hc_query *query, hc_error *err)
{
    int32_t scope = query->query.scope;
    bool told = query->query.entity == &hc__property_entity && scope != HC__SCOPE_PUBLIC &&
                hc__policy_rule(as, hc__policy_list(&hc__property_entity, scope)) != HC__NONE;

    return told ? hc__unit_run(as, add_note, NULL, err) : HC_OK;
}

hc_status hc_export_run(int64_t *out_rows, hc_session *as, const hc_query *query, int32_t format,
                        hc_export_write_fn write, void *data, hc_error *err)
{
    export e = {.as = as, .format = format, .write = write, .data = data, .listers = {.as = as}};
    hc_error why;
    hc_status status;

    if (out_rows != NULL)
        *out_rows = 0;
    if (as == NULL || query == NULL || write == NULL)
        return hc__fail(err, HC_ERR_MISUSE, as == NULL ? "session" : query == NULL ? "query" : "write", "NULL");
    if (format < HC_FORMAT_CSV || format > HC_FORMAT_JSONL)
        return hc__fail(err, HC_ERR_INVALID, "format", "must be HC_FORMAT_CSV, HC_FORMAT_RESO or HC_FORMAT_JSONL");
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    status = note(as, query, err);
    hc__leave(as);
    if (status < 0)
        return status;
    e.query = *query;
    e.query.query.limit = PAGE_ROWS;
    e.query.query.count = 0;
    hc__buf_init(&e.out, &as->core->mem);
    hc__buf_init(&e.cell, &as->core->mem);
    status = run(&e, &why);
    hc__listers_free(&e.listers);
    hc__buf_free(&e.cell);
    hc__buf_free(&e.out);
    if (status < 0 && err != NULL)
        *err = why;
    if (out_rows != NULL)
        *out_rows = e.taken;
    return status;
}
