/* VERB KIND PAYLOAD: an effect (VERB is a digit, KIND d, a or c). What is taken is written, and taken again as the
 * same; done to a row twice it is absorbed the second time; what is refused leaves the row as it was. */
#include "fuzz.h"
#include "model/effect.h"

static const hc__entity *entity_of(uint8_t letter)
{
    return letter == 'd' ? &hc__document_entity : letter == 'a' ? &hc__activity_entity : &hc__chat_entity;
}

static bool same(const hc__buf *a, const hc__buf *b)
{
    return !a->failed && !b->failed && a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

static void write_again(const fuzz *run, const hc__record *record)
{
    hc__arena arena;
    hc__record again;
    hc__buf first, second;

    hc__arena_init(&arena, &run->plain, NULL, 0);
    hc__buf_init(&first, &run->plain);
    hc__buf_init(&second, &run->plain);
    hc__effect_put(&first, record, record->set);
    FUZZ_ASSERT(hc__record_init(&again, record->entity, &arena, NULL) == HC_OK);
    FUZZ_ASSERT(hc__effect_get(&again, first.data, first.size, NULL) == HC_OK);
    hc__effect_put(&second, &again, again.set);
    FUZZ_ASSERT(same(&first, &second));
    hc__buf_free(&first);
    hc__buf_free(&second);
    hc__arena_free(&arena);
}

static void apply(fuzz *run, hc__record *row, const hc__effect *effect)
{
    hc__buf before, after;
    bool exists = false;
    hc_status status;

    hc__buf_init(&before, &run->plain);
    hc__buf_init(&after, &run->plain);
    hc__effect_put(&before, row, NULL);
    for (int i = 0; i < 2; i++) {
        status = hc__effect_apply(row, &exists, effect, &run->err);
        fuzz_outcome(run, status);
        if (status < 0)
            break;
        FUZZ_ASSERT(i == 0 || status == HC__EFFECT_ABSORBED);
        FUZZ_ASSERT(exists == (effect->verb != HC__EFFECT_REMOVE));
    }
    hc__effect_put(&after, row, NULL);
    FUZZ_ASSERT(exists || same(&before, &after));
    hc__buf_free(&before);
    hc__buf_free(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    hc__arena arena;
    hc__record record, row;
    hc__effect effect = {.version = 1};
    hc_status status;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    effect.verb = fuzz_byte(&run) - '0';
    effect.entity = entity_of(fuzz_byte(&run));
    effect.payload = run.text;
    effect.size = run.size;
    hc__arena_init(&arena, &run.mem, NULL, 0);
    status = hc__record_init(&record, effect.entity, &arena, &run.err);
    if (status == HC_OK)
        status = hc__record_init(&row, effect.entity, &arena, &run.err);
    if (status == HC_OK)
        status = hc__effect_get(&record, effect.payload, effect.size, &run.err);
    fuzz_outcome(&run, status);
    if (status == HC_OK)
        write_again(&run, &record);
    if (status != HC_ERR_NO_MEMORY)
        apply(&run, &row, &effect);
    hc__arena_free(&arena);
    return fuzz_end(&run);
}
