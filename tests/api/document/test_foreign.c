/* Documents that other programs wrote, in the origin's shape and in none. */
#include "documents.h"

#define HOME house.anas_ids[0]

START_TEST(the_origins_shape_is_read_and_completed)
{
    hc_document *document, *again;
    const hc_document_item *item;
    hc_id id, same;

    write_document(HOME,
                   "[{\"url\":\"https://a.example.com/1\",\"caption\":\"Hall\",\"is_primary\":false},"
                   "{\"url\":\"https://a.example.com/1\",\"caption\":null,\"is_primary\":true},"
                   "{\"url\":\"https://a.example.com/3\",\"is_primary\":true}]",
                   "[{\"name\":\"Deed.pdf\",\"url\":\"https://a.example.com/d\",\"type\":\"legal\"},"
                   "{\"name\":\"Plan.pdf\",\"url\":\"https://a.example.com/p\",\"type\":\"floor plan\"},"
                   "{\"name\":\"Will.pdf\",\"url\":\"https://a.example.com/w\",\"type\":\"Legal \"},"
                   "{\"name\":\"What.pdf\",\"url\":\"https://a.example.com/q\"}]");
    document = documents_of(house.guest, HOME);
    ck_assert_int_eq(hc_document_version(document), 1);
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 3);
    for (size_t i = 0; i < 3; i++) {
        item = hc_document_at(document, HC_DOCUMENT_IMAGES, i);
        ck_assert_int_eq(hc_document_item_is_primary(item), i == 1);
        ck_assert_int_eq(hc_document_item_visibility(item), HC_DOCUMENT_PUBLIC);
        ck_assert_int_eq(hc_document_item_status(item), HC_DOCUMENT_READY);
        ck_assert_int_eq(hc_document_item_position(item), (int)i);
        ck_assert_int_eq(hc_document_item_created_at(item), 0);
    }
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_FILES), 1);
    item = hc_document_at(document, HC_DOCUMENT_FILES, 0);
    ck_assert_str_eq(hc_document_item_name(item), "Plan.pdf");
    ck_assert_str_eq(hc_document_item_type(item), "floor plan");
    again = documents_of(house.ana, HOME);
    ck_assert_uint_eq(hc_document_count(again, HC_DOCUMENT_FILES), 4);
    for (size_t i = 0; i < 3; i++) { /* the same id to everybody, and each its own */
        id = hc_document_item_id(hc_document_at(document, HC_DOCUMENT_IMAGES, i));
        same = hc_document_item_id(hc_document_at(again, HC_DOCUMENT_IMAGES, i));
        ck_assert_mem_eq(&id, &same, sizeof id);
        ck_assert_ptr_eq(hc_document_find(document, id), hc_document_at(document, HC_DOCUMENT_IMAGES, i));
    }
    hc_document_free(again);
    id = hc_document_item_id(hc_document_at(document, HC_DOCUMENT_IMAGES, 2));
    HOUSE_OK(hc_document_set_primary(NULL, house.ana, HOME, 1, id, err));
    hc_document_free(document);
    document = documents_of(house.guest, HOME);
    ck_assert_int_eq(hc_document_item_is_primary(hc_document_find(document, id)), 1);
    hc_document_free(document);
}
END_TEST

START_TEST(members_that_we_do_not_know_are_kept_and_shown_to_nobody_else)
{
    hc_document *document;
    hc_text *json = NULL;
    hc_id id;

    write_document(HOME,
                   "[{\"url\":\"https://a.example.com/1\",\"caption\":7,\"margin\":{\"note\":[1,2]},\"is_primary\":1,"
                   "\"MediaURL\":\"x\",\"name\":\"n\"},\"loose\",[3],"
                   "{\"url\":9,\"visibility\":\"everybody\"},"
                   "{\"url\":\"https://a.example.com/2\",\"type\":\"photo\",\"position\":-1}]",
                   NULL);
    document = documents_of(house.guest, HOME);
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 2); /* who may see it, nobody understands */
    HOUSE_OK(hc_document_to_json(&json, document, err));
    ck_assert_ptr_null(strstr(hc_text_data(json), "margin"));
    ck_assert_ptr_null(strstr(hc_text_data(json), "loose"));
    hc_text_free(json);
    hc_document_free(document);
    document = documents_of(house.ana, HOME);
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 3);
    id = hc_document_item_id(hc_document_at(document, HC_DOCUMENT_IMAGES, 0));
    ck_assert_ptr_null(hc_document_item_caption(hc_document_at(document, HC_DOCUMENT_IMAGES, 0)));
    HOUSE_OK(hc_document_to_json(&json, document, err));
    ck_assert_ptr_nonnull(strstr(hc_text_data(json), "\"margin\":{\"note\":[1,2]}"));
    hc_text_free(json);
    hc_document_free(document);
    add_image(house.ana, HOME, PHOTO, 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM property_documents WHERE"
                               " replace(json_text(images,'$[0].margin.note'),' ','')='[1,2]' AND"
                               " json_text(images,'$[0].MediaURL')='x' AND json_text(images,'$[0].name')='n' AND"
                               " json_text(images,'$[0].caption')='7' AND json_text(images,'$[2].type')='photo' AND"
                               " json_text(images,'$[3].url')='" PHOTO "' AND json_text(images,'$[1].url')='9' AND"
                               " json_text(images,'$[4]')='loose' AND json_text(images,'$[5]')='[3]' AND"
                               " json_array_length(images)=6"),
                     1);
    HOUSE_OK(hc_document_set_caption(NULL, house.ana, HOME, 2, id, "Ours", err)); /* in the place of theirs */
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM property_documents WHERE json_text(images,'$[0].caption')='Ours' AND"
                  " json_text(images,'$[0].margin') IS NOT NULL"),
        1);
}
END_TEST

START_TEST(two_items_of_one_id_become_two)
{
    hc_document *document;
    hc_id first, second;

    write_document(HOME,
                   "[{\"id\":\"019aaf00-0000-7000-8000-000000000001\",\"url\":\"https://a.example.com/1\"},"
                   "{\"id\":\"019aaf00-0000-7000-8000-000000000001\",\"url\":\"https://a.example.com/2\"}]",
                   "[]");
    document = documents_of(house.ana, HOME);
    first = hc_document_item_id(hc_document_at(document, HC_DOCUMENT_IMAGES, 0));
    second = hc_document_item_id(hc_document_at(document, HC_DOCUMENT_IMAGES, 1));
    ck_assert_int_eq(first.bytes[15], 1);
    ck_assert_mem_ne(&first, &second, sizeof first);
    hc_document_free(document);
    HOUSE_OK(hc_document_remove(NULL, house.ana, HOME, 1, second, err));
    document = documents_of(house.ana, HOME);
    ck_assert_str_eq(hc_document_item_url(hc_document_at(document, HC_DOCUMENT_IMAGES, 0)), "https://a.example.com/1");
    hc_document_free(document);
}
END_TEST

START_TEST(what_is_no_list_is_told_by_its_field_and_left_alone)
{
    hc_document *document = NULL;
    hc_id id = {{5}};
    snapshot before;

    write_document(HOME, "{\"url\":\"https://a.example.com/1\"}", "[]");
    before = house_snapshot();
    HOUSE_FAILS(hc_document_get(&document, house.ana, HOME, err), HC_ERR_CORRUPT, "images");
    ck_assert_ptr_null(document);
    HOUSE_FAILS(hc_document_remove(NULL, house.ana, HOME, 1, id, err), HC_ERR_CORRUPT, "images");
    house_assert_unchanged_since(before);
    house_change("UPDATE property_documents SET images=NULL, documents=NULL");
    if (house_is_a_file()) { /* columns of servers are JSON, and take none of these */
        house_change("UPDATE property_documents SET documents='nonsense'");
        HOUSE_FAILS(hc_document_get(&document, house.guest, HOME, err), HC_ERR_CORRUPT, "documents");
    }
    if (house_is_a_file() && !house_is_a_pair()) { /* nor does a collection this one */
        house_change("UPDATE property_documents SET documents='[{\"a\":1,\"a\":2}]'");
        HOUSE_FAILS(hc_document_get(&document, house.guest, HOME, err), HC_ERR_CORRUPT, "documents");
    }
    house_change("UPDATE property_documents SET documents=NULL");
    hc_document_free(documents_of(house.guest, HOME));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_origins_shape_is_read_and_completed);
    tcase_add_test(tcase, members_that_we_do_not_know_are_kept_and_shown_to_nobody_else);
    tcase_add_test(tcase, two_items_of_one_id_become_two);
    tcase_add_test(tcase, what_is_no_list_is_told_by_its_field_and_left_alone);
}

int main(void)
{
    return suite_main("api.document.foreign", fill, house_open, house_close);
}
