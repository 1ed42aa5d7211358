#include "homeconnect/error.h"
#include "homeconnect/version.h"

typedef struct status_row {
    hc_status status;
    int32_t http;
    const char *name;
} status_row;

#define ROW(status, http)                                                                                              \
    {                                                                                                                  \
        status, http, #status                                                                                          \
    }

/* Errors in order: row i is status -i. */
static const status_row errors[] = {
    ROW(HC_OK, 200),
    ROW(HC_ERR_INVALID, 400),
    ROW(HC_ERR_UNAUTHENTICATED, 401),
    ROW(HC_ERR_FORBIDDEN, 403),
    ROW(HC_ERR_NOT_FOUND, 404),
    ROW(HC_ERR_CONFLICT, 409),
    ROW(HC_ERR_INVALID_STATE, 409),
    ROW(HC_ERR_TOO_BROAD, 422),
    ROW(HC_ERR_TOO_LARGE, 413),
    ROW(HC_ERR_RATE_LIMITED, 429),
    ROW(HC_ERR_BUSY, 503),
    ROW(HC_ERR_UNAVAILABLE, 503),
    ROW(HC_ERR_TIMEOUT, 504),
    ROW(HC_ERR_CANCELLED, 499),
    ROW(HC_ERR_ABORTED, 500),
    ROW(HC_ERR_MISUSE, 500),
    ROW(HC_ERR_CLOSED, 500),
    ROW(HC_ERR_FORKED, 500),
    ROW(HC_ERR_NO_MEMORY, 503),
    ROW(HC_ERR_NO_SPACE, 507),
    ROW(HC_ERR_IO, 500),
    ROW(HC_ERR_CORRUPT, 500),
    ROW(HC_ERR_UNSUPPORTED, 501),
    ROW(HC_ERR_SCHEMA, 500),
    ROW(HC_ERR_UPSTREAM, 502),
    ROW(HC_ERR_TRUNCATED, 502),
    ROW(HC_ERR_INTERNAL, 500),
};

static const status_row notes[] = {
    ROW(HC_NOTE_SAME, 200),
    ROW(HC_NOTE_REPLAYED, 200),
    ROW(HC_NOTE_DEDUPLICATED, 200),
    ROW(HC_NOTE_BUYER_OVERLAP, 200),
    ROW(HC_NOTE_INCOMPLETE, 200),
};

static const status_row unknown_error = {0, 500, "HC_ERR_UNKNOWN"};
static const status_row unknown_note = {0, 200, "HC_NOTE_UNKNOWN"};

static const status_row *row_of(hc_status status)
{
    const int32_t error_count = (int32_t)(sizeof(errors) / sizeof(errors[0]));
    const int32_t note_count = (int32_t)(sizeof(notes) / sizeof(notes[0]));

    if (status <= 0)
        return status > -error_count ? &errors[-status] : &unknown_error;
    return status <= note_count ? &notes[status - 1] : &unknown_note;
}

const char *hc_status_name(hc_status status)
{
    return row_of(status)->name;
}

int32_t hc_status_http(hc_status status)
{
    return row_of(status)->http;
}

const char *hc_version(void)
{
    return HC_VERSION_STRING;
}

int32_t hc_version_number(void)
{
    return HC_VERSION_MAJOR * 1000000 + HC_VERSION_MINOR * 1000 + HC_VERSION_PATCH;
}
