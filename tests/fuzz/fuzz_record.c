/* ENTITY WRITER JSON: a record that is taken is written, and taken again as the same. */
#include "base/json.h"
#include "fuzz_query.h"
#include "model/record.h"

static void write_again(fuzz *run, const hc__record *record, hc__writer who)
{
    hc__arena arena;
    hc__record again;
    hc__buf text, second;
    hc_status status;

    hc__arena_init(&arena, &run->plain, NULL, 0);
    hc__buf_init(&text, &run->plain);
    hc__buf_init(&second, &run->plain);
    hc__record_to_json(&text, record, HC__OWNER_ONLY, record->set);
    FUZZ_ASSERT(!text.failed && hc__json_check(&run->plain, text.data, text.size, NULL, "json", NULL) == HC_OK);
    FUZZ_ASSERT(hc__record_init(&again, record->entity, &arena, NULL) == HC_OK);
    status = hc__record_from_json(&again, text.data, text.size, who, &run->err);
    FUZZ_ASSERT(status == HC_OK && again.fault == HC_OK);
    hc__record_to_json(&second, &again, HC__OWNER_ONLY, again.set);
    FUZZ_ASSERT(fuzz_same(&text, &second));
    hc__buf_free(&text);
    hc__buf_free(&second);
    hc__arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    hc__arena arena;
    hc__record record;
    const hc__entity *entity;
    hc__writer who;
    hc_status status;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    entity = fuzz_entity(&run);
    who = (hc__writer)((uint8_t)(fuzz_byte(&run) - '0') % 3);
    hc__arena_init(&arena, &run.mem, NULL, 0);
    status = hc__record_init(&record, entity, &arena, &run.err);
    if (status == HC_OK)
        status = hc__record_from_json(&record, run.text, run.size, who, &run.err);
    fuzz_outcome(&run, status);
    if (status == HC_OK && record.fault == HC_OK)
        write_again(&run, &record, who);
    hc__arena_free(&arena);
    return fuzz_end(&run);
}
