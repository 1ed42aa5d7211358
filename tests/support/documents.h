/* What the tests of documents share: items to add, reading back, and a lead that is there. */
#ifndef SUPPORT_DOCUMENTS_H
#define SUPPORT_DOCUMENTS_H

#include <stdio.h>
#include <string.h>

#include "homeconnect/document.h"
#include "house.h"

#define PHOTO "https://photos.example.com/living.jpg"
#define DEED  "https://files.example.com/deed.pdf"

static inline hc_document *documents_of(hc_session *as, hc_id property_id)
{
    hc_document *document = NULL;

    HOUSE_OK(hc_document_get(&document, as, property_id, err));
    return document;
}

/* At the version that the document is at. */
static inline int32_t version_of(hc_id property_id)
{
    hc_document *document = documents_of(house.system, property_id);
    int32_t version = hc_document_version(document);

    hc_document_free(document);
    return version;
}

static inline hc_id add_image(hc_session *as, hc_id property_id, const char *url, int32_t visibility)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_id id;

    image.url = url;
    image.caption = "Living Room";
    image.visibility = visibility;
    HOUSE_OK(hc_document_add_image(&id, NULL, as, property_id, version_of(property_id), &image, err));
    return id;
}

static inline hc_id add_file(hc_session *as, hc_id property_id, const char *type, int32_t visibility)
{
    hc_document_file file = HC_DOCUMENT_FILE_INIT;
    hc_id id;

    file.name = "Deed.pdf";
    file.url = DEED;
    file.type = type;
    file.visibility = visibility;
    HOUSE_OK(hc_document_add_file(&id, NULL, as, property_id, version_of(property_id), &file, err));
    return id;
}

/* Whether a reader finds the item, by id, by list and in JSON alike. */
static inline bool sees(hc_session *as, hc_id property_id, hc_id item_id)
{
    hc_document *document = documents_of(as, property_id);
    hc_text *json = NULL;
    char text[HC_ID_TEXT_SIZE];
    bool listed = false, found = hc_document_find(document, item_id) != NULL;

    hc_id_format(text, item_id);
    for (int32_t list = HC_DOCUMENT_IMAGES; list <= HC_DOCUMENT_FILES; list++)
        for (size_t i = 0; i < hc_document_count(document, list); i++) {
            hc_id id = hc_document_item_id(hc_document_at(document, list, i));
            listed = listed || memcmp(&id, &item_id, sizeof id) == 0;
        }
    HOUSE_OK(hc_document_to_json(&json, document, err));
    ck_assert_int_eq(listed, found);
    ck_assert_int_eq(strstr(hc_text_data(json), text) != NULL, found);
    hc_text_free(json);
    hc_document_free(document);
    return found;
}

static inline const char *hex_of(hc_id id)
{
    static char text[4][33];
    static int at;
    char *out = text[at++ % 4];

    for (size_t i = 0; i < sizeof id.bytes; i++)
        snprintf(out + 2 * i, 3, "%02x", id.bytes[i]);
    return out;
}

/* A row as another program writes it. `buyer` all zero: a guest's. */
static inline hc_id lead_row(uint8_t number, hc_id property_id, hc_id agent, hc_id buyer)
{
    static const hc_id nobody;
    hc_id id = {{0x01, 0x9a, 0xaf, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number}};
    char sql[512], whose[40];

    snprintf(whose, sizeof whose, memcmp(&buyer, &nobody, sizeof buyer) == 0 ? "NULL" : "X'%s'", hex_of(buyer));
    snprintf(sql, sizeof sql, "INSERT INTO leads(id,property_id,agent_id,buyer_id) VALUES(X'%s',X'%s',X'%s',%s)",
             hex_of(id), hex_of(property_id), hex_of(agent), whose);
    house_change(sql);
    return id;
}

/* Stores what another program would as a listing's documents. */
static inline void write_document(hc_id property_id, const char *images, const char *documents)
{
    char sql[8192];

    snprintf(sql, sizeof sql,
             "INSERT INTO property_documents(id,property_id,images,documents) VALUES(X'%s',X'%s',%s%s%s,%s%s%s)",
             "6925a1b2c3d48f0bb1d0e5f601020304", hex_of(property_id), images == NULL ? "" : "'",
             images == NULL ? "NULL" : images, images == NULL ? "" : "'", documents == NULL ? "" : "'",
             documents == NULL ? "NULL" : documents, documents == NULL ? "" : "'");
    house_change(sql);
}

#endif
