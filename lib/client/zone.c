#include "client/zone.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "homeconnect/zone.h"

#define FIRST_SECOND (INT64_C(-62135596800)) /* 0001-01-01T00:00:00Z */
#define LAST_SECOND  INT64_C(253402300799)   /* 9999-12-31T23:59:59Z */
#define LOCAL_SIZE   32                      /* bytes that are looked at of a local time */

/* A name that stands for no file, or for none of zones, is not known. That a file cannot be read says nothing of its name:
 * who then took another zone would take hours for those of another place. */
static hc_status not_loaded(hc_status status, const hc_error *why, const hc__core *core, const char *name,
                            const char *field, hc_error *err)
{
    hc__file folder;
    hc_error at = {0};
    bool readable = status != HC_ERR_IO || why->native == EISDIR;

    if (status == HC_ERR_NO_MEMORY)
        return hc__no_memory(err);
    if (status == HC_ERR_NOT_FOUND) {
        (void)hc__file_open(&folder, core->zoneinfo, NULL, &at);
        readable = at.native == EISDIR;
        hc__file_close(&folder);
    }
    if (readable)
        return hc__fail(err, HC_ERR_INVALID, field, "no time zone \"%s\" is known here", name);
    hc__fail(err, HC_ERR_IO, "zoneinfo", "the time zones of this system cannot be read: are they installed (tzdata)?");
    if (err != NULL)
        err->native = why->native;
    return HC_ERR_IO;
}

hc_status hc__zone_load(hc__zone *zone, hc__arena *arena, const hc__core *core, const char *name, const char *field,
                        hc_error *err)
{
    hc__buf path, file;
    hc_error why = {0};
    hc_status status;

    hc__zone_utc(zone);
    if (!hc__zone_name_valid(name))
        return hc__fail(err, HC_ERR_INVALID, field, "a time zone is an IANA name, such as \"America/Chicago\"");
    if (strcmp(name, "UTC") == 0)
        return HC_OK;
    hc__buf_init(&path, &core->mem);
    hc__buf_init(&file, &core->mem);
    hc__buf_format(&path, "%s/%s", core->zoneinfo, name);
    status = path.failed ? HC_ERR_NO_MEMORY : hc__file_read(&file, path.data, HC__ZONE_FILE_LIMIT, field, &why);
    if (status == HC_OK)
        status = hc__zone_parse(zone, arena, file.data == NULL ? "" : file.data, file.size, &why);
    if (status < 0)
        status = not_loaded(status, &why, core, name, field, err);
    hc__buf_free(&file);
    hc__buf_free(&path);
    return status;
}

hc_status hc__zone_check(const hc__core *core, const char *name, const char *field, hc_error *err)
{
    hc__arena arena;
    hc__zone zone;
    hc_status status;

    hc__arena_init(&arena, &core->mem, NULL, 0);
    status = hc__zone_load(&zone, &arena, core, name, field, err);
    hc__arena_free(&arena);
    return status;
}

/* ---- the public functions ---- */

/* Wall time as it was written, and the offset behind it, if there is one. */
typedef struct wall {
    int64_t seconds;
    int32_t offset;
    bool has_offset;
} wall;

/* "YYYY-MM-DDTHH:MM", with seconds and an offset if one likes: made whole, it is what RFC 3339 says. */
static bool read_wall(wall *out, const char *text)
{
    char whole[LOCAL_SIZE + 8];
    size_t size = strlen(text), clock = 16;
    int64_t utc, local;

    if (size < clock || size > LOCAL_SIZE)
        return false;
    memcpy(whole, text, clock);
    if (text[clock] == ':' && size >= clock + 3) {
        memcpy(whole + clock, text + clock, 3);
        clock += 3;
    } else {
        memcpy(whole + clock, ":00", 3);
    }
    whole[19] = 'Z';
    if (!hc__time_parse(&local, whole, 20))
        return false;
    out->seconds = local / HC__SECOND - (local % HC__SECOND < 0);
    out->has_offset = text[clock] != '\0';
    out->offset = 0;
    if (!out->has_offset)
        return true;
    memcpy(whole + 19, text + clock, size - clock);
    if (!hc__time_parse(&utc, whole, 19 + size - clock) || utc % HC__SECOND != 0)
        return false;
    out->offset = (int32_t)((local - utc) / HC__SECOND);
    return true;
}

static hc_status wall_to_utc(int64_t *out, const hc__zone *zone, const wall *at, const char *text, const char *name,
                             hc_error *err)
{
    int64_t utc, later;
    hc__wall how = hc__zone_of_wall(zone, at->seconds, &utc, &later);

    if (how == HC__WALL_NEVER)
        return hc__fail(err, HC_ERR_INVALID, "time", "%s does not exist in %s: the clocks jump over it", text, name);
    if (at->has_offset && how == HC__WALL_TWICE && at->seconds - at->offset == later)
        utc = later;
    if (at->has_offset && at->seconds - at->offset != utc)
        return hc__fail(err, HC_ERR_INVALID, "time", "%s has not the offset of %s at that time", text, name);
    *out = utc * HC__SECOND;
    return HC_OK;
}

static hc_status with_zone(hc__core **core, hc__zone *zone, hc__arena *arena, const hc_client *client, const char *name,
                           hc_error *err)
{
    hc_status status = hc__client_core(core, client, err);

    if (status < 0)
        return status;
    if (name == NULL)
        return hc__fail(err, HC_ERR_INVALID, "time_zone", "NULL");
    hc__arena_init(arena, &(*core)->mem, NULL, 0);
    status = hc__zone_load(zone, arena, *core, name, "time_zone", err);
    if (status < 0)
        hc__arena_free(arena);
    return status;
}

hc_status hc_zone_to_utc(int64_t *out, hc_client *client, const char *text, const char *name, hc_error *err)
{
    hc__core *core;
    hc__arena arena;
    hc__zone zone;
    wall at;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = 0;
    status = with_zone(&core, &zone, &arena, client, name, err);
    if (status < 0)
        return status;
    if (text == NULL || !read_wall(&at, text))
        status = hc__fail(err, HC_ERR_INVALID, "time",
                          "must be YYYY-MM-DDTHH:MM, with seconds (no leap second) and an "
                          "offset if needed");
    else
        status = wall_to_utc(out, &zone, &at, text, name, err);
    hc__arena_free(&arena);
    return status;
}

/* Seconds of an offset are cut off: RFC 3339 has none. Zones of this century have none either. */
static void put_offset(char *at, int32_t offset)
{
    int32_t minutes = (offset < 0 ? -offset : offset) / 60;

    at[0] = offset < 0 ? '-' : '+';
    at[1] = (char)('0' + minutes / 600);
    at[2] = (char)('0' + minutes / 60 % 10);
    at[3] = ':';
    at[4] = (char)('0' + minutes % 60 / 10);
    at[5] = (char)('0' + minutes % 10);
    at[6] = '\0';
}

hc_status hc_zone_from_utc(char *out, hc_client *client, int64_t micros, const char *name, hc_error *err)
{
    hc__core *core;
    hc__arena arena;
    hc__zone zone;
    int64_t seconds = micros / HC__SECOND - (micros % HC__SECOND < 0);
    int32_t offset;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    out[0] = '\0';
    status = with_zone(&core, &zone, &arena, client, name, err);
    if (status < 0)
        return status;
    offset = hc__zone_offset(&zone, seconds) / 60 * 60;
    hc__arena_free(&arena);
    if (seconds + offset < FIRST_SECOND || seconds + offset > LAST_SECOND)
        return hc__fail(err, HC_ERR_INVALID, "micros", "the years there are from 1 to 9999");
    hc__time_format(out, (seconds + offset) * HC__SECOND);
    put_offset(out + 19, offset);
    return HC_OK;
}
