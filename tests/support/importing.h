/* Imports and exports of a test's own files. */
#ifndef SUPPORT_IMPORTING_H
#define SUPPORT_IMPORTING_H

#include <stdio.h>
#include <string.h>

#include "homeconnect/import.h"
#include "house.h"

/* Three columns that vary, the rest constant. */
#define MAPPING                                                                                                        \
    "{\"source_system\":\"feed\",\"key\":\"id\",\"as_of\":\"day\",\"fields\":{\"title\":{\"template\":\"Home {id}\"}," \
    "\"price\":\"price\",\"address\":{\"const\":\"12 Creek Rd\"},\"city\":{\"const\":\"Austin\"},"                     \
    "\"state\":{\"const\":\"TX\"},\"zip_code\":{\"const\":\"78704\"},\"property_type\":{\"const\":\"house\"},"         \
    "\"beds\":\"beds\"}}"
#define HEADER "id,day,price,beds\n"

typedef struct importing {
    hc_import_options options;
    hc_import_counts counts;
    char report[4000]; /* refused rows, a line each */
    int calls;         /* of the progress callback */
    int cancel_at;
} importing;

static importing job;

static hc_status on_progress(const hc_import_counts *counts, void *data)
{
    importing *of = data;

    ck_assert_int_eq(counts->read, counts->created + counts->updated + counts->unchanged + counts->refused);
    return ++of->calls == of->cancel_at ? HC_ERR_CANCELLED : HC_OK;
}

static void on_refused(const char *json, size_t size, void *data)
{
    importing *of = data;
    size_t at = strlen(of->report);

    ck_assert_uint_eq(strlen(json), size);
    if (at + size + 2 < sizeof of->report)
        snprintf(of->report + at, sizeof of->report - at, "%s\n", json);
}

static void file_with(char path[400], const char *name, const void *bytes, size_t size)
{
    FILE *file;

    snprintf(path, 400, "%s/%s", house.folder, name);
    file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

/* Imports bytes; the job's options but path stand as set before. */
static hc_status import_bytes(hc_session *as, const void *bytes, size_t size, hc_error *err)
{
    char path[400];

    file_with(path, "import", bytes, size);
    job.options.struct_size = sizeof job.options;
    job.options.path = path;
    job.options.format = job.options.format == 0 ? HC_FORMAT_CSV : job.options.format;
    if (job.options.format == HC_FORMAT_CSV && job.options.mapping == NULL && job.options.mapping_path == NULL)
        job.options.mapping = MAPPING;
    job.options.progress = on_progress;
    job.options.report = on_refused;
    job.options.data = &job;
    job.report[0] = '\0';
    job.calls = 0;
    house_count(1);
    return hc_import_run(&job.counts, as, &job.options, err);
}

/* Imports text that must be taken as a whole, and checks what became of its rows. */
static void import_text(hc_session *as, const char *text, int64_t created, int64_t updated, int64_t unchanged,
                        int64_t refused)
{
    hc_error err = {0};
    hc_status status = import_bytes(as, text, strlen(text), &err);

    ck_assert_msg(status == HC_OK, "%s %s: %s", hc_status_name(status), err.field, err.message);
    ck_assert_msg(job.counts.created == created && job.counts.updated == updated && job.counts.unchanged == unchanged &&
                      job.counts.refused == refused && job.counts.read == created + updated + unchanged + refused,
                  "%d read, %d new, %d updated, %d unchanged, %d refused: %s", (int)job.counts.read,
                  (int)job.counts.created, (int)job.counts.updated, (int)job.counts.unchanged, (int)job.counts.refused,
                  job.report);
}

/* The listing of a source key, as `as` reads it. */
static hc_property *imported(hc_session *as, const char *key)
{
    char sql[300];
    hc_id id;
    hc_property *home;

    for (int i = 0; i < 16; i++) {
        int64_t byte;

        snprintf(sql, sizeof sql,
                 "SELECT (instr('0123456789ABCDEF', substr(hex(id), %d, 1)) - 1) * 16 + "
                 "instr('0123456789ABCDEF', substr(hex(id), %d, 1)) - 1 FROM properties WHERE source_key = '%s'",
                 2 * i + 1, 2 * i + 2, key);
        byte = house_sql(sql);
        ck_assert_msg(byte >= 0, "there is no listing %s", key);
        id.bytes[i] = (uint8_t)byte;
    }
    HOUSE_OK(hc_property_get(&home, as, id, err));
    return home;
}

#endif
