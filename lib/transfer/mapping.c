/* Parsing a mapping file. What its members mean stands in README.md. */
#include "transfer/mapping.h"

#include <string.h>

#include "base/fail.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cjson/cJSON.h"

#define NAME "mapping"

typedef struct builder {
    hc__mapping *mapping;
    hc__mapping_value *values;
    const char **columns;
    char path[160]; /* of the member in hand, for errors */
} builder;

static hc_status refuse(const builder *b, hc_error *err, const char *what)
{
    return hc__fail(err, HC_ERR_INVALID, NAME, "%s %s", b->path, what);
}

static bool member_is(const cJSON *member, const char *name)
{
    return strcmp(member->string, name) == 0;
}

/* Sets the path to `parent` and, below it, `name`. */
static void step(builder *b, const char *parent, const char *name)
{
    size_t at = strlen(parent), size = strlen(name);

    if (b->path != parent)
        memcpy(b->path, parent, at + 1);
    if (at + size + 2 > sizeof b->path)
        size = 0;
    if (at > 0 && size > 0)
        b->path[at++] = '.';
    memcpy(b->path + at, name, size);
    b->path[at + size] = '\0';
}

static hc_status text_of(const char **out, builder *b, const cJSON *member, hc_error *err)
{
    if (!cJSON_IsString(member))
        return refuse(b, err, "must be a string");
    *out = hc__arena_text(&b->mapping->arena, member->valuestring, strlen(member->valuestring));
    return *out == NULL ? hc__no_memory(err) : HC_OK;
}

/* ---- where a value comes from ---- */

/* The position of a column's name among those that the mapping uses; SIZE_MAX without memory. */
static size_t column_of(builder *b, const char *name, size_t size)
{
    hc__mapping *m = b->mapping;

    for (size_t i = 0; i < m->column_count; i++)
        if (strlen(b->columns[i]) == size && memcmp(b->columns[i], name, size) == 0)
            return i;
    b->columns[m->column_count] = hc__arena_text(&m->arena, name, size);
    return b->columns[m->column_count] == NULL ? SIZE_MAX : m->column_count++;
}

static hc_status set_column(builder *b, hc__mapping_value *value, const cJSON *member, hc_error *err)
{
    hc__mapping_part *part = hc__arena_zero(&b->mapping->arena, 1, sizeof *part);

    if (!cJSON_IsString(member) || member->valuestring[0] == '\0')
        return refuse(b, err, "must be the name of a column");
    if (part != NULL)
        part->column = column_of(b, member->valuestring, strlen(member->valuestring));
    if (part == NULL || part->column == SIZE_MAX)
        return hc__no_memory(err);
    value->parts = part;
    value->part_count = 1;
    return HC_OK;
}

/* The next piece of a template at *at; "{{" and "}}" stand for the braces. */
static const char *template_part(builder *b, hc__mapping_part *part, const char **at)
{
    const char *from = *at, *end;

    *part = (hc__mapping_part){NULL, 0, 0};
    if ((from[0] == '{' || from[0] == '}') && from[1] == from[0]) {
        *part = (hc__mapping_part){from, 1, 0};
        *at = from + 2;
        return NULL;
    }
    if (from[0] == '{') {
        end = strchr(from, '}');
        if (end == NULL || end == from + 1)
            return "has a brace that is not closed, or an empty one";
        part->column = column_of(b, from + 1, (size_t)(end - from - 1));
        *at = end + 1;
        return NULL;
    }
    if (from[0] == '}')
        return "has a closing brace without an opening one";
    end = from + strcspn(from, "{}");
    *part = (hc__mapping_part){from, (size_t)(end - from), 0};
    *at = end;
    return NULL;
}

static hc_status set_template(builder *b, hc__mapping_value *value, const cJSON *member, hc_error *err)
{
    const char *text, *fault;
    hc__mapping_part *parts;
    bool named = false;
    hc_status status = text_of(&text, b, member, err);

    if (status < 0)
        return status;
    parts = hc__arena_zero(&b->mapping->arena, strlen(text) + 1, sizeof *parts);
    if (parts == NULL)
        return hc__no_memory(err);
    value->parts = parts;
    while (*text != '\0') {
        hc__mapping_part *part = &parts[value->part_count++];

        fault = template_part(b, part, &text);
        if (fault != NULL)
            return refuse(b, err, fault);
        if (part->column == SIZE_MAX)
            return hc__no_memory(err);
        named = named || part->text == NULL;
    }
    return named ? HC_OK : refuse(b, err, "names no column: use const");
}

/* ---- how its text becomes a value ---- */

static hc_status set_empty(builder *b, hc__mapping_value *value, const cJSON *member, hc_error *err)
{
    const char **list;
    const cJSON *item;

    if (!cJSON_IsArray(member))
        return refuse(b, err, "must be a list of texts that mean nothing, such as [\"?\"]");
    list = hc__arena_zero(&b->mapping->arena, (size_t)cJSON_GetArraySize(member) + 1, sizeof *list);
    if (list == NULL)
        return hc__no_memory(err);
    value->empty = list;
    cJSON_ArrayForEach(item, member)
    {
        hc_status status = text_of(&list[value->empty_count], b, item, err);

        if (status < 0)
            return status;
        value->empty_count++;
    }
    return HC_OK;
}

static hc_status set_map(builder *b, hc__mapping_value *value, const cJSON *member, hc_error *err)
{
    hc__mapping_pair *pairs;
    const cJSON *item;

    if (!cJSON_IsObject(member))
        return refuse(b, err, "must be an object from texts of the file to values");
    pairs = hc__arena_zero(&b->mapping->arena, (size_t)cJSON_GetArraySize(member) + 1, sizeof *pairs);
    if (pairs == NULL)
        return hc__no_memory(err);
    value->map = pairs;
    cJSON_ArrayForEach(item, member)
    {
        hc__mapping_pair *pair = &pairs[value->map_count];
        hc_status status = text_of(&pair->to, b, item, err);

        if (status < 0)
            return status;
        if (member_is(item, "*")) {
            value->otherwise = pair->to;
            continue;
        }
        pair->to_size = strlen(pair->to);
        pair->from_size = strlen(item->string);
        pair->from = hc__arena_text(&b->mapping->arena, item->string, pair->from_size);
        if (pair->from == NULL)
            return hc__no_memory(err);
        value->map_count++;
    }
    return HC_OK;
}

static hc_status set_format(builder *b, hc__mapping_value *value, const cJSON *member, hc_error *err)
{
    hc_status status = text_of(&value->format, b, member, err);

    if (status == HC_OK && value->field != HC_NO_FIELD &&
        hc__property_entity.kind.fields[value->field].type != HC_TYPE_DATE)
        return refuse(b, err, "is for dates only");
    if (status == HC_OK && !hc__date_format_valid(value->format))
        return refuse(b, err, "must be made of YYYY, MM or M, DD or D, and hh or h, mm, ss, such as M/D/YYYY");
    return status;
}

static hc_status set_unit(builder *b, hc__mapping_value *value, const cJSON *member, hc_error *err)
{
    const char *name;
    hc_status status = text_of(&name, b, member, err);

    if (status < 0)
        return status;
    value->unit = value->field == HC_NO_FIELD ? NULL : hc__unit_find(value->field, name);
    return value->unit == NULL ? refuse(b, err,
                                        "must be sqft, sqm, sqyd, acres or hectares for an area, thousands or "
                                        "cents for a price")
                               : HC_OK;
}

/* Money and baths are exact or refused, so that no import invents a value. */
static bool may_round(uint16_t field)
{
    const hc_field *of;

    if (field == HC_NO_FIELD)
        return false;
    of = &hc__property_entity.kind.fields[field];
    return of->type == HC_TYPE_INT32 || field == hc__property_f_latitude || field == hc__property_f_longitude;
}

static hc_status set_round(builder *b, hc__mapping_value *value, const cJSON *member, hc_error *err)
{
    static const char *const words[] = {"exact", "half_even", "floor"};
    static const hc__rounding how[] = {HC__EXACT, HC__HALF_EVEN, HC__FLOOR};

    for (size_t i = 0; cJSON_IsString(member) && i < 3; i++)
        if (strcmp(member->valuestring, words[i]) == 0) {
            value->rounding = how[i];
            return i == 0 || may_round(value->field) ? HC_OK
                                                     : refuse(b, err, "must be exact: this field is not rounded");
        }
    return refuse(b, err, "must be exact, half_even or floor");
}

/* ---- one value ---- */

typedef hc_status (*setter)(builder *b, hc__mapping_value *value, const cJSON *member, hc_error *err);

static hc_status set_fallback(builder *b, hc__mapping_value *value, const cJSON *member, hc_error *err)
{
    return text_of(&value->fallback, b, member, err);
}

static setter setter_of(const char *name)
{
    static const struct {
        const char *name;
        setter set;
    } setters[] = {{"column", set_column}, {"template", set_template}, {"map", set_map},     {"empty", set_empty},
                   {"format", set_format}, {"unit", set_unit},         {"round", set_round}, {"default", set_fallback}};

    for (size_t i = 0; i < sizeof setters / sizeof setters[0]; i++)
        if (strcmp(setters[i].name, name) == 0)
            return setters[i].set;
    return NULL;
}

/* "column", or {column or template, map, empty, default, format, unit, round}. */
static hc_status parse_value(builder *b, hc__mapping_value *value, const cJSON *json, hc_error *err)
{
    size_t sources = 0, length = strlen(b->path);
    const cJSON *member;

    if (cJSON_IsString(json))
        return set_column(b, value, json, err);
    if (!cJSON_IsObject(json))
        return refuse(b, err, "must be a column's name or an object");
    cJSON_ArrayForEach(member, json)
    {
        setter set = setter_of(member->string);
        hc_status status;

        step(b, b->path, member->string);
        if (member_is(member, "const")) /* of a field it was looked at before */
            return refuse(b, err, "is not known of key and as_of, which come from columns");
        if (set == NULL)
            return refuse(b, err,
                          "is not known; known are column, template, const, map, empty, default, format, unit "
                          "and round");
        if (set == set_column || set == set_template)
            sources++;
        status = set(b, value, member, err);
        if (status < 0)
            return status;
        b->path[length] = '\0';
    }
    return sources == 1 ? HC_OK : refuse(b, err, "needs one of column, template and const");
}

/* ---- the fields of a listing ---- */

static hc_status parse_const(builder *b, uint16_t field, const cJSON *json, hc_error *err)
{
    hc__record *constants = &b->mapping->constants;
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, "const");
    hc_error why;

    if (cJSON_GetArraySize(json) != 1)
        return refuse(b, err, "has a const, which stands alone");
    step(b, b->path, "const");
    if (cJSON_IsBool(member))
        hc__record_set_int(constants, field, cJSON_IsTrue(member));
    else if (cJSON_IsString(member))
        hc__record_set_spelled(constants, field, member->valuestring, strlen(member->valuestring), HC__EXACT);
    else
        return refuse(b, err, "must be a string, true or false");
    if (constants->fault == HC_ERR_NO_MEMORY)
        return hc__no_memory(err);
    return hc__record_fault(constants, &why) < 0 ? refuse(b, err, why.message) : HC_OK;
}

static hc_status parse_field(builder *b, const cJSON *json, hc_error *err)
{
    hc__mapping *m = b->mapping;
    uint16_t field = hc__entity_find(&hc__property_entity, json->string, strlen(json->string));
    hc__mapping_value *value = &b->values[m->value_count];
    bool place = field == hc__property_f_latitude || field == hc__property_f_longitude;
    hc_status status;

    if (field == HC_NO_FIELD)
        return refuse(b, err, "is not a field of a listing");
    if (hc__property_entity.info[field].writer != HC__BY_OWNER)
        return refuse(b, err, "is a field that the library sets");
    for (size_t i = 0; i < m->value_count; i++)
        if (b->values[i].field == field)
            return refuse(b, err, "is mapped twice");
    if (hc__record_is_set(&m->constants, field))
        return refuse(b, err, "is mapped twice");
    if (cJSON_IsObject(json) && cJSON_GetObjectItemCaseSensitive(json, "const") != NULL)
        return parse_const(b, field, json, err);
    *value = (hc__mapping_value){.field = field, .rounding = place ? HC__HALF_EVEN : HC__EXACT};
    status = parse_value(b, value, json, err);
    if (status == HC_OK && value->unit != NULL && may_round(field) && !cJSON_HasObjectItem(json, "round"))
        value->rounding = HC__HALF_EVEN;
    if (status == HC_OK)
        m->value_count++;
    return status;
}

static hc_status parse_fields(builder *b, const cJSON *json, hc_error *err)
{
    const cJSON *member;

    if (!cJSON_IsObject(json) || cJSON_GetArraySize(json) == 0)
        return refuse(b, err, "must be an object with a member for each field");
    cJSON_ArrayForEach(member, json)
    {
        hc_status status;

        step(b, "fields", member->string);
        status = parse_field(b, member, err);
        if (status < 0)
            return status;
    }
    return HC_OK;
}

/* ---- the file ---- */

static hc_status parse_source(builder *b, const cJSON *json, hc_error *err)
{
    const char *name = cJSON_GetStringValue(json);

    if (name == NULL || name[0] == '\0' || strlen(name) > 64)
        return refuse(b, err, "must be a name of 1 to 64 bytes");
    return text_of(&b->mapping->source_system, b, json, err);
}

static hc_status parse_separator(builder *b, const cJSON *json, hc_error *err)
{
    const char *text = cJSON_GetStringValue(json);

    if (text == NULL || strlen(text) != 1 || strchr(",;|\t", text[0]) == NULL)
        return refuse(b, err, "must be one of , ; | and tab");
    b->mapping->separator = text[0];
    return HC_OK;
}

static hc_status parse_member(builder *b, const cJSON *member, hc_error *err)
{
    hc__mapping *m = b->mapping;

    step(b, "", member->string);
    if (member_is(member, "source_system"))
        return parse_source(b, member, err);
    if (member_is(member, "separator"))
        return parse_separator(b, member, err);
    if (member_is(member, "key"))
        return parse_value(b, &m->key, member, err);
    if (member_is(member, "as_of"))
        return parse_value(b, &m->as_of, member, err);
    if (member_is(member, "fields"))
        return parse_fields(b, member, err);
    return refuse(b, err, "is not known; known are source_system, separator, key, as_of and fields");
}

static hc_status parse_top(builder *b, const cJSON *json, hc_error *err)
{
    hc__mapping *m = b->mapping;
    const cJSON *member;

    if (!cJSON_IsObject(json))
        return hc__fail(err, HC_ERR_INVALID, NAME, "the mapping must be a JSON object");
    cJSON_ArrayForEach(member, json)
    {
        hc_status status = parse_member(b, member, err);

        if (status < 0)
            return status;
    }
    if (m->key.part_count == 0)
        return hc__fail(err, HC_ERR_INVALID, NAME, "key is missing: which column tells the rows apart");
    if (m->value_count == 0)
        return hc__fail(err, HC_ERR_INVALID, NAME, "fields has no field that comes from a column");
    return HC_OK;
}

/* A column's name is at least one byte of the mapping's text, so `size` bounds their number. */
static hc_status begin(builder *b, size_t size, hc_error *err)
{
    hc__mapping *m = b->mapping;

    m->separator = ',';
    m->key.field = HC_NO_FIELD;
    m->as_of.field = HC_NO_FIELD;
    b->columns = hc__arena_zero(&m->arena, size, sizeof *b->columns);
    b->values = hc__arena_zero(&m->arena, hc__property_field_count, sizeof *b->values);
    if (b->columns == NULL || b->values == NULL)
        return hc__no_memory(err);
    m->columns = b->columns;
    m->values = b->values;
    return hc__record_init(&m->constants, &hc__property_entity, &m->arena, err);
}

hc_status hc__mapping_parse(hc__mapping **out, const hc__mem *mem, const char *text, size_t size, hc_error *err)
{
    hc__json_limits limits = {.bytes = HC__MAPPING_LIMIT};
    builder b = {.mapping = hc__alloc_zero(mem, 1, sizeof(hc__mapping))};
    cJSON *json = NULL;
    hc_status status;

    *out = NULL;
    if (b.mapping == NULL)
        return hc__no_memory(err);
    b.mapping->mem = mem;
    hc__arena_init(&b.mapping->arena, mem, NULL, 0);
    hc__buf_init(&b.mapping->scratch, mem);
    status = hc__json_tree(&json, mem, text, size, &limits, NAME, err);
    if (status == HC_OK)
        status = begin(&b, size, err);
    if (status == HC_OK)
        status = parse_top(&b, json, err);
    cJSON_Delete(json);
    if (status < 0) {
        hc__mapping_free(b.mapping);
        return status;
    }
    *out = b.mapping;
    return HC_OK;
}

void hc__mapping_free(hc__mapping *mapping)
{
    if (mapping == NULL)
        return;
    hc__buf_free(&mapping->scratch);
    hc__arena_free(&mapping->arena);
    hc__free(mapping->mem, mapping);
}
