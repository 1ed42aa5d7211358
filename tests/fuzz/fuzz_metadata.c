/* Metadata of log entries: what is kept is canonical, keeps the rules of security.md M01, and comes out the same again.
 */
#include "base/json.h"
#include "base/redact.h"
#include "fuzz.h"
#include "model/metadata.h"

/* No name that a document store reads as its own, and no value under the name of a secret. */
static void check_kept(fuzz *run, const hc__buf *kept)
{
    hc__json_reader reader;
    hc__json_token token;
    bool secret = false;
    size_t names = 0;

    hc__json_open(&reader, &run->plain, kept->data, kept->size, NULL);
    while ((token = hc__json_next(&reader, NULL)) != HC__JSON_END) {
        FUZZ_ASSERT(token != HC__JSON_ERROR && reader.depth <= HC__METADATA_DEPTH);
        if (secret)
            FUZZ_ASSERT(token == HC__JSON_STRING && strcmp(reader.text, HC__REDACTED) == 0);
        secret = token == HC__JSON_KEY && hc__secret_name(reader.text, reader.size);
        if (token != HC__JSON_KEY)
            continue;
        names++;
        FUZZ_ASSERT(reader.size > 0 && reader.text[0] != '$' && strchr(reader.text, '.') == NULL);
        FUZZ_ASSERT(strcmp(reader.text, "_id") != 0 && strcmp(reader.text, "__proto__") != 0);
    }
    FUZZ_ASSERT(names <= HC__METADATA_KEYS && kept->size <= HC__METADATA_BYTES && kept->data[0] == '{');
    hc__json_close(&reader);
}

static void check_again(fuzz *run, const hc__buf *kept)
{
    hc__buf canonical, again;

    hc__buf_init(&canonical, &run->plain);
    hc__buf_init(&again, &run->plain);
    FUZZ_ASSERT(hc__json_canonical(&canonical, &run->plain, kept->data, kept->size, NULL, "metadata", NULL) == HC_OK);
    FUZZ_ASSERT(canonical.size == kept->size && memcmp(canonical.data, kept->data, kept->size) == 0);
    FUZZ_ASSERT(hc__metadata_clean(&again, &run->plain, kept->data, kept->size, NULL) == HC_OK);
    FUZZ_ASSERT(again.size == kept->size && memcmp(again.data, kept->data, kept->size) == 0);
    hc__buf_free(&canonical);
    hc__buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    hc__buf canonical, kept;
    hc_status status;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    hc__buf_init(&canonical, &run.mem);
    hc__buf_init(&kept, &run.mem);
    status = hc__json_canonical(&canonical, &run.mem, run.text, run.size, NULL, "metadata", &run.err);
    if (status == HC_OK)
        status = hc__metadata_clean(&kept, &run.mem, canonical.data, canonical.size, &run.err);
    fuzz_outcome(&run, status);
    if (status == HC_OK) {
        check_kept(&run, &kept);
        check_again(&run, &kept);
    } else {
        FUZZ_ASSERT(kept.size == 0 || kept.failed);
    }
    hc__buf_free(&canonical);
    hc__buf_free(&kept);
    return fuzz_end(&run);
}
