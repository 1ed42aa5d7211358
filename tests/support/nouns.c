#include "nouns.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "homeconnect/activity.h"
#include "homeconnect/appointment.h"
#include "homeconnect/audit.h"
#include "homeconnect/chat.h"
#include "homeconnect/document.h"
#include "homeconnect/event.h"
#include "homeconnect/favorite.h"
#include "homeconnect/import.h"
#include "homeconnect/lead.h"
#include "homeconnect/search.h"
#include "house.h"
#include "nouns_people.h"

#define HOME   house.anas_ids[0]
#define SECOND house.anas_ids[1]
#define MONDAY (HOUSE_START + 14 * HOUSE_HOUR) /* 2025-11-24T00:00:00Z */

static hc_id lead, moved, viewing, photo, deed; /* who is lost loses their viewings: so another one is moved */
static hc_id fresh;                             /* the record that the next call is about, made for it */
static int32_t version;
static char chat[HC_CHAT_SESSION_SIZE], rows_path[400], copy_path[400];
static hc_query *homes, *texts, *near;

static void nothing(void)
{
}

/* ---- listings ---- */

static hc_status create_titled(hc_session *as, const char *title, hc_error *err)
{
    hc_property *home = house_sketch(title, 12345600);
    hc_id id;
    hc_status status = hc_property_create(&id, as, home, err);

    hc_property_free(home);
    return status;
}

static hc_status property_create(hc_error *err)
{
    return create_titled(house.ana, "One more", err);
}

static hc_status property_create_with_key(hc_error *err)
{
    char key[32];
    hc_status status;

    snprintf(key, sizeof key, "key-%d", ++nouns_serial);
    status = hc_session_set_idempotency_key(house.ana, key, err);
    return status < 0 ? status : create_titled(house.ana, "Once", err);
}

static void read_home(void)
{
    hc_property *home = house_read(house.ana, HOME);

    version = hc_property_version(home);
    hc_property_free(home);
}

static hc_status change_price(hc_session *as, int64_t cents, hc_error *err)
{
    hc_property *edit = hc_property_for(house.client, HOME, version);
    hc_status status;

    hc_property_set_price(edit, cents);
    status = hc_property_update(NULL, as, edit, err);
    hc_property_free(edit);
    return status;
}

static hc_status property_update(hc_error *err)
{
    return change_price(house.ana, 48900000 + ++nouns_serial, err);
}

static int32_t standard;

static void read_second(void)
{
    hc_property *home = house_read(house.ana, SECOND);

    version = hc_property_version(home);
    standard = hc_property_standard_status(home);
    hc_property_free(home);
}

/* To and fro. */
static hc_status property_update_status(hc_error *err)
{
    hc_property *edit = hc_property_for(house.client, SECOND, version);
    hc_status status;

    hc_property_set_standard_status(edit, standard == HC_PROPERTY_STANDARD_ACTIVE ? HC_PROPERTY_STANDARD_PENDING
                                                                                  : HC_PROPERTY_STANDARD_ACTIVE);
    status = hc_property_update(NULL, house.ana, edit, err);
    hc_property_free(edit);
    return status;
}

static hc_status property_update_of_another(hc_error *err)
{
    hc_property *edit = hc_property_for(house.client, house.bens_id, 1);
    hc_status status;

    hc_property_set_price(edit, 1);
    status = hc_property_update(NULL, house.ana, edit, err);
    hc_property_free(edit);
    return status == HC_ERR_FORBIDDEN ? HC_OK : status;
}

static hc_status two_and_a_price(hc_session *as, void *data, hc_error *err)
{
    hc_status status = create_titled(as, "A unit, part 1", err);

    (void)data;
    if (status >= 0)
        status = create_titled(as, "A unit, part 2", err);
    return status < 0 ? status : change_price(as, 48900000 + ++nouns_serial, err);
}

static hc_status session_transact(hc_error *err)
{
    return hc_session_transact(house.ana, two_and_a_price, NULL, err);
}

static void make_home(void)
{
    fresh = house_list_home(house.ana, "To be deleted", 100);
}

static hc_status property_delete(hc_error *err)
{
    return hc_property_delete(house.ana, fresh, 1, err);
}

static void make_deleted_home(void)
{
    make_home();
    HOUSE_OK(hc_property_delete(house.ana, fresh, 1, err));
}

static hc_status property_restore(hc_error *err)
{
    return hc_property_restore(NULL, house.ana, fresh, err);
}

static hc_status property_purge(hc_error *err)
{
    return hc_property_purge(house.admin, fresh, err);
}

static hc_status property_get(hc_error *err)
{
    hc_property *home = NULL;
    hc_status status = hc_property_get(&home, house.guest, HOME, err);

    hc_property_free(home);
    return status;
}

static hc_status property_get_many(hc_error *err)
{
    const hc_id ids[] = {house.bens_id, HOME, house.anas_ids[2]};
    hc_property_page *page = NULL;
    hc_status status = hc_property_get_many(&page, house.bea, ids, 3, err);

    hc_property_page_free(page);
    return status;
}

static hc_status list_by(const hc_query *query, hc_error *err)
{
    hc_property_page *page = NULL;
    hc_status status = hc_property_list(&page, house.bea, query, err);

    hc_property_page_free(page);
    return status;
}

static hc_status property_list(hc_error *err)
{
    return list_by(homes, err);
}

static hc_status property_list_text(hc_error *err)
{
    return list_by(texts, err);
}

static hc_status property_list_near(hc_error *err)
{
    return list_by(near, err);
}

static hc_status property_facets(hc_error *err)
{
    hc_facets *facets = NULL;
    hc_status status = hc_property_facets(&facets, house.guest, homes, err);

    hc_facets_free(facets);
    return status;
}

static hc_status property_history(hc_error *err)
{
    hc_history *page = NULL;
    hc_status status = hc_property_history(&page, house.ana, HOME, 10, NULL, err);

    hc_history_free(page);
    return status;
}

/* ---- queries ---- */

static hc_status query_parse(hc_error *err)
{
    hc_query *out = NULL;
    hc_status status = hc_query_parse(
        &out, house.client, "city in ('Austin','Reno') and geo.polygon('POLYGON((0 0,0 9,9 9,0 0))')", "-price", err);

    hc_query_free(out);
    return status;
}

static hc_status query_parse_string(hc_error *err)
{
    static const char text[] = "city=Austin&max_price=500000&min_beds=3&near=30.2,-97.7,900&sort=distance&limit=50";
    hc_query *out = NULL;
    hc_status status = hc_query_parse_string(&out, house.client, text, sizeof text - 1, err);

    hc_query_free(out);
    return status;
}

static hc_status query_text(hc_error *err)
{
    hc_text *text = NULL;
    hc_status status = hc_query_text(&text, homes, err);

    hc_text_free(text);
    return status;
}

static hc_status query_explain(hc_error *err)
{
    hc_text *text = NULL;
    hc_status status = hc_query_explain(&text, house.ana, homes, err);

    hc_text_free(text);
    return status;
}

/* ---- leads and viewings ---- */

static hc_status lead_create(hc_error *err)
{
    hc_lead *record = hc_lead_new(house.client);
    char email[40];
    hc_status status;
    hc_id id;

    snprintf(email, sizeof email, "asker%d@example.com", ++nouns_serial);
    hc_lead_set_property_id(record, HOME);
    hc_lead_set_contact_email(record, email);
    status = hc_lead_create(&id, NULL, house.ana, record, err);
    hc_lead_free(record);
    return status;
}

static int32_t lead_status;

static void read_lead(void)
{
    hc_lead *row = NULL;

    HOUSE_OK(hc_lead_get(&row, house.ana, moved, err));
    version = hc_lead_version(row);
    lead_status = hc_lead_status(row);
    hc_lead_free(row);
}

/* To and fro. */
static hc_status lead_move(hc_error *err)
{
    hc_lead_move_options options = HC_LEAD_MOVE_OPTIONS_INIT;
    int32_t to = lead_status == HC_LEAD_STATUS_CONTACTED ? HC_LEAD_STATUS_LOST : HC_LEAD_STATUS_CONTACTED;

    options.reason = "to and fro";
    options.lost_reason = to == HC_LEAD_STATUS_LOST ? HC_LEAD_LOST_OTHER : 0;
    return hc_lead_move(NULL, house.ana, moved, version, to, &options, err);
}

static hc_status lead_log(hc_error *err)
{
    hc_id id;

    return hc_lead_log(&id, house.ana, lead, HC_LEAD_TOUCH_NOTE, "A note.", err);
}

static hc_status lead_list(hc_error *err)
{
    hc_lead_page *page = NULL;
    hc_status status = hc_lead_list(&page, house.ana, NULL, err);

    hc_lead_page_free(page);
    return status;
}

static hc_status book(hc_id *out, int hour, hc_error *err)
{
    hc_appointment *record = hc_appointment_new(house.client);
    hc_status status;

    hc_appointment_set_lead_id(record, lead);
    hc_appointment_set_scheduled_time(record, MONDAY + hour * HOUSE_HOUR);
    hc_appointment_set_ends_at(record, MONDAY + hour * HOUSE_HOUR + 30 * HOUSE_MINUTE);
    status = hc_appointment_create(out, house.ana, record, err);
    hc_appointment_free(record);
    return status;
}

static void take_id(const house_value *values, int count, void *data)
{
    (void)count;
    (void)data;
    memcpy(&fresh, values[0].bytes, sizeof fresh);
}

/* Gives the last booking's time back, which may or may not have come about. */
static void free_the_hour(void)
{
    memset(&fresh, 0, sizeof fresh);
    house_rows("SELECT id FROM appointments WHERE status='scheduled' AND scheduled_time=at(1763985600000000)", take_id,
               NULL);
    if (memcmp(&fresh, &(hc_id){{0}}, sizeof fresh) != 0)
        HOUSE_OK(hc_appointment_cancel(NULL, house.ana, fresh, 1, "again", err));
}

static hc_status appointment_book(hc_error *err)
{
    hc_id id;

    return book(&id, 12, err);
}

static void read_viewing(void)
{
    hc_appointment *row = NULL;

    HOUSE_OK(hc_appointment_get(&row, house.ana, viewing, err));
    version = hc_appointment_version(row);
    hc_appointment_free(row);
}

static hc_status appointment_reschedule(hc_error *err)
{
    return hc_appointment_reschedule(NULL, house.ana, viewing, version,
                                     MONDAY + (version % 2 == 0 ? 9 : 15) * HOUSE_HOUR, 0, err);
}

static hc_status appointment_slots(hc_error *err)
{
    hc_slot_search search = HC_SLOT_SEARCH_INIT;
    hc_slots *slots = NULL;
    hc_status status;

    search.agent_id = house.ana_id;
    search.property_id = HOME;
    status = hc_appointment_slots(&slots, house.ana, &search, err);
    hc_slots_free(slots);
    return status;
}

/* ---- documents, log entries, chats ---- */

static void read_document(void)
{
    hc_document *document = NULL;

    HOUSE_OK(hc_document_get(&document, house.ana, HOME, err));
    version = hc_document_version(document);
    hc_document_free(document);
}

static hc_status document_set_caption(hc_error *err)
{
    char caption[32];

    snprintf(caption, sizeof caption, "Room %d", ++nouns_serial);
    return hc_document_set_caption(NULL, house.ana, HOME, version, photo, caption, err);
}

static hc_status share_and_back(hc_session *as, void *data, hc_error *err)
{
    hc_status status = hc_document_unshare(as, HOME, deed, lead, err);

    (void)data;
    return status < 0 ? status : hc_document_share(as, HOME, deed, lead, err);
}

static hc_status document_share(hc_error *err)
{
    return hc_session_transact(house.ana, share_and_back, NULL, err);
}

static hc_status document_get(hc_error *err)
{
    hc_document *document = NULL;
    hc_status status = hc_document_get(&document, house.bea, HOME, err);

    hc_document_free(document);
    return status;
}

static hc_status activity_append(hc_error *err)
{
    hc_activity *entries[3];
    hc_status status;

    for (int i = 0; i < 3; i++) {
        entries[i] = hc_activity_new(house.client);
        hc_activity_set_action(entries[i], "view_property");
        hc_activity_set_target_id(entries[i], HOME);
        hc_activity_set_metadata(entries[i], "{\"device\":\"mobile\"}");
    }
    status = hc_activity_append_many(house.bea, (const hc_activity *const *)entries, 3, err);
    for (int i = 0; i < 3; i++)
        hc_activity_free(entries[i]);
    return status;
}

static hc_status activity_list(hc_error *err)
{
    hc_activity_page *page = NULL;
    hc_status status = hc_activity_list(&page, house.bea, NULL, err);

    hc_activity_page_free(page);
    return status;
}

static hc_status chat_append(hc_error *err)
{
    return hc_chat_append(house.bea, chat, HC_CHAT_ROLE_USER, "a message", 9, err);
}

static hc_status chat_messages(hc_error *err)
{
    hc_message_page *page = NULL;
    hc_status status = hc_chat_messages(&page, house.bea, chat, 0, 5, err);

    hc_message_page_free(page);
    return status;
}

/* ---- what one saves ---- */

static hc_status forget_and_save(hc_session *as, void *data, hc_error *err)
{
    hc_status status = hc_favorite_remove(as, HOME, err);

    (void)data;
    return status < 0 ? status : hc_favorite_add(as, HOME, err);
}

static hc_status favorite_add(hc_error *err)
{
    return hc_session_transact(house.bea, forget_and_save, NULL, err);
}

static hc_status save_and_delete(hc_session *as, void *data, hc_error *err)
{
    hc_search *record = hc_search_new(house.client);
    hc_status status;
    hc_id id;

    (void)data;
    hc_search_set_name(record, "By the creek");
    status = hc_search_create(&id, as, record, homes, err);
    hc_search_free(record);
    return status < 0 ? status : hc_search_delete(as, id, 1, err);
}

static hc_status search_create(hc_error *err)
{
    return hc_session_transact(house.bea, save_and_delete, NULL, err);
}

/* ---- books, files, upkeep ---- */

static hc_status events_read(hc_error *err)
{
    hc_event_page *page = NULL;
    hc_status status = hc_events_read(&page, house.system, 0, 20, err);

    hc_event_page_free(page);
    return status;
}

static hc_status audit_verify(hc_error *err)
{
    return hc_audit_verify(NULL, house.admin, NULL, err);
}

static hc_status audit_list(hc_error *err)
{
    hc_audit_page *page = NULL;
    hc_status status = hc_audit_list(&page, house.admin, NULL, err);

    hc_audit_page_free(page);
    return status;
}

static FILE *rows_file(void)
{
    FILE *file = fopen(rows_path, "w");

    ck_assert_ptr_nonnull(file);
    ++nouns_serial;
    return file;
}

/* Eight good rows, and one that is refused. */
static void write_rows(void)
{
    FILE *file = rows_file();

    fputs("key,title,price,address\n", file);
    for (int i = 0; i < 9; i++)
        fprintf(file, "k%d-%d,\"An \"\"imported\"\" home\",%s,%d A St\n", nouns_serial, i, i < 8 ? "1000.50" : "x", i);
    fclose(file);
}

static void write_reso(void)
{
    FILE *file = rows_file();

    fprintf(file,
            "{\"value\":[{\"ListingKey\":\"r%d\",\"UnparsedAddress\":\"3 C St\",\"ListPrice\":250000,\"City\":\"Reno\","
            "\"StateOrProvince\":\"NV\",\"PostalCode\":\"89501\",\"PropertyType\":\"Residential\",\"PropertySubType\":"
            "\"Condominium\",\"StandardStatus\":\"Active\",\"Unknown\":{\"a\":1}}]}",
            nouns_serial);
    fclose(file);
}

static hc_status import_csv(hc_error *err)
{
    hc_import_options options = HC_IMPORT_OPTIONS_INIT;

    options.path = rows_path;
    options.format = HC_FORMAT_CSV;
    options.mapping =
        "{\"source_system\":\"nouns\",\"key\":\"key\",\"fields\":{\"title\":\"title\",\"price\":\"price\","
        "\"address\":\"address\",\"city\":{\"const\":\"Reno\"},\"state\":{\"const\":\"NV\"},"
        "\"zip_code\":{\"const\":\"89501\"},\"property_type\":{\"const\":\"condo\"}}}";
    return hc_import_run(NULL, house.ana, &options, err);
}

static hc_status import_reso(hc_error *err)
{
    hc_import_options options = HC_IMPORT_OPTIONS_INIT;

    options.path = rows_path;
    options.format = HC_FORMAT_RESO;
    options.source_system = "nouns-reso";
    return hc_import_run(NULL, house.ana, &options, err);
}

/* Whole, as it was a moment before, or refused. */
static hc_status export_as(uint64_t *hash, int32_t format, hc_error *err)
{
    *hash = 0;
    return hc_export_run(NULL, house.bea, homes, format, house_hash, hash, err);
}

static uint64_t wanted;

static void want_csv(void)
{
    HOUSE_OK(export_as(&wanted, HC_FORMAT_CSV, err));
}

static void want_reso(void)
{
    HOUSE_OK(export_as(&wanted, HC_FORMAT_RESO, err));
}

static hc_status compare_export(int32_t format, hc_error *err)
{
    uint64_t hash;
    hc_status status = export_as(&hash, format, err);

    ck_assert(status < 0 || hash == wanted);
    return status;
}

static hc_status export_csv(hc_error *err)
{
    return compare_export(HC_FORMAT_CSV, err);
}

static hc_status export_reso(hc_error *err)
{
    return compare_export(HC_FORMAT_RESO, err);
}

static hc_status client_health(hc_error *err)
{
    hc_health health = HC_HEALTH_INIT;

    return hc_client_health(house.client, &health, err);
}

static hc_status client_run(hc_error *err)
{
    return hc_client_run(house.client, HOUSE_SECOND, NULL, err);
}

static hc_status client_migrate(hc_error *err)
{
    return hc_client_migrate(house.client, err);
}

static hc_status client_open(hc_error *err)
{
    hc_client_options options;
    hc_client *client;
    hc_status status;

    house_options(&options);
    status = hc_client_open(&client, &options, err);
    ck_assert(status >= 0 || client == NULL);
    hc_client_close(client);
    return status;
}

static hc_status client_backup(hc_error *err)
{
    hc_status status = hc_client_backup(house.client, copy_path, NULL, NULL, err);

    if (house_is_a_file())
        ck_assert_int_eq(access(copy_path, F_OK) == 0, status >= 0);
    (void)remove(copy_path);
    return status;
}

const noun_call noun_calls[] = {
    {"property_create", true, true, nothing, property_create},
    {"property_create_with_key", true, true, nothing, property_create_with_key},
    {"property_update", true, true, read_home, property_update},
    {"property_update_status", true, true, read_second, property_update_status},
    {"property_update_of_another", false, true, nothing, property_update_of_another},
    {"property_delete", true, true, make_home, property_delete},
    {"property_restore", true, true, make_deleted_home, property_restore},
    {"property_purge", true, true, make_deleted_home, property_purge},
    {"property_get", false, true, nothing, property_get},
    {"property_get_many", false, true, nothing, property_get_many},
    {"property_list", false, true, nothing, property_list},
    {"property_list_text", false, true, nothing, property_list_text},
    {"property_list_near", false, true, nothing, property_list_near},
    {"property_facets", false, true, nothing, property_facets},
    {"property_history", false, true, nothing, property_history},
    {"query_parse", false, true, nothing, query_parse},
    {"query_parse_string", false, true, nothing, query_parse_string},
    {"query_text", false, true, nothing, query_text},
    {"query_explain", false, true, nothing, query_explain},
    {"session_transact", true, true, read_home, session_transact},
    {"session_guest", false, true, nothing, session_guest},
    {"session_open", false, true, nothing, session_open},
    {"session_system", false, true, nothing, session_system},
    {"auth_login", true, true, nothing, auth_login},
    {"auth_logout", true, true, sign_somebody_in, auth_logout},
    {"auth_register", true, true, nothing, auth_register},
    {"auth_change_password", true, true, sign_somebody_in, auth_change_password},
    {"user_create", true, true, nothing, user_create},
    {"user_get", false, true, nothing, user_get},
    {"user_get_many", false, true, nothing, user_get_many},
    {"user_list", false, true, nothing, user_list},
    {"user_update", true, true, read_user, user_update},
    {"user_delete", true, true, make_somebody, user_delete},
    {"agent_create", true, true, make_somebody, agent_create},
    {"agent_get", false, true, nothing, agent_get},
    {"agent_get_many", false, true, nothing, agent_get_many},
    {"agent_list", false, true, nothing, agent_list},
    {"agent_update", true, true, read_agent, agent_update},
    {"agent_delete", true, true, make_agent, agent_delete},
    {"lead_create", true, true, nothing, lead_create},
    {"lead_move", true, true, read_lead, lead_move},
    {"lead_log", true, true, nothing, lead_log},
    {"lead_list", false, true, nothing, lead_list},
    {"appointment_create", true, true, free_the_hour, appointment_book},
    {"appointment_reschedule", true, true, read_viewing, appointment_reschedule},
    {"appointment_slots", false, true, nothing, appointment_slots},
    {"document_set_caption", true, true, read_document, document_set_caption},
    {"document_share", true, true, nothing, document_share},
    {"document_get", false, true, nothing, document_get},
    {"activity_append", true, true, nothing, activity_append},
    {"activity_list", false, true, nothing, activity_list},
    {"chat_append", true, true, nothing, chat_append},
    {"chat_messages", false, true, nothing, chat_messages},
    {"favorite_add", true, true, nothing, favorite_add},
    {"search_create", true, true, nothing, search_create},
    {"events_read", true, false, nothing, events_read},
    {"audit_verify", false, true, nothing, audit_verify},
    {"audit_list", false, true, nothing, audit_list},
    {"import_run_csv", true, true, write_rows, import_csv},
    {"import_run_reso", true, true, write_reso, import_reso},
    {"export_run_csv", false, true, want_csv, export_csv},
    {"export_run_reso", false, true, want_reso, export_reso},
    {"client_health", false, true, nothing, client_health},
    {"client_run", true, false, nothing, client_run},
    {"client_migrate", false, true, nothing, client_migrate},
    {"client_open", true, false, nothing, client_open},
    {"client_backup", false, true, nothing, client_backup},
};
const int noun_call_count = (int)(sizeof noun_calls / sizeof noun_calls[0]);

/* ---- what they are about ---- */

static void make_documents(void)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_document_file file = HC_DOCUMENT_FILE_INIT;

    version = 0;
    image.url = "https://photos.example.com/1.jpg";
    HOUSE_OK(hc_document_add_image(&photo, &version, house.ana, HOME, version, &image, err));
    file.name = "Deed.pdf";
    file.url = "https://files.example.com/deed.pdf";
    file.type = "deed";
    HOUSE_OK(hc_document_add_file(&deed, &version, house.ana, HOME, version, &file, err));
    HOUSE_OK(hc_document_share(house.ana, HOME, deed, lead, err));
}

void nouns_open(void)
{
    hc_lead *record = hc_lead_new(house.client);

    snprintf(rows_path, sizeof rows_path, "%s/rows.csv", house.folder);
    snprintf(copy_path, sizeof copy_path, "%s/copy.db", house.folder);
    hc_lead_set_property_id(record, HOME);
    HOUSE_OK(hc_lead_create(&lead, NULL, house.bea, record, err));
    hc_lead_set_contact_email(record, "kim@example.com");
    HOUSE_OK(hc_lead_create(&moved, NULL, house.ana, record, err));
    hc_lead_free(record);
    make_documents();
    HOUSE_OK(book(&viewing, 9, err));
    HOUSE_OK(hc_chat_start(chat, house.bea, err));
    HOUSE_OK(hc_favorite_add(house.bea, HOME, err));
    HOUSE_OK(hc_query_parse(&homes, house.client,
                            "city eq 'Austin' and price le 900000 and (beds ge 2 or not contains(title,'lake'))",
                            "price,-created_at", err));
    HOUSE_OK(hc_query_parse(&texts, house.client, "price ge 1", "-relevance", err));
    HOUSE_OK(hc_query_set_text(texts, "creek bung*", err));
    HOUSE_OK(hc_query_parse(&near, house.client, "geo.near(30.245,-97.769,2000)", "distance", err));
    people_open();
}

void nouns_prepare(const noun_call *call)
{
    call->prepare();
}

void nouns_close(void)
{
    hc_query_free(homes);
    hc_query_free(texts);
    hc_query_free(near);
    homes = texts = near = NULL;
    people_close();
}
