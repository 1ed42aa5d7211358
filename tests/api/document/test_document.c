/* Documents of a listing: reading, adding, changing, removing. */
#include "documents.h"

#define HOME house.anas_ids[0]

START_TEST(a_listing_that_never_had_any_has_an_empty_document)
{
    hc_document *document = documents_of(house.guest, HOME);
    hc_id id = hc_document_id(document), none = {{0}}, home = hc_document_property_id(document);
    hc_text *json = NULL;

    ck_assert_mem_eq(&id, &none, sizeof id);
    ck_assert_mem_eq(&home, &HOME, sizeof home);
    ck_assert_int_eq(hc_document_version(document), 0);
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 0);
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_FILES), 0);
    ck_assert_ptr_null(hc_document_virtual_tour_url(document));
    HOUSE_OK(hc_document_to_json(&json, document, err));
    ck_assert_ptr_nonnull(strstr(hc_text_data(json), "\"images\":[],\"documents\":[],\"virtual_tour_url\":null"));
    hc_text_free(json);
    hc_document_free(document);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM property_documents"), 0);
}
END_TEST

START_TEST(what_is_added_comes_back_in_the_shape_of_the_origin)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_document_file file = HC_DOCUMENT_FILE_INIT;
    hc_document *document;
    const hc_document_item *item;
    hc_text *json = NULL;
    hc_id image_id, file_id, id;
    int32_t version = 0;

    image.url = PHOTO;
    image.caption = "Living \"Room\" \xc3\xa9";
    image.content_type = "image/jpeg";
    image.sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    image.size = 204800;
    HOUSE_OK(hc_document_add_image(&image_id, &version, house.ana, HOME, 0, &image, err));
    ck_assert_int_eq(version, 1);
    house_pass(HOUSE_MINUTE + 7);
    file.name = "Deed.pdf";
    file.url = DEED;
    file.type = HC_DOCUMENT_LEGAL;
    HOUSE_OK(hc_document_add_file(&file_id, &version, house.ana, HOME, 1, &file, err));
    ck_assert_int_eq(version, 2);
    HOUSE_OK(hc_document_set_virtual_tour(&version, house.ana, HOME, 2, "https://tours.example.com/?m=1", err));
    ck_assert_int_eq(version, 3);
    document = documents_of(house.ana, HOME);
    ck_assert_int_eq(hc_document_version(document), 3);
    ck_assert_str_eq(hc_document_virtual_tour_url(document), "https://tours.example.com/?m=1");
    ck_assert_int_eq(hc_document_created_at(document), HOUSE_START);
    ck_assert_int_eq(hc_document_updated_at(document), HOUSE_START + HOUSE_MINUTE);
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 1);
    item = hc_document_at(document, HC_DOCUMENT_IMAGES, 0);
    id = hc_document_item_id(item);
    ck_assert_mem_eq(&id, &image_id, sizeof id);
    ck_assert_str_eq(hc_document_item_url(item), PHOTO);
    ck_assert_str_eq(hc_document_item_caption(item), "Living \"Room\" \xc3\xa9");
    ck_assert_int_eq(hc_document_item_is_primary(item), 1);
    ck_assert_int_eq(hc_document_item_position(item), 0);
    ck_assert_int_eq(hc_document_item_visibility(item), HC_DOCUMENT_PUBLIC);
    ck_assert_int_eq(hc_document_item_status(item), HC_DOCUMENT_READY);
    ck_assert_str_eq(hc_document_item_sha256(item), image.sha256);
    ck_assert_int_eq(hc_document_item_size(item), 204800);
    ck_assert_str_eq(hc_document_item_content_type(item), "image/jpeg");
    ck_assert_int_eq(hc_document_item_created_at(item), HOUSE_START);
    ck_assert_ptr_null(hc_document_item_name(item));
    ck_assert_ptr_null(hc_document_item_type(item));
    item = hc_document_find(document, file_id);
    ck_assert_ptr_eq(item, hc_document_at(document, HC_DOCUMENT_FILES, 0));
    ck_assert_str_eq(hc_document_item_name(item), "Deed.pdf");
    ck_assert_str_eq(hc_document_item_type(item), "legal");
    ck_assert_int_eq(hc_document_item_visibility(item), HC_DOCUMENT_PRIVATE);
    ck_assert_int_eq(hc_document_item_is_primary(item), 0);
    ck_assert_ptr_null(hc_document_at(document, HC_DOCUMENT_FILES, 1));
    ck_assert_ptr_null(hc_document_at(document, 3, 0));
    HOUSE_OK(hc_document_to_json(&json, document, err));
    ck_assert_ptr_nonnull(strstr(hc_text_data(json),
                                 "\"url\":\"" PHOTO "\",\"caption\":\"Living \\\"Room\\\" \xc3\xa9\","
                                 "\"is_primary\":true,\"position\":0,\"visibility\":\"public\""));
    ck_assert_ptr_nonnull(strstr(hc_text_data(json), "\"url\":\"" DEED "\",\"name\":\"Deed.pdf\",\"type\":\"legal\""));
    hc_text_free(json);
    hc_document_free(document);
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM property_documents WHERE version=3 AND json_text(images,'$[0].is_primary')="
                  "'true' AND json_text(documents,'$[0].type')='legal' AND json_text(images,'$[0].size')="
                  "'204800' AND json_text(images,'$[0].created_at')='2025-11-23T10:00:00Z'"),
        1);
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM events WHERE resource='document' AND change='created' AND version=1"), 1);
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM events WHERE resource='document' AND change='updated' AND version IN (2,3)"),
        2);
    house_assert_audited("sensitive_create", house.ana);
    house_assert_audited("sensitive_update", house.ana);
}
END_TEST

/* P12 */
START_TEST(a_change_names_the_version_it_was_read_at)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_id first = add_image(house.ana, HOME, PHOTO, 0), id = {{1}};
    hc_error why = {0};
    int32_t version = 9;
    snapshot before = house_snapshot();

    image.url = PHOTO;
    ck_assert_int_eq(hc_document_add_image(&id, &version, house.ana, HOME, 0, &image, &why), HC_ERR_CONFLICT);
    ck_assert_str_eq(why.field, "version");
    ck_assert_int_eq(why.detail, 1);
    ck_assert_int_eq(version, 0);
    ck_assert_int_eq(id.bytes[0], 0);
    HOUSE_FAILS(hc_document_set_caption(NULL, house.ana, HOME, 2, first, "Hall", err), HC_ERR_CONFLICT, "version");
    HOUSE_FAILS(hc_document_set_primary(NULL, house.ana, HOME, 0, first, err), HC_ERR_CONFLICT, "version");
    HOUSE_FAILS(hc_document_remove(NULL, house.ana, HOME, 7, first, err), HC_ERR_CONFLICT, "version");
    HOUSE_FAILS(hc_document_set_visibility(NULL, house.ana, HOME, 7, first, HC_DOCUMENT_AGENT, err), HC_ERR_CONFLICT,
                "version");
    HOUSE_FAILS(hc_document_reorder(NULL, house.ana, HOME, 7, HC_DOCUMENT_IMAGES, &first, 1, err), HC_ERR_CONFLICT,
                "version");
    HOUSE_FAILS(hc_document_replace_image(NULL, house.ana, HOME, 7, first, &image, err), HC_ERR_CONFLICT, "version");
    HOUSE_FAILS(hc_document_set_virtual_tour(NULL, house.ana, HOME, 7, PHOTO, err), HC_ERR_CONFLICT, "version");
    HOUSE_FAILS(hc_document_set_virtual_tour(NULL, house.ana, HOME, -1, PHOTO, err), HC_ERR_INVALID, "version");
    house_assert_unchanged_since(before);
}
END_TEST

START_TEST(what_changes_nothing_writes_nothing)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_document_file file = HC_DOCUMENT_FILE_INIT;
    hc_id photo = add_image(house.ana, HOME, PHOTO, 0), deed = add_file(house.ana, HOME, HC_DOCUMENT_LEGAL, 0);
    snapshot before = house_snapshot();
    int32_t version = 0;

    image.url = PHOTO;
    image.caption = "Living Room";
    file.name = "Deed.pdf";
    file.url = DEED;
    file.type = "legal";
    ck_assert_int_eq(hc_document_set_caption(&version, house.ana, HOME, 2, photo, "Living Room", NULL), HC_NOTE_SAME);
    ck_assert_int_eq(version, 2);
    ck_assert_int_eq(hc_document_set_primary(NULL, house.ana, HOME, 2, photo, NULL), HC_NOTE_SAME);
    ck_assert_int_eq(hc_document_reorder(NULL, house.ana, HOME, 2, HC_DOCUMENT_FILES, &deed, 1, NULL), HC_NOTE_SAME);
    ck_assert_int_eq(hc_document_set_visibility(NULL, house.ana, HOME, 2, deed, HC_DOCUMENT_PRIVATE, NULL),
                     HC_NOTE_SAME);
    ck_assert_int_eq(hc_document_set_virtual_tour(NULL, house.ana, HOME, 2, NULL, NULL), HC_NOTE_SAME);
    ck_assert_int_eq(hc_document_replace_image(NULL, house.ana, HOME, 2, photo, &image, NULL), HC_NOTE_SAME);
    ck_assert_int_eq(hc_document_replace_file(NULL, house.ana, HOME, 2, deed, &file, NULL), HC_NOTE_SAME);
    house_assert_unchanged_since(before);
}
END_TEST

/* F09: stored only if https and a public-looking host */
START_TEST(an_address_that_may_not_be_stored_is_refused_by_name)
{
    static const char *const bad[] = {"javascript:alert(1)",
                                      "file:///etc/passwd",
                                      "http://169.254.169.254/",
                                      "http://[::ffff:127.0.0.1]/",
                                      "http://2130706433/",
                                      "https://2130706433/",
                                      "//host/x",
                                      "https://user:pass@photos.example.com/",
                                      "https://localhost/",
                                      "https://10.0.0.1/",
                                      "http://photos.example.com/",
                                      ""};
    char longest[2100] = "https://photos.example.com/";
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_document_file file = HC_DOCUMENT_FILE_INIT;
    hc_id photo = add_image(house.ana, HOME, PHOTO, 0), deed = add_file(house.ana, HOME, "report", 0), id;
    snapshot before = house_snapshot();

    memset(longest + strlen(longest), 'a', sizeof longest - 1 - strlen(longest));
    file.name = "x.pdf";
    file.type = "report";
    for (size_t i = 0; i <= sizeof bad / sizeof bad[0] + 1; i++) {
        const char *url = i < sizeof bad / sizeof bad[0] ? bad[i] : i == sizeof bad / sizeof bad[0] ? longest : NULL;

        image.url = file.url = url;
        HOUSE_FAILS(hc_document_add_image(&id, NULL, house.ana, HOME, 2, &image, err), HC_ERR_INVALID, "url");
        HOUSE_FAILS(hc_document_add_file(&id, NULL, house.ana, HOME, 2, &file, err), HC_ERR_INVALID, "url");
        HOUSE_FAILS(hc_document_replace_image(NULL, house.ana, HOME, 2, photo, &image, err), HC_ERR_INVALID, "url");
        HOUSE_FAILS(hc_document_replace_file(NULL, house.ana, HOME, 2, deed, &file, err), HC_ERR_INVALID, "url");
        if (url != NULL)
            HOUSE_FAILS(hc_document_set_virtual_tour(NULL, house.ana, HOME, 2, url, err), HC_ERR_INVALID,
                        "virtual_tour_url");
    }
    house_assert_unchanged_since(before);
}
END_TEST

/* F01, of what a caller names a file: a label that nothing is opened by */
START_TEST(the_name_of_a_file_is_a_label)
{
    static const char *const names[] = {"../../x", "..\\x", "C:\\x", "..", "%2e%2e%2f", "CON", "x. "};
    char longest[256];
    hc_document_file file = HC_DOCUMENT_FILE_INIT;
    hc_id id;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        hc_document *document;
        const hc_document_item *item;

        file.name = names[i];
        file.url = DEED;
        file.type = "report";
        HOUSE_OK(hc_document_add_file(&id, NULL, house.ana, HOME, (int32_t)i, &file, err));
        document = documents_of(house.ana, HOME);
        item = hc_document_find(document, id);
        ck_assert_str_eq(hc_document_item_name(item), names[i]);
        ck_assert_str_eq(hc_document_item_url(item), DEED);
        hc_document_free(document);
    }
    memset(longest, 'x', sizeof longest);
    longest[255] = '\0';
    file.name = longest;
    HOUSE_OK(hc_document_add_file(NULL, NULL, house.ana, HOME, (int32_t)(sizeof names / sizeof names[0]), &file, err));
}
END_TEST

/* P08; F08, of what a header may be made of one day */
START_TEST(bad_input_is_told_by_the_member)
{
    static const hc_id nobody = {{7}};
    char caption[600];
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_document_file file = HC_DOCUMENT_FILE_INIT;
    hc_id photo = add_image(house.ana, HOME, PHOTO, 0), deed = add_file(house.ana, HOME, "report", 0);
    hc_id twice[2] = {photo, photo};
    snapshot before = house_snapshot();

    memset(caption, 'x', sizeof caption);
    caption[501] = '\0';
#define BAD_IMAGE(member, value, field)                                                                                \
    do {                                                                                                               \
        image = (hc_document_image)HC_DOCUMENT_IMAGE_INIT;                                                             \
        image.url = PHOTO;                                                                                             \
        image.member = value;                                                                                          \
        HOUSE_FAILS(hc_document_add_image(NULL, NULL, house.ana, HOME, 2, &image, err), HC_ERR_INVALID, field);        \
    } while (0)
#define BAD_FILE(member, value, field)                                                                                 \
    do {                                                                                                               \
        file = (hc_document_file)HC_DOCUMENT_FILE_INIT;                                                                \
        file.url = DEED;                                                                                               \
        file.name = "Deed.pdf";                                                                                        \
        file.type = "legal";                                                                                           \
        file.member = value;                                                                                           \
        HOUSE_FAILS(hc_document_add_file(NULL, NULL, house.ana, HOME, 2, &file, err), HC_ERR_INVALID, field);          \
    } while (0)
    BAD_IMAGE(caption, caption, "caption");
    BAD_IMAGE(caption, "\xff", "caption");
    BAD_IMAGE(content_type, "image", "content_type");
    BAD_IMAGE(content_type, "image/jpeg\r\nX: y", "content_type");
    BAD_IMAGE(sha256, "abc", "sha256");
    BAD_IMAGE(sha256, "g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "sha256");
    BAD_IMAGE(size, -1, "size");
    BAD_IMAGE(visibility, 4, "visibility");
    BAD_IMAGE(visibility, -1, "visibility");
    BAD_IMAGE(is_primary, 2, "is_primary");
    BAD_IMAGE(reserved, 1, "reserved");
    BAD_FILE(name, NULL, "name");
    BAD_FILE(name, "", "name");
    BAD_FILE(name, "a\r\nSet-Cookie: x", "name");
    BAD_FILE(name, "a\x7f.pdf", "name");
    BAD_FILE(name, "a\xc2\x85.pdf", "name");
    BAD_FILE(name, "a\xc2\x9f.pdf", "name");
    memset(caption, 'x', sizeof caption - 1);
    caption[256] = '\0';
    BAD_FILE(name, caption, "name");
    memset(caption, 'x', sizeof caption);
    caption[501] = '\0';
    BAD_FILE(type, NULL, "type");
    BAD_FILE(type, "", "type");
    BAD_FILE(type, "Legal", "type");
    BAD_FILE(type, "legal ", "type");
    BAD_FILE(visibility, 9, "visibility");
    HOUSE_FAILS(hc_document_add_image(NULL, NULL, house.ana, HOME, 2, NULL, err), HC_ERR_MISUSE, "image");
    HOUSE_FAILS(hc_document_add_file(NULL, NULL, house.ana, HOME, 2, NULL, err), HC_ERR_MISUSE, "file");
    HOUSE_FAILS(hc_document_set_caption(NULL, house.ana, HOME, 2, photo, caption, err), HC_ERR_INVALID, "caption");
    HOUSE_FAILS(hc_document_set_caption(NULL, house.ana, HOME, 2, deed, "x", err), HC_ERR_NOT_FOUND, "item_id");
    HOUSE_FAILS(hc_document_set_caption(NULL, house.ana, HOME, 2, nobody, "x", err), HC_ERR_NOT_FOUND, "item_id");
    HOUSE_FAILS(hc_document_set_primary(NULL, house.ana, HOME, 2, deed, err), HC_ERR_NOT_FOUND, "item_id");
    HOUSE_FAILS(hc_document_remove(NULL, house.ana, HOME, 2, nobody, err), HC_ERR_NOT_FOUND, "item_id");
    HOUSE_FAILS(hc_document_set_visibility(NULL, house.ana, HOME, 2, photo, 0, err), HC_ERR_INVALID, "visibility");
    HOUSE_FAILS(hc_document_set_visibility(NULL, house.ana, HOME, 2, nobody, 1, err), HC_ERR_NOT_FOUND, "item_id");
    image = (hc_document_image)HC_DOCUMENT_IMAGE_INIT;
    image.url = PHOTO;
    HOUSE_FAILS(hc_document_replace_image(NULL, house.ana, HOME, 2, deed, &image, err), HC_ERR_NOT_FOUND, "item_id");
    HOUSE_FAILS(hc_document_reorder(NULL, house.ana, HOME, 2, HC_DOCUMENT_IMAGES, NULL, 0, err), HC_ERR_INVALID, "ids");
    HOUSE_FAILS(hc_document_reorder(NULL, house.ana, HOME, 2, HC_DOCUMENT_IMAGES, twice, 2, err), HC_ERR_INVALID,
                "ids");
    HOUSE_FAILS(hc_document_reorder(NULL, house.ana, HOME, 2, HC_DOCUMENT_IMAGES, &deed, 1, err), HC_ERR_INVALID,
                "ids");
    HOUSE_FAILS(hc_document_reorder(NULL, house.ana, HOME, 2, HC_DOCUMENT_IMAGES, NULL, 1, err), HC_ERR_MISUSE, "ids");
    HOUSE_FAILS(hc_document_reorder(NULL, house.ana, HOME, 2, 3, &deed, 1, err), HC_ERR_INVALID, "list");
    house_assert_unchanged_since(before);
}
END_TEST

START_TEST(images_are_put_in_order_and_one_is_primary)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_id ids[3], order[3], id;
    hc_document *document;

    for (size_t i = 0; i < 3; i++)
        ids[i] = add_image(house.ana, HOME, PHOTO, 0);
    order[0] = ids[2];
    order[1] = ids[0];
    order[2] = ids[1];
    HOUSE_OK(hc_document_reorder(NULL, house.ana, HOME, 3, HC_DOCUMENT_IMAGES, order, 3, err));
    HOUSE_OK(hc_document_set_primary(NULL, house.ana, HOME, 4, ids[1], err));
    HOUSE_OK(hc_document_set_caption(NULL, house.ana, HOME, 5, ids[0], NULL, err));
    document = documents_of(house.guest, HOME);
    for (size_t i = 0; i < 3; i++) {
        const hc_document_item *item = hc_document_at(document, HC_DOCUMENT_IMAGES, i);
        id = hc_document_item_id(item);
        ck_assert_mem_eq(&id, &order[i], sizeof id);
        ck_assert_int_eq(hc_document_item_position(item), (int)i);
        ck_assert_int_eq(hc_document_item_is_primary(item), i == 2);
        ck_assert_int_eq(hc_document_item_caption(item) == NULL, i == 1);
    }
    hc_document_free(document);
    HOUSE_OK(hc_document_remove(NULL, house.ana, HOME, 6, ids[1], err)); /* the primary one */
    image.url = PHOTO "?2";
    image.is_primary = 1;
    HOUSE_OK(hc_document_replace_image(NULL, house.ana, HOME, 7, ids[0], &image, err));
    HOUSE_OK(hc_document_add_image(&id, NULL, house.ana, HOME, 8, &image, err));
    document = documents_of(house.guest, HOME);
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 3);
    ck_assert_int_eq(hc_document_item_is_primary(hc_document_find(document, id)), 1);
    ck_assert_int_eq(hc_document_item_is_primary(hc_document_find(document, ids[0])), 0);
    ck_assert_int_eq(hc_document_item_is_primary(hc_document_find(document, ids[2])), 0);
    ck_assert_str_eq(hc_document_item_url(hc_document_find(document, ids[0])), PHOTO "?2");
    ck_assert_int_eq(hc_document_item_position(hc_document_find(document, ids[0])), 1);
    hc_document_free(document);
    house_assert_audited("sensitive_delete", house.ana);
}
END_TEST

/* Z07: whoever may not see an item does not even see its number */
START_TEST(each_reader_gets_what_is_for_them)
{
    hc_id open = add_image(house.ana, HOME, PHOTO, HC_DOCUMENT_PUBLIC);
    hc_id draft = add_image(house.ana, HOME, PHOTO, HC_DOCUMENT_AGENT);
    hc_id plan = add_file(house.ana, HOME, "floor_plan", 0), deed = add_file(house.ana, HOME, HC_DOCUMENT_LEGAL, 0);
    hc_id note = add_file(house.ana, HOME, "report", HC_DOCUMENT_PRIVATE);
    hc_session *const readers[] = {house.guest, house.bea, house.ben, house.ana, house.admin, house.system};
    const hc_document_item *item;
    hc_document *document;

    HOUSE_OK(hc_document_set_primary(NULL, house.ana, HOME, 5, draft, err));
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        ck_assert(sees(readers[i], HOME, open));
        ck_assert(sees(readers[i], HOME, plan));
        ck_assert_int_eq(sees(readers[i], HOME, draft), i >= 2);
        ck_assert_int_eq(sees(readers[i], HOME, deed), i >= 3);
        ck_assert_int_eq(sees(readers[i], HOME, note), i >= 3);
    }
    document = documents_of(house.guest, HOME); /* nothing points at what is not there */
    item = hc_document_at(document, HC_DOCUMENT_IMAGES, 0);
    ck_assert_int_eq(hc_document_item_is_primary(item), 1);
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 1);
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_FILES), 1);
    ck_assert_int_eq(hc_document_item_position(hc_document_at(document, HC_DOCUMENT_FILES, 0)), 0);
    hc_document_free(document);
    HOUSE_OK(hc_document_set_visibility(NULL, house.ana, HOME, 6, deed, HC_DOCUMENT_PUBLIC, err));
    house_assert_audited("authz_change", house.ana);
    ck_assert(sees(house.guest, HOME, deed));
    HOUSE_OK(hc_document_set_visibility(NULL, house.ana, HOME, 7, deed, HC_DOCUMENT_PRIVATE, err));
    ck_assert(!sees(house.guest, HOME, deed));
}
END_TEST

START_TEST(a_file_that_becomes_legal_becomes_private)
{
    hc_document_file file = HC_DOCUMENT_FILE_INIT;
    hc_id plan = add_file(house.ana, HOME, "floor_plan", 0);

    file.name = "Deed.pdf";
    file.url = DEED;
    file.type = "legal";
    ck_assert(sees(house.guest, HOME, plan));
    HOUSE_OK(hc_document_replace_file(NULL, house.ana, HOME, 1, plan, &file, err));
    ck_assert(!sees(house.guest, HOME, plan));
    ck_assert(sees(house.ana, HOME, plan));
    file.type = "report"; /* and stays so until somebody says otherwise */
    HOUSE_OK(hc_document_replace_file(NULL, house.ana, HOME, 2, plan, &file, err));
    ck_assert(!sees(house.guest, HOME, plan));
}
END_TEST

START_TEST(a_replacement_that_shows_or_hides_an_item_is_audited_as_such)
{
    hc_document_file file = HC_DOCUMENT_FILE_INIT;
    hc_id deed = add_file(house.ana, HOME, HC_DOCUMENT_LEGAL, 0);
    const char *changes = "SELECT count(*) FROM audit_log WHERE event='authz_change' AND reason='visibility: public'";

    file.name = "Old.pdf";
    file.url = DEED;
    file.type = "legal";
    HOUSE_OK(hc_document_replace_file(NULL, house.ana, HOME, 1, deed, &file, err));
    ck_assert_int_eq(house_sql(changes), 0);
    file.visibility = HC_DOCUMENT_PUBLIC;
    HOUSE_OK(hc_document_replace_file(NULL, house.ana, HOME, 2, deed, &file, err));
    ck_assert_int_eq(house_sql(changes), 1);
    file.name = "Deed.pdf"; /* public as before */
    HOUSE_OK(hc_document_replace_file(NULL, house.ana, HOME, 3, deed, &file, err));
    ck_assert_int_eq(house_sql(changes), 1);
}
END_TEST

/* Z02 Z11 */
START_TEST(only_the_listings_agent_and_admins_change_it)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_document_file file = HC_DOCUMENT_FILE_INIT;
    hc_id photo = add_image(house.ana, HOME, PHOTO, 0), hidden = house.anas_ids[2];
    snapshot before = house_snapshot();
    hc_session *const others[] = {house.ben, house.bea};
    hc_document *document = (hc_document *)1;

    image.url = PHOTO;
    file.url = DEED;
    file.name = "x";
    file.type = "report";
    for (size_t i = 0; i < 2; i++) {
        HOUSE_FAILS(hc_document_add_image(NULL, NULL, others[i], HOME, 1, &image, err), HC_ERR_FORBIDDEN, "");
        house_assert_audited("authz_fail", others[i]);
        HOUSE_FAILS(hc_document_add_file(NULL, NULL, others[i], HOME, 1, &file, err), HC_ERR_FORBIDDEN, "");
        HOUSE_FAILS(hc_document_replace_image(NULL, others[i], HOME, 1, photo, &image, err), HC_ERR_FORBIDDEN, "");
        HOUSE_FAILS(hc_document_set_caption(NULL, others[i], HOME, 1, photo, "x", err), HC_ERR_FORBIDDEN, "");
        HOUSE_FAILS(hc_document_set_primary(NULL, others[i], HOME, 1, photo, err), HC_ERR_FORBIDDEN, "");
        HOUSE_FAILS(hc_document_remove(NULL, others[i], HOME, 1, photo, err), HC_ERR_FORBIDDEN, "");
        HOUSE_FAILS(hc_document_set_virtual_tour(NULL, others[i], HOME, 1, PHOTO, err), HC_ERR_FORBIDDEN, "");
        HOUSE_FAILS(hc_document_reorder(NULL, others[i], HOME, 1, 1, &photo, 1, err), HC_ERR_FORBIDDEN, "");
        HOUSE_FAILS(hc_document_set_visibility(NULL, others[i], HOME, 1, photo, 1, err), HC_ERR_FORBIDDEN, "");
        HOUSE_FAILS(hc_document_get(&document, others[i], hidden, err), HC_ERR_NOT_FOUND, "id");
        ck_assert_ptr_null(document);
        house_assert_audited("authz_fail", others[i]);
    }
    HOUSE_FAILS(hc_document_remove(NULL, house.guest, HOME, 1, photo, err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_FAILS(hc_document_add_image(NULL, NULL, house.ben, hidden, 0, &image, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_document_add_image(NULL, NULL, house.ana, photo, 0, &image, err), HC_ERR_NOT_FOUND, "id");
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_document_add_image(NULL, NULL, house.ana, hidden, 0, &image, err));
    HOUSE_OK(hc_document_add_image(NULL, NULL, house.admin, HOME, 1, &image, err));
}
END_TEST

static void give_to(hc_id property_id, hc_id agent)
{
    hc_property *row = house_read(house.admin, property_id), *edit = hc_property_edit(row);

    hc_property_set_agent_id(edit, agent);
    HOUSE_OK(hc_property_update(NULL, house.admin, edit, err));
    hc_property_free(edit);
    hc_property_free(row);
}

/* Z06 */
START_TEST(who_no_longer_has_the_listing_loses_its_documents_at_once)
{
    hc_id deed = add_file(house.ana, HOME, HC_DOCUMENT_LEGAL, 0);
    hc_document_shares *shares = NULL;

    ck_assert(sees(house.ana, HOME, deed) && !sees(house.ben, HOME, deed));
    give_to(HOME, house.ben_id);
    ck_assert(!sees(house.ana, HOME, deed) && sees(house.ben, HOME, deed));
    HOUSE_FAILS(hc_document_remove(NULL, house.ana, HOME, 1, deed, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_document_set_visibility(NULL, house.ana, HOME, 1, deed, 1, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_document_list_shares(&shares, house.ana, HOME, err), HC_ERR_FORBIDDEN, "");
    HOUSE_OK(hc_document_remove(NULL, house.ben, HOME, 1, deed, err));
}
END_TEST

/* F10, of lists */
START_TEST(a_list_has_two_hundred_items_at_most)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_document *document;
    hc_id order[200];

    image.url = PHOTO;
    for (int32_t i = 0; i < 200; i++)
        HOUSE_OK(hc_document_add_image(&order[199 - i], NULL, house.ana, HOME, i, &image, err));
    HOUSE_FAILS(hc_document_add_image(NULL, NULL, house.ana, HOME, 200, &image, err), HC_ERR_TOO_LARGE, "images");
    HOUSE_OK(hc_document_reorder(NULL, house.ana, HOME, 200, HC_DOCUMENT_IMAGES, order, 200, err));
    document = documents_of(house.guest, HOME);
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 200);
    for (size_t i = 0; i < 200; i++) {
        hc_id id = hc_document_item_id(hc_document_at(document, HC_DOCUMENT_IMAGES, i));
        ck_assert_mem_eq(&id, &order[i], sizeof id);
    }
    hc_document_free(document);
}
END_TEST

/* P14 */
START_TEST(an_item_is_added_once_by_its_key)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_id first, again;
    int32_t version = 0;

    image.url = PHOTO;
    HOUSE_OK(hc_session_set_idempotency_key(house.ana, "upload-1", err));
    HOUSE_OK(hc_document_add_image(&first, NULL, house.ana, HOME, 0, &image, err));
    HOUSE_OK(hc_document_set_virtual_tour(NULL, house.ana, HOME, 1, PHOTO, err));
    HOUSE_OK(hc_session_set_idempotency_key(house.ana, "upload-1", err));
    ck_assert_int_eq(hc_document_add_image(&again, &version, house.ana, HOME, 0, &image, NULL), HC_NOTE_REPLAYED);
    ck_assert_mem_eq(&first, &again, sizeof first);
    ck_assert_int_eq(version, 2);
    HOUSE_OK(hc_session_set_idempotency_key(house.ana, "upload-1", err));
    HOUSE_FAILS(hc_document_add_image(&again, NULL, house.ana, house.anas_ids[1], 0, &image, err), HC_ERR_CONFLICT,
                "idempotency_key");
    ck_assert_int_eq(house_sql("SELECT json_array_length(images) FROM property_documents"), 1);
}
END_TEST

static hc_status add_two(hc_session *as, void *data, hc_error *err)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_document *document = NULL;
    int32_t version = 0;
    hc_status status;

    image.url = PHOTO;
    status = hc_document_add_image(NULL, &version, as, HOME, 0, &image, err);
    if (status >= 0)
        status = hc_document_add_image(NULL, &version, as, HOME, version, &image, err);
    if (status >= 0)
        status = hc_document_get(&document, as, HOME, err);
    if (status >= 0)
        ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 2);
    hc_document_free(document);
    return status >= 0 && data != NULL ? HC_ERR_CANCELLED : status;
}

START_TEST(several_changes_are_one_unit)
{
    snapshot before = house_snapshot();
    int give_up = 1;
    hc_error why;

    ck_assert_int_eq(hc_session_transact(house.ana, add_two, &give_up, &why), HC_ERR_CANCELLED);
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_session_transact(house.ana, add_two, NULL, err));
    ck_assert_int_eq(version_of(HOME), 2);
}
END_TEST

/* P13: its documents, and no orphans in SQL */
START_TEST(a_listing_takes_its_documents_along)
{
    hc_id deed = add_file(house.ana, HOME, HC_DOCUMENT_LEGAL, 0), photo = add_image(house.ana, HOME, PHOTO, 0);
    hc_id lead = lead_row(1, HOME, house.ana_id, house.bea_id);
    hc_document *document = NULL;

    add_image(house.ana, house.anas_ids[1], PHOTO, 0);
    HOUSE_OK(hc_document_share(house.ana, HOME, deed, lead, err));
    house_change("UPDATE leads SET status='lost'");
    HOUSE_OK(hc_property_delete(house.ana, HOME, 1, err));
    HOUSE_FAILS(hc_document_get(&document, house.ana, HOME, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_document_get(&document, house.admin, HOME, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_document_get(&document, house.bea, HOME, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_document_remove(NULL, house.ana, HOME, 2, photo, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_OK(hc_property_restore(NULL, house.ana, HOME, err));
    ck_assert(sees(house.bea, HOME, deed));
    HOUSE_OK(hc_property_delete(house.ana, HOME, 3, err));
    HOUSE_FAILS(hc_property_purge(house.admin, HOME, err), HC_ERR_INVALID_STATE, "id"); /* its lead is on record */
    house_change("DELETE FROM leads");
    HOUSE_OK(hc_property_purge(house.admin, HOME, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM property_documents"), 1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM document_shares"), 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM property_documents WHERE property_id NOT IN (SELECT id FROM"
                               " properties)"),
                     0);
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM events WHERE resource='document' AND change='purged' AND version=3"), 1);
}
END_TEST

/* H04 */
START_TEST(misuse_is_told_and_harms_nothing)
{
    hc_document_shares *shares = NULL;
    hc_text *json = NULL;
    hc_id id = {{9}};

    HOUSE_FAILS(hc_document_get(NULL, house.ana, HOME, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_document_list_shares(NULL, house.ana, HOME, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_document_to_json(NULL, NULL, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_document_to_json(&json, NULL, err), HC_ERR_NO_MEMORY, "");
    HOUSE_FAILS(hc_document_remove(NULL, NULL, HOME, 1, id, err), HC_ERR_MISUSE, "session");
    ck_assert_ptr_null(hc_document_find(NULL, id));
    ck_assert_ptr_null(hc_document_at(NULL, HC_DOCUMENT_IMAGES, 0));
    ck_assert_ptr_null(hc_document_virtual_tour_url(NULL));
    ck_assert_int_eq(hc_document_version(NULL), 0);
    ck_assert_int_eq(hc_document_created_at(NULL) + hc_document_updated_at(NULL), 0);
    ck_assert_ptr_null(hc_document_item_url(NULL));
    ck_assert_int_eq(hc_document_item_size(NULL), 0);
    id = hc_document_item_id(NULL);
    ck_assert_int_eq(id.bytes[0], 0);
    ck_assert_uint_eq(hc_document_shares_count(shares), 0);
    hc_document_free(NULL);
    hc_document_shares_free(NULL);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_listing_that_never_had_any_has_an_empty_document);
    tcase_add_test(tcase, what_is_added_comes_back_in_the_shape_of_the_origin);
    tcase_add_test(tcase, a_change_names_the_version_it_was_read_at);
    tcase_add_test(tcase, what_changes_nothing_writes_nothing);
    tcase_add_test(tcase, an_address_that_may_not_be_stored_is_refused_by_name);
    tcase_add_test(tcase, the_name_of_a_file_is_a_label);
    tcase_add_test(tcase, bad_input_is_told_by_the_member);
    tcase_add_test(tcase, images_are_put_in_order_and_one_is_primary);
    tcase_add_test(tcase, each_reader_gets_what_is_for_them);
    tcase_add_test(tcase, a_file_that_becomes_legal_becomes_private);
    tcase_add_test(tcase, a_replacement_that_shows_or_hides_an_item_is_audited_as_such);
    tcase_add_test(tcase, only_the_listings_agent_and_admins_change_it);
    tcase_add_test(tcase, who_no_longer_has_the_listing_loses_its_documents_at_once);
    tcase_add_test(tcase, a_list_has_two_hundred_items_at_most);
    tcase_add_test(tcase, an_item_is_added_once_by_its_key);
    tcase_add_test(tcase, several_changes_are_one_unit);
    tcase_add_test(tcase, a_listing_takes_its_documents_along);
    tcase_add_test(tcase, misuse_is_told_and_harms_nothing);
}

int main(void)
{
    return suite_main("api.document.document", fill, house_open, house_close);
}
