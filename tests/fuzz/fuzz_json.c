/* What the reader takes, cJSON takes too, and its canonical form is one. */
#include <cjson/cJSON.h>

#include "base/json.h"
#include "fuzz.h"

/* The reader and its way of passing over values agree on what is well formed. */
static void skip_all(fuzz *run, hc_status expected)
{
    hc__json_reader reader;
    const char *raw;
    size_t size;
    hc__json_token token;

    hc__json_open(&reader, &run->plain, run->text, run->size, NULL);
    token = hc__json_next(&reader, NULL);
    if (token == HC__JSON_ARRAY) {
        while (hc__json_skip(&reader, &raw, &size, NULL))
            FUZZ_ASSERT(hc__json_check(&run->plain, raw, size, NULL, "part", NULL) == HC_OK);
        token = reader.status == HC_OK ? hc__json_next(&reader, NULL) : HC__JSON_ERROR;
    } else if (token == HC__JSON_OBJECT) {
        while ((token = hc__json_next(&reader, NULL)) == HC__JSON_KEY && hc__json_skip(&reader, &raw, &size, NULL))
            FUZZ_ASSERT(hc__json_check(&run->plain, raw, size, NULL, "part", NULL) == HC_OK);
        token = token == HC__JSON_OBJECT_END ? hc__json_next(&reader, NULL) : HC__JSON_ERROR;
    } else if (token != HC__JSON_ERROR) {
        token = hc__json_next(&reader, NULL);
    }
    FUZZ_ASSERT((token == HC__JSON_END) == (expected == HC_OK));
    hc__json_close(&reader);
}

static void check_canonical(fuzz *run, const hc__buf *canonical)
{
    cJSON *before = cJSON_ParseWithLength(run->text, run->size);
    cJSON *after = cJSON_ParseWithLength(canonical->data, canonical->size);
    hc__buf again;

    hc__buf_init(&again, &run->plain);
    FUZZ_ASSERT(before != NULL && after != NULL);
    FUZZ_ASSERT(cJSON_Compare(before, after, true));
    FUZZ_ASSERT(hc__json_canonical(&again, &run->plain, canonical->data, canonical->size, NULL, "json", NULL) == HC_OK);
    FUZZ_ASSERT(again.size == canonical->size && memcmp(again.data, canonical->data, again.size) == 0);
    hc__buf_free(&again);
    cJSON_Delete(before);
    cJSON_Delete(after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    hc__buf canonical;
    hc_status status, plain;
    cJSON *tree;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    hc__buf_init(&canonical, &run.mem);
    status = hc__json_canonical(&canonical, &run.mem, run.text, run.size, NULL, "extras", &run.err);
    fuzz_outcome(&run, status);
    plain = hc__json_check(&run.plain, run.text, run.size, NULL, "extras", &run.err);
    if (status == HC_OK)
        FUZZ_ASSERT(plain == HC_OK);
    else
        FUZZ_ASSERT(canonical.size == 0);
    skip_all(&run, plain);
    if (hc__json_tree(&tree, &run.plain, run.text, run.size, NULL, "extras", NULL) == HC_OK)
        FUZZ_ASSERT(plain == HC_OK);
    else
        FUZZ_ASSERT(plain != HC_OK && tree == NULL);
    cJSON_Delete(tree);
    if (status == HC_OK)
        check_canonical(&run, &canonical);
    hc__buf_free(&canonical);
    return fuzz_end(&run);
}
