/* Every schema version, oldest first. What stands here was released: add a migration, never change one. */
#include "model/migrations.h"
#include "model/entity.h"

#define CREATE(noun)                                                                                                   \
    {                                                                                                                  \
        .what = HC_STEP_CREATE_KIND, .position = 0, .kind = &hc__##noun##_entity.kind                                  \
    }

static const hc_step version_1[] = {
    CREATE(user),  CREATE(agent),  CREATE(property),    CREATE(login), CREATE(event),
    CREATE(price), CREATE(status), CREATE(idempotency), CREATE(audit), CREATE(import_row),
};

#define ADD(noun, name)                                                                                                \
    {                                                                                                                  \
        .what = HC_STEP_ADD_FIELD, .position = hc__##noun##_f_##name, .kind = &hc__##noun##_entity.kind                \
    }
#define INDEX(noun, at)                                                                                                \
    {                                                                                                                  \
        .what = HC_STEP_CREATE_INDEX, .position = (at), .kind = &hc__##noun##_entity.kind                              \
    }

#define DROP(noun, at)                                                                                                 \
    {                                                                                                                  \
        .what = HC_STEP_DROP_INDEX, .position = (at), .kind = &hc__##noun##_entity.kind                                \
    }

static const hc_step version_2[] = {
    CREATE(lead),    CREATE(contact),     CREATE(touch),   CREATE(lead_change), CREATE(area),          CREATE(load),
    CREATE(rate),    CREATE(appointment), CREATE(slot),    CREATE(document),    CREATE(share),         CREATE(activity),
    CREATE(chat),    CREATE(favorite),    CREATE(search),  ADD(audit, seq),     ADD(audit, pseudonym), ADD(audit, seal),
    INDEX(audit, 2), INDEX(audit, 3),     INDEX(audit, 4), CREATE(audit_head),
};

static const hc_step version_3[] = {
    INDEX(event, 0),
};

static const hc_step version_4[] = {
    CREATE(head),
    CREATE(effect),
    CREATE(lease),
};

/* The index of listings by arrival made anew: one driver left it out, and another gave it more fields than it does. */
static const hc_step version_5[] = {
    DROP(property, 9),
    INDEX(property, 9),
};

/* Two indexes of listings made anew, with what lists of a city test beside their keys. */
static const hc_step version_6[] = {
    DROP(property, 4),
    DROP(property, 5),
    INDEX(property, 10),
    INDEX(property, 11),
};

#define VERSION(number)                                                                                                \
    {                                                                                                                  \
        number, sizeof(version_##number) / sizeof(hc_step), version_##number                                           \
    }

const hc_migration hc__migrations[] = {
    VERSION(1), VERSION(2), VERSION(3), VERSION(4), VERSION(5), VERSION(6),
};
const size_t hc__migration_count = sizeof(hc__migrations) / sizeof(hc__migrations[0]);

static void put_initial(hc__buf *out, const hc_value *initial)
{
    if (initial == NULL)
        return;
    hc__buf_format(out, " initial %d ", initial->type);
    if (initial->type == HC_TYPE_TEXT || initial->type == HC_TYPE_KEY)
        hc__buf_put(out, initial->as.bytes, initial->size);
    else
        hc__buf_int(out, initial->as.integer);
}

static void put_field(hc__buf *out, const hc_field *field)
{
    hc__buf_format(out, "  field %s type %d length %d scale %d flags %u", field->name, field->type, field->length,
                   field->scale, field->flags);
    hc__buf_text(out, " range ");
    hc__buf_int(out, field->min);
    hc__buf_char(out, ' ');
    hc__buf_int(out, field->max);
    put_initial(out, field->initial);
    for (size_t i = 0; field->words != NULL && field->words[i] != NULL; i++)
        hc__buf_format(out, "%s%s", i == 0 ? " words " : "|", field->words[i]);
    hc__buf_char(out, '\n');
}

static void put_index(hc__buf *out, const hc_kind *kind, const hc_index *index)
{
    hc__buf_format(out, "  index %s flags %u", index->name, index->flags);
    for (uint32_t i = 0; i < index->field_count; i++)
        hc__buf_format(out, " %s", kind->fields[index->fields[i]].name);
    hc__buf_char(out, '\n');
}

static void put_kind(hc__buf *out, const hc_kind *kind, int32_t version)
{
    hc__buf_format(out, " create %s storage %d flags %u\n", kind->name, kind->storage, kind->flags);
    for (uint32_t i = 0; i < kind->field_count; i++)
        if (kind->fields[i].since <= version)
            put_field(out, &kind->fields[i]);
    for (uint32_t i = 0; i < kind->index_count; i++)
        if (kind->indexes[i].since <= version)
            put_index(out, kind, &kind->indexes[i]);
}

void hc__migration_text(hc__buf *out, const hc_migration *migration)
{
    hc__buf_format(out, "version %d\n", migration->version);
    for (uint32_t i = 0; i < migration->step_count; i++) {
        const hc_step *step = &migration->steps[i];

        switch (step->what) {
        case HC_STEP_CREATE_KIND:
            put_kind(out, step->kind, migration->version);
            break;
        case HC_STEP_ADD_FIELD:
            hc__buf_format(out, " add to %s\n", step->kind->name);
            put_field(out, &step->kind->fields[step->position]);
            break;
        default:
            hc__buf_format(out, " %s at %s\n", step->what == HC_STEP_CREATE_INDEX ? "create" : "drop",
                           step->kind->name);
            put_index(out, step->kind, &step->kind->indexes[step->position]);
        }
    }
}
