/* hc_events_read: the next events by their numbers. */
#include "homeconnect/event.h"

#include "client/crud.h"
#include "client/numbering.h"

#define DEFAULT_LIMIT 100
#define PASSES        4 /* that give numbers before an answer: a pass may leave versions to the next one */

struct hc_event_page {
    hc__handle *handle;
    hc_event *events;
    size_t count;
    int64_t last;
    bool has_more;
};

struct reading {
    hc_session *as;
    hc_event_page *page;
    int64_t after;
    size_t limit;
    int64_t highest; /* number in the store */
    hc_op_result waiting;
    uint16_t fields[HC__FIELD_LIMIT];
};

enum { HIGHEST, WAITING, EVENTS, OPS };

static hc_status take(const hc_row *row, void *data, hc_error *err)
{
    struct reading *reading = data;
    hc_event_page *page = reading->page;
    hc__record *record;

    if (row->op == HIGHEST) {
        reading->highest = row->values[0].as.integer;
        return HC_OK;
    }
    if (page->count == reading->limit) {
        page->has_more = true;
        return HC_OK;
    }
    record = &page->events[page->count].record;
    if (hc__record_init(record, &hc__event_entity, &page->handle->arena, err) < 0 ||
        !hc__record_fill(record, reading->fields, row->values, row->count))
        return hc__no_memory(err);
    page->count++;
    page->last = hc__record_int(record, hc__event_f_seq);
    return HC_OK;
}

/* What waits is counted before the rows are read: when nothing did, they are all there is. */
static hc_status read_once(struct reading *reading, hc__arena *arena, hc_error *err)
{
    static const hc_order order[] = {{hc__event_f_seq, HC_ORDER_NOT_NULL}, {hc__event_f_id, 0}};
    const hc_kind *kind = &hc__event_entity.kind;
    hc_session *as = reading->as;
    hc_op ops[OPS] = {[HIGHEST] = hc__events_last(arena),
                      [WAITING] = hc__events_waiting(arena, &reading->waiting),
                      [EVENTS] = {.verb = HC_VERB_QUERY,
                                  .expect = HC_EXPECT_ANY,
                                  .kind = kind,
                                  .fields = reading->fields,
                                  .order = order,
                                  .order_count = 2,
                                  .limit = (int64_t)reading->limit + 1}};

    ops[EVENTS].index = ops[HIGHEST].index;
    ops[EVENTS].field_count = hc__readable_fields(reading->fields, &hc__event_entity);
    ops[EVENTS].where = hc__all_of(arena, hc__is_int(arena, kind, hc__event_f_seq, HC_TEST_GT, reading->after),
                                   hc__policy_where(arena, as, HC__EVENT_READ, hc__session_now(as)));
    for (size_t i = 0; i < OPS; i++)
        if (ops[i].where == NULL)
            return hc__no_memory(err);
    reading->page->count = 0;
    reading->page->last = reading->after;
    reading->page->has_more = false;
    reading->highest = 0;
    return hc__session_read(as, ops, OPS, take, reading, err);
}

struct giving {
    int64_t most, given;
};

static hc_status give_numbers(hc__unit *unit, void *data, hc_error *err)
{
    struct giving *giving = data;

    return hc__events_number(unit, giving->most, &giving->given, err);
}

static hc_status read_all(struct reading *reading, hc_error *err)
{
    struct giving giving = {(int64_t)reading->limit + 1, 1};
    hc_event_page *page = reading->page;
    hc_status status = HC_OK;

    for (int pass = 0; status >= 0; pass++) {
        uint8_t room[2048];
        hc__arena arena;

        hc__arena_init(&arena, &reading->as->core->mem, room, sizeof room);
        status = read_once(reading, &arena, err);
        hc__arena_free(&arena);
        if (status < 0 || page->has_more || reading->waiting.count == 0 || pass == PASSES || giving.given == 0)
            break;
        status = hc__unit_run_unchecked(reading->as, give_numbers, &giving, err);
    }
    if (status >= 0 && reading->after > reading->highest) {
        status = hc__fail(err, HC_ERR_INVALID, "after", "no event has this number yet: the feed ends at %lld",
                          (long long)reading->highest);
        if (err != NULL)
            err->detail = reading->highest;
    }
    page->has_more = page->has_more || reading->waiting.count > 0;
    return status;
}

static hc_status check(const struct reading *reading, int32_t limit, hc_error *err)
{
    static const hc_id none;
    hc_status status = hc__require(reading->as, HC__EVENT_READ, &hc__event_entity, none, err);

    if (status >= 0 && reading->as->unit != NULL)
        status = hc__fail(err, HC_ERR_MISUSE, "session", "the events feed is not read in a unit of work");
    if (status >= 0 && (limit < 0 || limit > HC_EVENTS_LIMIT))
        status = hc__fail(err, HC_ERR_INVALID, "limit", "limit is 1 to %d", HC_EVENTS_LIMIT);
    if (status >= 0 && reading->after < 0)
        status = hc__fail(err, HC_ERR_INVALID, "after", "a number of an event, or 0");
    return status;
}

static hc_status run(hc_event_page **out, struct reading *reading, int32_t limit, hc_error *err)
{
    hc__handle *handle;
    hc_event_page *page;
    hc_status status = check(reading, limit, err);

    if (status < 0)
        return status;
    page = hc__handle_new(reading->as->core, sizeof *page, 8192, &handle);
    if (page == NULL)
        return hc__no_memory(err);
    reading->page = page;
    page->handle = handle;
    page->events = hc__arena_alloc(&handle->arena, reading->limit * sizeof *page->events);
    status = page->events == NULL ? hc__no_memory(err) : read_all(reading, err);
    if (status < 0)
        hc_event_page_free(page);
    else
        *out = page;
    return status;
}

hc_status hc_events_read(hc_event_page **out, hc_session *as, int64_t after, int32_t limit, hc_error *err)
{
    struct reading reading = {.as = as, .after = after, .limit = limit == 0 ? DEFAULT_LIMIT : (size_t)limit};
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    status = run(out, &reading, limit, err);
    hc__leave(as);
    return status;
}

size_t hc_event_page_count(const hc_event_page *page)
{
    return page == NULL ? 0 : page->count;
}

const hc_event *hc_event_page_at(const hc_event_page *page, size_t index)
{
    return index >= hc_event_page_count(page) ? NULL : &page->events[index];
}

int64_t hc_event_page_last(const hc_event_page *page)
{
    return page == NULL ? 0 : page->last;
}

int32_t hc_event_page_has_more(const hc_event_page *page)
{
    return page != NULL && page->has_more;
}

void hc_event_page_free(hc_event_page *page)
{
    if (page != NULL)
        hc__handle_free(page->handle);
}
