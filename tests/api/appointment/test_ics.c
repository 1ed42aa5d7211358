/* Text for calendars, octet by octet. */
#include "viewing.h"

viewings v;

static hc_status write_ics(hc_text **out, hc_session *as, hc_id id, int32_t method, const char *host, hc_error *err)
{
    hc_ics_options options = HC_ICS_OPTIONS_INIT;

    options.method = method;
    options.host = host;
    return hc_appointment_ics(out, as, id, &options, err);
}

static void uuid(char out[HC_ID_TEXT_SIZE], hc_id id)
{
    hc_id_format(out, id);
}

START_TEST(a_request_says_when_where_and_who)
{
    hc_ics_options options = HC_ICS_OPTIONS_INIT;
    hc_id id = book(house.ana, v.anas, AT(0, 9, 0), 45);
    char expected[2048], key[HC_ID_TEXT_SIZE];
    hc_text *text = NULL;

    uuid(key, id);
    house_pass(HOUSE_MINUTE);
    options.host = "creek.example";
    options.organizer = "viewings@creek.example";
    options.alarm = 30;
    HOUSE_OK(hc_appointment_ics(&text, house.bea, id, &options, err));
    snprintf(
        expected, sizeof expected,
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//HomeConnect//libhomeconnect 0.1.0//EN\r\nCALSCALE:GREGORIAN\r\n"
        "METHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:%s@creek.example\r\nSEQUENCE:0\r\nDTSTAMP:20251123T100100Z\r\n"
        "CREATED:20251123T100000Z\r\nLAST-MODIFIED:20251123T100000Z\r\nDTSTART:20251124T090000Z\r\n"
        "DTEND:20251124T094500Z\r\nSTATUS:CONFIRMED\r\nSUMMARY:Viewing: Bungalow by the creek\r\n"
        "LOCATION:12 Creek Rd\\, Austin\\, TX\\, 78704\r\n"
        "ORGANIZER;CN=\"Ana Agent\":mailto:viewings@creek.example\r\n"
        "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=\"Bea Buyer\r\n \":mailto:bea@example.com\r\n"
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Viewing\r\nTRIGGER:-PT30M\r\nEND:VALARM\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n",
        key);
    ck_assert_str_eq(hc_text_data(text), expected);
    ck_assert_uint_eq(hc_text_size(text), strlen(expected));
    hc_text_free(text);
}
END_TEST

START_TEST(what_is_called_off_says_so_under_the_same_uid)
{
    hc_id id = book(house.ana, v.anas, AT(0, 9, 0), 45);
    char line[128], key[HC_ID_TEXT_SIZE];
    hc_text *text = NULL;

    uuid(key, id);
    HOUSE_OK(hc_appointment_reschedule(NULL, house.ana, id, 1, AT(1, 9, 0), 0, err));
    HOUSE_OK(write_ics(&text, house.bea, id, HC_ICS_REQUEST, "creek.example", err));
    ck_assert_ptr_nonnull(strstr(hc_text_data(text), "\r\nSEQUENCE:1\r\n"));
    ck_assert_ptr_nonnull(strstr(hc_text_data(text), "\r\nDTSTART:20251125T090000Z\r\n"));
    hc_text_free(text);
    HOUSE_OK(hc_appointment_cancel(NULL, house.ana, id, 2, "burst pipe; water, everywhere\nsorry \\o/", err));
    HOUSE_OK(write_ics(&text, house.bea, id, 0, "creek.example", err));
    ck_assert_ptr_nonnull(strstr(hc_text_data(text), "\r\nMETHOD:CANCEL\r\n"));
    ck_assert_ptr_nonnull(strstr(hc_text_data(text), "\r\nSTATUS:CANCELLED\r\n"));
    ck_assert_ptr_nonnull(strstr(hc_text_data(text), "\r\nSEQUENCE:2\r\n"));
    ck_assert_ptr_nonnull(
        strstr(hc_text_data(text), "\r\nCOMMENT:burst pipe\\; water\\, everywhere\\nsorry \\\\o/\r\n"));
    snprintf(line, sizeof line, "\r\nUID:%s@creek.example\r\n", key);
    ck_assert_ptr_nonnull(strstr(hc_text_data(text), line));
    hc_text_free(text);
    HOUSE_FAILS(write_ics(&text, house.bea, id, HC_ICS_REQUEST, "creek.example", err), HC_ERR_INVALID, "method");
    id = book(house.bea, v.anas, AT(0, 9, 0), 45);
    HOUSE_FAILS(write_ics(&text, house.bea, id, HC_ICS_CANCEL, "creek.example", err), HC_ERR_INVALID, "method");
    HOUSE_OK(write_ics(&text, house.bea, id, 0, "creek.example", err));
    ck_assert_ptr_nonnull(strstr(hc_text_data(text), "\r\nSTATUS:TENTATIVE\r\n"));
    hc_text_free(text);
}
END_TEST

/* Lines of at most 75 octets that hold whole characters; unfolded they are what was put in. */
static void check_folding(const char *text, const char *expected)
{
    char unfolded[8192];
    size_t n = 0;

    for (const char *line = text; *line != '\0';) {
        const char *end = strstr(line, "\r\n");

        ck_assert_ptr_nonnull(end);
        ck_assert_int_le(end - line, 75);
        ck_assert_msg(((unsigned char)*(line[0] == ' ' ? line + 1 : line) & 0xc0) != 0x80, "a character was cut");
        ck_assert_ptr_null(memchr(line, '\n', (size_t)(end - line)));
        if (line[0] == ' ')
            n -= 2;
        memcpy(unfolded + n, line + (line[0] == ' '), (size_t)(end + 2 - line) - (line[0] == ' '));
        n += (size_t)(end + 2 - line) - (line[0] == ' ');
        line = end + 2;
    }
    unfolded[n] = '\0';
    ck_assert_msg(strstr(unfolded, expected) != NULL, "%s", unfolded);
}

START_TEST(long_lines_are_folded_between_characters)
{
    hc_id id = book(house.ana, v.anas, AT(0, 9, 0), 45);

    for (int lead = 0; lead < 5; lead++) {
        char title[260] = "", json[320], expected[320];
        hc_text *text = NULL;

        for (int i = 0; i < lead; i++)
            strcat(title, "x");
        for (int i = 0; i < 30; i++)
            strcat(title, i % 2 == 0 ? "家" : "🏠");
        snprintf(json, sizeof json, "{\"title\":\"%s\"}", title);
        change_listing(house.anas_ids[0], json);
        HOUSE_OK(write_ics(&text, house.bea, id, 0, "creek.example", err));
        snprintf(expected, sizeof expected, "\r\nSUMMARY:Viewing: %s\r\n", title);
        check_folding(hc_text_data(text), expected);
        hc_text_free(text);
    }
}
END_TEST

/* A name that would end its parameter, a title that would begin a line. */
START_TEST(nothing_that_was_written_breaks_out_of_its_line)
{
    hc_appointment *a = sketch(v.anas, AT(0, 9, 0), 45);
    hc_text *text = NULL;
    hc_id id;

    change_listing(house.anas_ids[0], "{\"title\":\"A\\u007f\\nEND:VEVENT;b,c\\\\\"}");
    hc_appointment_set_contact_name(a, "Bea \"x\":mailto:evil@example.com\r\nX-EVIL:1");
    hc_appointment_set_contact_email(a, "not an address\r\nX-EVIL:1");
    HOUSE_OK(hc_appointment_create(&id, house.ana, a, err));
    hc_appointment_free(a);
    HOUSE_OK(write_ics(&text, house.bea, id, 0, "creek.example", err));
    ck_assert_ptr_nonnull(strstr(hc_text_data(text), "\r\nSUMMARY:Viewing: A\\nEND:VEVENT\\;b\\,c\\\\\r\n"));
    ck_assert_ptr_null(strstr(hc_text_data(text), "\r\nX-EVIL"));
    ck_assert_ptr_null(strstr(hc_text_data(text), "ATTENDEE"));
    hc_text_free(text);
}
END_TEST

START_TEST(a_viewing_by_video_has_no_place_and_one_that_was_declined_is_off)
{
    hc_ics_options options = HC_ICS_OPTIONS_INIT;
    hc_appointment *a = sketch(v.anas, AT(0, 9, 0), 45);
    hc_text *text = NULL;
    hc_id id;

    hc_appointment_set_method(a, HC_APPOINTMENT_METHOD_VIRTUAL);
    HOUSE_OK(hc_appointment_create(&id, house.ana, a, err));
    hc_appointment_free(a);
    HOUSE_OK(write_ics(&text, house.bea, id, 0, "creek.example", err));
    ck_assert_ptr_null(strstr(hc_text_data(text), "LOCATION"));
    hc_text_free(text);
    id = book(house.bea, v.anas, AT(0, 11, 0), 45);
    HOUSE_OK(hc_appointment_decline(NULL, house.ana, id, 1, "no", err));
    options.host = "creek.example";
    options.alarm = 30;
    HOUSE_OK(hc_appointment_ics(&text, house.bea, id, &options, err));
    ck_assert_ptr_nonnull(strstr(hc_text_data(text), "\r\nSTATUS:CANCELLED\r\n"));
    ck_assert_ptr_null(strstr(hc_text_data(text), "VALARM"));
    hc_text_free(text);
}
END_TEST

START_TEST(who_may_not_see_it_gets_no_text_and_options_are_checked)
{
    static const char *const hosts[] = {"", "a b", "a\r\nX:1", "-a", ".a", "a/b", "é.example"};
    hc_ics_options options = HC_ICS_OPTIONS_INIT;
    hc_id id = book(house.ana, v.anas, AT(0, 9, 0), 45);
    hc_text *text = NULL;

    HOUSE_FAILS(write_ics(&text, house.ben, id, 0, "creek.example", err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(write_ics(&text, house.guest, id, 0, "creek.example", err), HC_ERR_NOT_FOUND, "id");
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        HOUSE_FAILS(write_ics(&text, house.bea, id, 0, hosts[i], err), HC_ERR_INVALID, "host");
    HOUSE_FAILS(hc_appointment_ics(&text, house.bea, id, NULL, err), HC_ERR_INVALID, "host");
    HOUSE_FAILS(write_ics(&text, house.bea, id, 3, "creek.example", err), HC_ERR_INVALID, "method");
    HOUSE_FAILS(write_ics(&text, house.bea, id, -1, "creek.example", err), HC_ERR_INVALID, "method");
    HOUSE_FAILS(hc_appointment_ics(NULL, house.bea, id, &options, err), HC_ERR_MISUSE, "out");
    options.host = "creek.example";
    options.alarm = -1;
    HOUSE_FAILS(hc_appointment_ics(&text, house.bea, id, &options, err), HC_ERR_INVALID, "alarm");
    options.alarm = 7 * 24 * 60 + 1;
    HOUSE_FAILS(hc_appointment_ics(&text, house.bea, id, &options, err), HC_ERR_INVALID, "alarm");
    options.alarm = 0;
    options.organizer = "x\r\nX:1@y";
    HOUSE_FAILS(hc_appointment_ics(&text, house.bea, id, &options, err), HC_ERR_INVALID, "organizer");
    ck_assert_ptr_null(text);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_request_says_when_where_and_who);
    tcase_add_test(tcase, what_is_called_off_says_so_under_the_same_uid);
    tcase_add_test(tcase, long_lines_are_folded_between_characters);
    tcase_add_test(tcase, nothing_that_was_written_breaks_out_of_its_line);
    tcase_add_test(tcase, a_viewing_by_video_has_no_place_and_one_that_was_declined_is_off);
    tcase_add_test(tcase, who_may_not_see_it_gets_no_text_and_options_are_checked);
}

int main(void)
{
    return suite_main("api.appointment.ics", fill, open_viewings, house_close);
}
