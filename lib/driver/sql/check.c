/* Rules of storage.h that every SQL driver holds its callers and its rows to. */
#include "driver/sql/compile.h"

#include <string.h>

#include "base/fail.h"

bool hc__sql_writes(const hc_op *op)
{
    return op->verb < HC_VERB_QUERY;
}

hc_status hc__sql_check_batch(const hc__dialect *dialect, bool in_transaction, bool read_only, const hc_batch *batch,
                              hc_error *err)
{
    bool begins = (batch->flags & HC_BATCH_BEGIN) != 0;
    bool ends = (batch->flags & (HC_BATCH_COMMIT | HC_BATCH_ROLLBACK)) != 0;
    const char *wrong = NULL;

    read_only = read_only || (batch->flags & HC_BATCH_READ_ONLY) != 0;
    if (begins && in_transaction)
        wrong = "a transaction inside another";
    else if (ends && !begins && !in_transaction)
        wrong = "an end without a transaction";
    for (size_t i = 0; i < batch->op_count && wrong == NULL; i++) {
        if (batch->ops[i].kind == NULL || batch->ops[i].verb < HC_VERB_INSERT || batch->ops[i].verb > HC_VERB_GROUP)
            wrong = "an operation without a kind or verb";
        else if (read_only && hc__sql_writes(&batch->ops[i]))
            wrong = "a write where only reads are allowed";
    }
    return wrong == NULL ? HC_OK : hc__fail_from(err, dialect->name, HC_ERR_MISUSE, NULL, "%s", wrong);
}

static size_t code_points(const hc_value *value)
{
    const unsigned char *at = value->as.bytes;
    size_t count = 0;

    for (uint32_t i = 0; i < value->size; i++)
        count += (at[i] & 0xc0u) != 0x80u;
    return count;
}

static bool fits(const hc_set *set, const hc_field *field)
{
    static const int64_t int32_end = INT64_C(1) << 31;
    int64_t value = set->value.as.integer, end = 1;

    if (set->value.type == HC_TYPE_NULL || set->how != HC_SET_TO)
        return true;
    switch (field->type) {
    case HC_TYPE_TEXT:
        return field->length <= 0 || code_points(&set->value) <= (size_t)field->length;
    case HC_TYPE_INT32:
        return value >= -int32_end && value < int32_end;
    case HC_TYPE_DECIMAL:
        for (int32_t i = 0; i < field->length && i < 18; i++)
            end *= 10;
        return field->length <= 0 || (value > -end && value < end);
    default:
        return true;
    }
}

const hc_field *hc__sql_oversized(const hc_op *op)
{
    for (size_t i = 0; i < op->set_count; i++) {
        if (!fits(&op->sets[i], &op->kind->fields[op->sets[i].field]))
            return &op->kind->fields[op->sets[i].field];
    }
    return NULL;
}

const char *hc__sql_word(const hc_field *field, int64_t index)
{
    for (int64_t i = 1; field->words[i - 1] != NULL; i++) {
        if (i == index)
            return field->words[i - 1];
    }
    return NULL;
}

int64_t hc__sql_word_index(const hc_field *field, const char *text, size_t size)
{
    for (int64_t i = 0; size > 0 && field->words[i] != NULL; i++) {
        const char *word = field->words[i];

        if (word[0] == text[0] && strlen(word) == size && memcmp(word, text, size) == 0)
            return i + 1;
    }
    return 0;
}

bool hc__sql_is_words(const char *text, size_t size, bool several)
{
    for (size_t i = 0; i < size; i++) {
        if (!hc__sql_is_word(text[i]) && !(several && text[i] == ' '))
            return false;
    }
    return true;
}

static size_t point_start(const char *text, size_t end)
{
    while (end > 0 && ((unsigned char)text[end - 1] & 0xc0u) == 0x80u)
        end--;
    return end > 0 ? end - 1 : 0;
}

/* The next code point after the one at `at`, written in its place; 0 when there is none. */
static size_t raise_point(char *at, size_t size)
{
    unsigned char *p = (unsigned char *)at;

    if (size == 1 && p[0] == 0x7f) {
        memcpy(at, "\xc2\x80", 2);
        return 2;
    }
    if (size == 2 && p[0] == 0xdf && p[1] == 0xbf) {
        memcpy(at, "\xe0\xa0\x80", 3);
        return 3;
    }
    if (size == 3 && memcmp(at, "\xed\x9f\xbf", 3) == 0) { /* no surrogates */
        memcpy(at, "\xee\x80\x80", 3);
        return 3;
    }
    if (size == 3 && memcmp(at, "\xef\xbf\xbf", 3) == 0) {
        memcpy(at, "\xf0\x90\x80\x80", 4);
        return 4;
    }
    if (size == 4 && memcmp(at, "\xf4\x8f\xbf\xbf", 4) == 0)
        return 0;
    for (size_t i = size; i > 1; i--) {
        if (p[i - 1] != 0xbf) {
            p[i - 1]++;
            return size;
        }
        p[i - 1] = 0x80;
    }
    p[0]++;
    return size;
}

/* Its last code point raised. Where no code point can be, text that is longer than any the column holds stands for it.
 */
hc_status hc__sql_below(const char **out, size_t *out_size, hc__arena *arena, const hc__param *param, hc_error *err)
{
    size_t size = param->value->size;
    size_t room = param->field->length > 0 ? (size_t)param->field->length + 1 : 4096;
    char *at = hc__arena_alloc(arena, size + 5 + room * 4);

    if (at == NULL)
        return hc__no_memory(err);
    *out = at;
    memcpy(at, param->value->as.bytes, size);
    for (size_t end = size; end > 0;) {
        size_t start = point_start(at, end);
        size_t raised = raise_point(at + start, end - start);

        if (raised > 0) {
            *out_size = start + raised;
            return HC_OK;
        }
        end = start;
    }
    for (size_t i = 0; i < room; i++, size += 4)
        memcpy(at + size, "\xf4\x8f\xbf\xbf", 4);
    *out_size = size;
    return HC_OK;
}
