/* What a migration did, as a number that a store keeps beside its version. */
#include <string.h>

#include "driver/sql/compile.h"

static uint64_t mix_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    return mix_bytes(hash, text, strlen(text) + 1);
}

/* Byte by byte, so that machines of either endianness agree about one file. */
static uint64_t mix_int(uint64_t hash, int64_t value)
{
    for (int i = 0; i < 8; i++) {
        unsigned char byte = (unsigned char)((uint64_t)value >> (8 * i));

        hash = mix_bytes(hash, &byte, 1);
    }
    return hash;
}

static uint64_t mix_field(uint64_t hash, const hc_field *field)
{
    hash = mix_text(hash, field->name);
    hash = mix_int(hash, field->type);
    hash = mix_int(hash, field->length);
    hash = mix_int(hash, field->scale);
    return mix_int(hash, field->flags);
}

static uint64_t mix_index(uint64_t hash, const hc_kind *kind, const hc_index *index)
{
    hash = mix_text(hash, index->name);
    hash = mix_int(hash, index->flags);
    for (uint32_t i = 0; i < index->field_count; i++)
        hash = mix_text(hash, kind->fields[index->fields[i]].name);
    return hash;
}

static uint64_t mix_kind(uint64_t hash, const hc_kind *kind, int32_t version)
{
    for (uint32_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].since <= version)
            hash = mix_field(hash, &kind->fields[i]);
    }
    for (uint32_t i = 0; i < kind->index_count; i++) {
        if (kind->indexes[i].since <= version)
            hash = mix_index(hash, kind, &kind->indexes[i]);
    }
    return hash;
}

int64_t hc__sql_fingerprint(const hc_migration *migration)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (uint32_t i = 0; i < migration->step_count; i++) {
        const hc_step *step = &migration->steps[i];

        hash = mix_int(hash, step->what);
        hash = mix_text(hash, step->kind->name);
        if (step->what == HC_STEP_CREATE_KIND)
            hash = mix_kind(hash, step->kind, migration->version);
        else if (step->what == HC_STEP_ADD_FIELD && step->position < step->kind->field_count)
            hash = mix_field(hash, &step->kind->fields[step->position]);
        else if (step->position < step->kind->index_count)
            hash = mix_index(hash, step->kind, &step->kind->indexes[step->position]);
    }
    return (int64_t)hash;
}
