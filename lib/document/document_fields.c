/* hc_document_* and hc_document_item_*: the accessors of the public header. */
#include "document/document_noun.h"

hc_id hc_document_id(const hc_document *document)
{
    return document == NULL ? (hc_id){{0}} : hc__record_key(&document->record);
}

hc_id hc_document_property_id(const hc_document *document)
{
    return document == NULL ? (hc_id){{0}} : hc__record_id(&document->record, hc__document_f_property_id);
}

int32_t hc_document_version(const hc_document *document)
{
    return document == NULL ? 0 : hc__record_version(&document->record);
}

const char *hc_document_virtual_tour_url(const hc_document *document)
{
    return document == NULL ? NULL : hc__record_text(&document->record, hc__document_f_virtual_tour_url);
}

int64_t hc_document_created_at(const hc_document *document)
{
    return document == NULL ? 0 : hc__record_int(&document->record, hc__document_f_created_at);
}

int64_t hc_document_updated_at(const hc_document *document)
{
    return document == NULL ? 0 : hc__record_int(&document->record, hc__document_f_updated_at);
}

/* ---- items ---- */

#define GET(name, type_, none, read)                                                                                   \
    type_ hc_document_item_##name(const hc_document_item *item)                                                        \
    {                                                                                                                  \
        return item == NULL ? (none) : (type_)read(&item->record, hc__item_f_##name);                                  \
    }
#define GET_ID(name)                                                                                                   \
    hc_id hc_document_item_##name(const hc_document_item *item)                                                        \
    {                                                                                                                  \
        return item == NULL ? (hc_id){{0}} : hc__record_id(&item->record, hc__item_f_##name);                          \
    }
#define GET_TEXT(name) GET(name, const char *, NULL, hc__record_text)
#define GET_BOOL(name) GET(name, int32_t, 0, hc__record_int)
#define GET_INT(name)  GET(name, int32_t, 0, hc__record_int)
#define GET_ENUM(name) GET(name, int32_t, 0, hc__record_int)
#define GET_TIME(name) GET(name, int64_t, 0, hc__record_int)

#define F(name, type, ...) GET_##type(name)
#include "model/item_fields.def"
#undef F
