/* PIECES text: cut in pieces and whole alike; the elements of well-formed JSON are those that cJSON finds. */
#include <cjson/cJSON.h>

#include "base/json.h"
#include "fuzz.h"

typedef struct story {
    hc__buf told;
    size_t count;
    const cJSON *next; /* the element to come; NULL: not known */
    bool known;
} story;

/* By their text: cJSON_Compare() finds a number that is too large for a double unlike itself. */
static bool is_same(const cJSON *a, const cJSON *b)
{
    char *first = cJSON_PrintUnformatted(a), *second = cJSON_PrintUnformatted(b);
    bool same = first != NULL && second != NULL && strcmp(first, second) == 0;

    cJSON_free(first);
    cJSON_free(second);
    return same;
}

static hc_status tell(const char *text, size_t size, int64_t line, void *data, hc_error *err)
{
    story *to = data;

    (void)err;
    hc__buf_format(&to->told, "%lld:%zu:", (long long)line, size);
    hc__buf_put(&to->told, text, size);
    to->count++;
    if (to->known) {
        cJSON *element = cJSON_ParseWithLength(text, size);

        FUZZ_ASSERT(element != NULL && to->next != NULL && is_same(element, to->next));
        to->next = to->next->next;
        cJSON_Delete(element);
    }
    return HC_OK;
}

static hc_status cut_in_pieces(story *to, fuzz *run, const hc__mem *mem, uint32_t pieces)
{
    hc__json_cutter *cutter;
    hc_status status = hc__json_cutter_new(&cutter, mem, tell, to, &run->err);
    size_t at = 0;

    while (status == HC_OK && at < run->size) {
        size_t size = fuzz_piece(&pieces, run->size - at);

        status = hc__json_cutter_feed(cutter, run->text + at, size, &run->err);
        at += size;
    }
    if (status == HC_OK)
        status = hc__json_cutter_end(cutter, &run->err);
    hc__json_cutter_free(cutter);
    return status;
}

/* The elements of a well-formed document, whose names are spelled without escapes. */
static void check_elements(fuzz *run, story *to, const cJSON *tree)
{
    const cJSON *value = cJSON_IsObject(tree) ? cJSON_GetObjectItemCaseSensitive(tree, "value") : tree;

    to->known = true;
    to->next = cJSON_IsArray(value) ? value->child : tree;
    FUZZ_ASSERT(cut_in_pieces(to, run, &run->plain, 0) == HC_OK);
    FUZZ_ASSERT(to->next == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    story cut = {.count = 0}, whole = {.count = 0};
    hc_status status;
    cJSON *tree = NULL;
    uint32_t pieces;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    pieces = (uint32_t)(fuzz_byte(&run) - '0');
    hc__buf_init(&cut.told, &run.plain);
    hc__buf_init(&whole.told, &run.plain);
    status = cut_in_pieces(&cut, &run, &run.mem, pieces);
    fuzz_outcome(&run, status);
    if (memmem(run.text, run.size, "\\u", 2) == NULL)
        hc__json_tree(&tree, &run.plain, run.text, run.size, NULL, "json", NULL);
    if (cJSON_IsObject(tree) || cJSON_IsArray(tree))
        check_elements(&run, &whole, tree);
    else if (status != HC_ERR_NO_MEMORY)
        FUZZ_ASSERT(cut_in_pieces(&whole, &run, &run.plain, 0) == status);
    if (status != HC_ERR_NO_MEMORY)
        FUZZ_ASSERT(whole.count == cut.count && whole.told.size == cut.told.size &&
                    (cut.told.size == 0 || memcmp(whole.told.data, cut.told.data, cut.told.size) == 0));
    cJSON_Delete(tree);
    hc__buf_free(&cut.told);
    hc__buf_free(&whole.told);
    return fuzz_end(&run);
}
