/* Text for calendars: iCalendar (RFC 5545) by the rules of iTIP (RFC 5546). */
#include "homeconnect/appointment.h"

#include <string.h>

#include "appointment/appointment_noun.h"
#include "base/id.h"
#include "base/time.h"
#include "base/utf8.h"
#include "client/account.h"
#include "homeconnect/version.h"
#include "model/appointment_status.h"

#define LINE_OCTETS 75
#define HOST_LIMIT  253
#define ALARM_LIMIT 10080

/* What is written: the appointment, and what of listing and agent the caller may see. */
typedef struct event {
    const hc__record *row;
    hc__record property, agent;
    bool has_property, has_agent;
    const hc_ics_options *options;
    int64_t now;
    bool called_off;
    hc__buf line, text;
} event;

/* ---- lines ---- */

/* Ends a content line: cut at 75 octets, never inside a character; what goes on begins with a space. */
static void end_line(event *e)
{
    const char *at = e->line.data;
    size_t left = e->line.size, room = LINE_OCTETS;

    while (left > room) {
        size_t cut = room;
        while ((at[cut] & 0xc0) == 0x80)
            cut--;
        hc__buf_put(&e->text, at, cut);
        hc__buf_text(&e->text, "\r\n ");
        at += cut;
        left -= cut;
        room = LINE_OCTETS - 1;
    }
    hc__buf_put(&e->text, at, left);
    hc__buf_text(&e->text, "\r\n");
    e->text.failed = e->text.failed || e->line.failed;
    hc__buf_clear(&e->line);
}

static void put(event *e, const char *line)
{
    hc__buf_text(&e->line, line);
    end_line(e);
}

/* What no value may have (section 3.1). */
static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

/* A value of type TEXT (section 3.3.11). */
static void put_text(hc__buf *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\\' || *at == ';' || *at == ',')
            hc__buf_char(out, '\\');
        if (*at == '\n')
            hc__buf_text(out, "\\n");
        else if (!is_control(*at))
            hc__buf_char(out, *at);
    }
}

/* A quoted parameter, which has no way to say a quotation mark (section 3.2). */
static void put_quoted(hc__buf *out, const char *text)
{
    hc__buf_char(out, '"');
    for (const char *at = text; *at != '\0'; at++)
        if (!is_control(*at))
            hc__buf_char(out, *at == '"' ? '\'' : *at);
    hc__buf_char(out, '"');
}

static void put_time(event *e, const char *name, int64_t micros)
{
    char text[32];

    hc__time_format(text, micros / HC__SECOND * HC__SECOND); /* 2026-11-23T01:28:38Z */
    hc__buf_text(&e->line, name);
    for (const char *at = text; *at != '\0'; at++)
        if (*at != '-' && *at != ':')
            hc__buf_char(&e->line, *at);
    end_line(e);
}

static void put_id(hc__buf *out, hc_id id)
{
    char text[HC_ID_TEXT_SIZE];

    hc_id_format(text, id);
    hc__buf_text(out, text);
}

/* ---- the event ---- */

static const char *status_word(const event *e)
{
    if (e->called_off)
        return "STATUS:CANCELLED";
    return hc__record_int(e->row, hc__appointment_f_status) == HC__PENDING ? "STATUS:TENTATIVE" : "STATUS:CONFIRMED";
}

static void put_summary(event *e)
{
    const char *title = e->has_property ? hc__record_text(&e->property, hc__property_f_title) : NULL;

    hc__buf_text(&e->line, "SUMMARY:Viewing");
    if (title != NULL) {
        hc__buf_text(&e->line, ": ");
        put_text(&e->line, title);
    }
    end_line(e);
}

static void put_location(event *e)
{
    static const uint16_t parts[] = {hc__property_f_address, hc__property_f_city, hc__property_f_state,
                                     hc__property_f_zip_code};
    bool any = false;

    if (!e->has_property || hc__record_is_null(&e->property, hc__property_f_address) ||
        hc__record_int(e->row, hc__appointment_f_method) == HC_APPOINTMENT_METHOD_VIRTUAL)
        return;
    hc__buf_text(&e->line, "LOCATION:");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *part = hc__record_text(&e->property, parts[i]);
        if (part == NULL)
            continue;
        hc__buf_text(&e->line, any ? "\\, " : "");
        put_text(&e->line, part);
        any = true;
    }
    end_line(e);
}

static void put_organizer(event *e)
{
    const char *name = e->has_agent ? hc__record_text(&e->agent, hc__user_f_full_name) : NULL;

    hc__buf_text(&e->line, "ORGANIZER");
    if (name != NULL) {
        hc__buf_text(&e->line, ";CN=");
        put_quoted(&e->line, name);
    }
    if (e->options->organizer != NULL) {
        hc__buf_text(&e->line, ":mailto:");
        hc__buf_text(&e->line, e->options->organizer);
    } else {
        hc__buf_text(&e->line, ":urn:uuid:");
        put_id(&e->line, hc__record_id(e->row, hc__appointment_f_agent_id));
    }
    end_line(e);
}

/* Who comes, when there is an address to send it to. */
static void put_attendee(event *e)
{
    const char *email = hc__record_text(e->row, hc__appointment_f_contact_email);
    const char *name = hc__record_text(e->row, hc__appointment_f_contact_name);
    char address[HC__EMAIL_LIMIT + 1];

    if (email == NULL || hc__email_canonical(address, email, NULL) < 0)
        return;
    hc__buf_text(&e->line, "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE");
    if (name != NULL) {
        hc__buf_text(&e->line, ";CN=");
        put_quoted(&e->line, name);
    }
    hc__buf_text(&e->line, ":mailto:");
    hc__buf_text(&e->line, address);
    end_line(e);
}

static void put_alarm(event *e)
{
    if (e->options->alarm == 0 || e->called_off)
        return;
    put(e, "BEGIN:VALARM");
    put(e, "ACTION:DISPLAY");
    put(e, "DESCRIPTION:Viewing");
    hc__buf_format(&e->line, "TRIGGER:-PT%dM", (int)e->options->alarm);
    end_line(e);
    put(e, "END:VALARM");
}

static void put_event(event *e)
{
    const char *reason = hc__record_text(e->row, hc__appointment_f_cancel_reason);

    put(e, "BEGIN:VEVENT");
    hc__buf_text(&e->line, "UID:");
    put_id(&e->line, hc__record_key(e->row));
    hc__buf_char(&e->line, '@');
    hc__buf_text(&e->line, e->options->host);
    end_line(e);
    hc__buf_text(&e->line, "SEQUENCE:");
    hc__buf_int(&e->line, hc__record_int(e->row, hc__appointment_f_sequence));
    end_line(e);
    put_time(e, "DTSTAMP:", e->now);
    put_time(e, "CREATED:", hc__record_int(e->row, hc__appointment_f_created_at));
    put_time(e, "LAST-MODIFIED:", hc__record_int(e->row, hc__appointment_f_updated_at));
    put_time(e, "DTSTART:", hc__record_int(e->row, hc__appointment_f_scheduled_time));
    put_time(e, "DTEND:", hc__record_int(e->row, hc__appointment_f_ends_at));
    put(e, status_word(e));
    put_summary(e);
    put_location(e);
    put_organizer(e);
    put_attendee(e);
    if (e->called_off && reason != NULL) {
        hc__buf_text(&e->line, "COMMENT:");
        put_text(&e->line, reason);
        end_line(e);
    }
    put_alarm(e);
    put(e, "END:VEVENT");
}

static void put_calendar(event *e)
{
    put(e, "BEGIN:VCALENDAR");
    put(e, "VERSION:2.0");
    put(e, "PRODID:-//HomeConnect//libhomeconnect " HC_VERSION_STRING "//EN");
    put(e, "CALSCALE:GREGORIAN");
    put(e, e->called_off ? "METHOD:CANCEL" : "METHOD:REQUEST");
    put_event(e);
    put(e, "END:VCALENDAR");
}

/* ---- options ---- */

static bool is_host(const char *host)
{
    size_t size = host == NULL ? 0 : strlen(host);

    return size > 0 && size <= HOST_LIMIT && host[0] != '.' && host[0] != '-' &&
           strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == size;
}

static hc_status check_options(const hc_ics_options *options, hc_error *err)
{
    char address[HC__EMAIL_LIMIT + 1];

    if (!is_host(options->host))
        return hc__fail(err, HC_ERR_INVALID, "host", "must be a domain name");
    if (options->method < HC_ICS_BY_STATUS || options->method > HC_ICS_CANCEL)
        return hc__fail(err, HC_ERR_INVALID, "method", "one of HC_ICS_");
    if (options->alarm < 0 || options->alarm > ALARM_LIMIT)
        return hc__fail(err, HC_ERR_INVALID, "alarm", "must be 0 to %d minutes", ALARM_LIMIT);
    if (options->organizer != NULL && hc__email_canonical(address, options->organizer, NULL) < 0)
        return hc__fail(err, HC_ERR_INVALID, "organizer", "must be an e-mail address");
    return HC_OK;
}

static hc_status check_method(event *e, hc_error *err)
{
    int64_t status = hc__record_int(e->row, hc__appointment_f_status);

    e->called_off = status == HC__CANCELLED || status == HC__DECLINED;
    if (e->options->method == HC_ICS_BY_STATUS || (e->options->method == HC_ICS_CANCEL) == e->called_off)
        return HC_OK;
    return hc__fail(err, HC_ERR_INVALID, "method",
                    e->called_off ? "the appointment was called off" : "the appointment was not called off");
}

/* ---- what goes with it ---- */

struct rows {
    hc__record *records[2];
    bool *found[2];
    const uint16_t *fields[2];
};

static hc_status take_row(const hc_row *row, void *data, hc_error *err)
{
    struct rows *rows = data;

    *rows->found[row->op] = true;
    return hc__record_fill(rows->records[row->op], rows->fields[row->op], row->values, row->count) ? HC_OK
                                                                                                   : hc__no_memory(err);
}

static hc_op shown(hc__arena *arena, hc_session *as, const hc__entity *entity, hc_id id, hc__operation operation)
{
    return (hc_op){.verb = HC_VERB_QUERY,
                   .expect = HC_EXPECT_ANY,
                   .kind = &entity->kind,
                   .fields = entity->shown,
                   .field_count = entity->shown_count,
                   .where = hc__all_of(arena, hc__is_id(arena, 0, id),
                                       hc__policy_where(arena, as, operation, hc__session_now(as))),
                   .index = HC_INDEX_ID};
}

static hc_status read_around(event *e, hc_session *as, hc__arena *arena, hc_error *err)
{
    struct rows rows = {{&e->property, &e->agent},
                        {&e->has_property, &e->has_agent},
                        {hc__property_entity.shown, hc__user_entity.shown}};
    hc_op ops[2] = {
        shown(arena, as, &hc__property_entity, hc__record_id(e->row, hc__appointment_f_property_id), HC__PROPERTY_READ),
        shown(arena, as, &hc__user_entity, hc__record_id(e->row, hc__appointment_f_agent_id), HC__USER_READ)};
    hc_status status = hc__record_init(&e->property, &hc__property_entity, arena, err);

    if (status >= 0)
        status = hc__record_init(&e->agent, &hc__user_entity, arena, err);
    if (status < 0)
        return status;
    if (ops[0].where == NULL || ops[1].where == NULL)
        return hc__no_memory(err);
    status = hc__session_read(as, ops, 2, take_row, &rows, err);
    if (status >= 0 && e->has_property)
        hc__policy_redact(as, &e->property);
    if (status >= 0 && e->has_agent)
        hc__policy_redact(as, &e->agent);
    return status;
}

static hc_status write_calendar(hc_text **out, event *e, hc_session *as, hc_error *err)
{
    hc__arena arena;
    hc_status status = hc__enter(as, err);

    if (status < 0)
        return status;
    hc__arena_init(&arena, &as->core->mem, NULL, 0);
    hc__buf_init(&e->line, &as->core->mem);
    hc__buf_init(&e->text, &as->core->mem);
    e->now = hc__session_now(as);
    status = read_around(e, as, &arena, err);
    if (status >= 0) {
        put_calendar(e);
        status = hc__text_new(out, as->core, &e->text, err);
    }
    hc__buf_free(&e->line);
    hc__buf_free(&e->text);
    hc__arena_free(&arena);
    hc__leave(as);
    return status;
}

hc_status hc_appointment_ics(hc_text **out, hc_session *as, hc_id id, const hc_ics_options *given, hc_error *err)
{
    hc_ics_options options = HC_ICS_OPTIONS_INIT;
    event e = {.options = &options};
    hc__record *row = NULL;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__sized_copy(&options, sizeof options, given, "options", err);
    if (status >= 0)
        status = check_options(&options, err);
    if (status >= 0)
        status = hc__get(&row, as, &hc__appointment_noun, id, err);
    if (status < 0)
        return status;
    e.row = row;
    status = check_method(&e, err);
    if (status >= 0)
        status = write_calendar(out, &e, as, err);
    hc__record_free(row);
    return status;
}
