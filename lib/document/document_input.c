#include "document/document_input.h"

#include <string.h>

#include "base/url.h"
#include "base/utf8.h"

static bool all_in(const char *text, const char *others)
{
    for (; *text != '\0'; text++)
        if (!(*text >= 'a' && *text <= 'z') && !(*text >= '0' && *text <= '9') && strchr(others, *text) == NULL)
            return false;
    return true;
}

hc_status hc__input_url(const char *field, const char *url, hc_error *err)
{
    const char *fault = url == NULL ? "is required" : hc__url_fault(url, strlen(url));

    return fault == NULL ? HC_OK : hc__fail(err, HC_ERR_INVALID, field, "%s %s", field, fault);
}

hc_status hc__input_visibility(int32_t visibility, hc_error *err)
{
    if (visibility >= HC_DOCUMENT_PUBLIC && visibility <= HC_DOCUMENT_PRIVATE)
        return HC_OK;
    return hc__fail(err, HC_ERR_INVALID, "visibility", "visibility must be one of: public, agent, private");
}

static void set_text(hc__item_input *out, uint16_t field, const char *text)
{
    if (text != NULL)
        hc__record_set_text(&out->record, field, text, strlen(text));
}

/* What images and files have in common. */
static hc_status take(hc__item_input *out, const char *url, const char *content_type, const char *sha256, int32_t size,
                      int32_t visibility, hc_error *err)
{
    hc_status status = hc__input_url("url", url, err);

    if (status >= 0 && visibility != 0)
        status = hc__input_visibility(visibility, err);
    if (status < 0)
        return status;
    if (content_type != NULL && (strchr(content_type, '/') == NULL || !all_in(content_type, "/.+-")))
        return hc__fail(err, HC_ERR_INVALID, "content_type", "content_type must be a media type, such as image/jpeg");
    if (sha256 != NULL &&
        (strlen(sha256) != 64 || !all_in(sha256, "") || strpbrk(sha256, "ghijklmnopqrstuvwxyz") != NULL))
        return hc__fail(err, HC_ERR_INVALID, "sha256", "sha256 must be 64 hexadecimal digits in lower case");
    set_text(out, hc__item_f_url, url);
    set_text(out, hc__item_f_content_type, content_type);
    set_text(out, hc__item_f_sha256, sha256);
    if (size != 0)
        hc__record_set_int(&out->record, hc__item_f_size, size);
    if (visibility != 0)
        hc__record_set_int(&out->record, hc__item_f_visibility, visibility);
    return hc__record_fault(&out->record, err);
}

hc_status hc__input_image(hc__item_input *out, hc__arena *arena, const hc_document_image *image, hc_error *err)
{
    hc_document_image given = HC_DOCUMENT_IMAGE_INIT;
    hc_status status;

    out->list = HC_DOCUMENT_IMAGES;
    if (image == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "image", "NULL");
    status = hc__sized_copy(&given, sizeof given, image, "image", err);
    if (status >= 0)
        status = hc__record_init(&out->record, &hc__item_entity, arena, err);
    if (status < 0)
        return status;
    if (given.reserved != 0 || (given.is_primary & ~1) != 0)
        return hc__fail(err, HC_ERR_INVALID, given.reserved != 0 ? "reserved" : "is_primary", "must be 0%s",
                        given.reserved != 0 ? "" : " or 1");
    set_text(out, hc__item_f_caption, given.caption);
    if (given.is_primary != 0)
        hc__record_set_int(&out->record, hc__item_f_is_primary, 1);
    return take(out, given.url, given.content_type, given.sha256, given.size, given.visibility, err);
}

/* A label that goes into a header one day must not end it. */
static hc_status check_name(const char *name, hc_error *err)
{
    if (name == NULL)
        return hc__fail(err, HC_ERR_INVALID, "name", "name is required");
    if (hc__has_control(name))
        return hc__fail(err, HC_ERR_INVALID, "name", "name must not have control characters");
    return HC_OK;
}

hc_status hc__input_file(hc__item_input *out, hc__arena *arena, const hc_document_file *file, hc_error *err)
{
    hc_document_file given = HC_DOCUMENT_FILE_INIT;
    hc_status status;

    out->list = HC_DOCUMENT_FILES;
    if (file == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "file", "NULL");
    status = hc__sized_copy(&given, sizeof given, file, "file", err);
    if (status >= 0)
        status = hc__record_init(&out->record, &hc__item_entity, arena, err);
    if (status >= 0)
        status = check_name(given.name, err);
    if (status < 0)
        return status;
    if (given.type == NULL || given.type[0] == '\0' || !all_in(given.type, "_"))
        return hc__fail(err, HC_ERR_INVALID, "type", "type must be a word of a to z, 0 to 9 and _, such as legal");
    set_text(out, hc__item_f_name, given.name);
    set_text(out, hc__item_f_type, given.type);
    return take(out, given.url, given.content_type, given.sha256, given.size, given.visibility, err);
}
