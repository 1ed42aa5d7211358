/* What callers say of an item, checked. */
#ifndef HC__DOCUMENT_INPUT_H
#define HC__DOCUMENT_INPUT_H

#include "document/items.h"

typedef struct hc__item_input {
    hc__record record; /* fields of hc__item_entity that were given */
    int32_t list;
} hc__item_input;

/* Into `arena`. HC_ERR_INVALID naming the member, HC_ERR_MISUSE for NULL. */
hc_status hc__input_image(hc__item_input *out, hc__arena *arena, const hc_document_image *image, hc_error *err);
hc_status hc__input_file(hc__item_input *out, hc__arena *arena, const hc_document_file *file, hc_error *err);
/* An address that may be stored as `field`. */
hc_status hc__input_url(const char *field, const char *url, hc_error *err);
hc_status hc__input_visibility(int32_t visibility, hc_error *err);

#endif
