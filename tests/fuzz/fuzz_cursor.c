/* MODE bytes. 0: a text as cursor. 1: a good cursor with pairs (place, mask) of the input over it. 2: the input sealed
 * with the right key and binding. 3: the input sealed with the right key alone. */
#include "fuzz_query.h"
#include "query/cursor.h"

typedef struct stage {
    fuzz *run;
    hc__query query;
    hc__list_context context;
    uint8_t binding[HC__BINDING_SIZE];
    hc__arena arena;
    const char *good;
} stage;

static void open_scene(stage *to, fuzz *run, const hc__secret *key)
{
    const hc__cursor cursor = {
        .now = FUZZ_NOW, .key_count = 1, .at = {.keys = {48900000}, .id = {{1, 2, 3}}, .nulls = 0}};
    const hc__bound *bound;

    to->run = run;
    to->context = fuzz_context(key, true);
    hc__query_init(&to->query, &run->plain, &hc__property_entity);
    hc__arena_init(&to->arena, &run->plain, NULL, 0);
    FUZZ_ASSERT(hc__query_parse(&to->query, "city eq 'Austin'", "price", NULL) == HC_OK);
    bound = hc__cursor_bound(&to->arena, &to->query, &to->context);
    FUZZ_ASSERT(bound != NULL);
    hc__cursor_binding(to->binding, bound, key);
    to->good = hc__cursor_seal(&to->arena, &cursor, to->binding, key);
    FUZZ_ASSERT(to->good != NULL);
}

static void close_scene(stage *of)
{
    hc__query_free(&of->query);
    hc__arena_free(&of->arena);
}

static const char *sealed_input(stage *of, bool bound)
{
    static const uint8_t version = 1;
    fuzz *run = of->run;
    hc__buf plain, sealed, text;
    const char *out;

    hc__buf_init(&plain, &run->plain);
    hc__buf_init(&sealed, &run->plain);
    hc__buf_init(&text, &run->plain);
    hc__buf_put(&plain, run->text, run->size);
    if (bound && plain.size > HC__BINDING_SIZE)
        memcpy(plain.data + 1, of->binding, HC__BINDING_SIZE);
    hc__buf_put(&sealed, &version, 1);
    FUZZ_ASSERT(hc__seal(&sealed, of->context.cursor_key, &version, 1, plain.size == 0 ? "" : plain.data, plain.size,
                         NULL) == HC_OK);
    hc__base64url_put(&text, sealed.data, sealed.size);
    out = hc__arena_text(&of->arena, text.data, text.size);
    hc__buf_free(&plain);
    hc__buf_free(&sealed);
    hc__buf_free(&text);
    return out;
}

static const char *altered(stage *of)
{
    fuzz *run = of->run;
    size_t size = strlen(of->good);
    char *text = hc__arena_text(&of->arena, of->good, size);

    while (run->size >= 2) {
        size_t place = fuzz_byte(run) % size;

        text[place] = (char)((uint8_t)text[place] ^ fuzz_byte(run));
    }
    return text;
}

/* A sealed plain text that is taken says just what it is sealed from. */
static void check_open(const stage *of, const char *text, hc_status listed)
{
    hc__cursor cursor;
    hc_status status = hc__cursor_open(&cursor, &of->run->plain, text, of->binding, of->context.cursor_key, NULL);

    FUZZ_ASSERT(status == HC_OK || listed != HC_OK);
    if (status == HC_OK)
        FUZZ_ASSERT(cursor.key_count <= HC__SORT_LIMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t bytes[32] = {7};
    fuzz run;
    stage scene = {.run = &run};
    hc__secret *key;
    hc__query query;
    hc__arena arena;
    hc__list page;
    const char *text;
    hc_status status;
    int mode;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    FUZZ_ASSERT(hc__crypto_start(NULL) == HC_OK && hc__secret_new(&key, bytes, sizeof(bytes), NULL) == HC_OK);
    open_scene(&scene, &run, key);
    mode = (uint8_t)(fuzz_byte(&run) - '0') % 4;
    text = mode == 0 ? run.text : mode == 1 ? altered(&scene) : sealed_input(&scene, mode == 2);
    hc__query_init(&query, &run.mem, &hc__property_entity);
    hc__arena_init(&arena, &run.mem, NULL, 0);
    status = hc__query_parse(&query, "city eq 'Austin'", "price", &run.err);
    if (status == HC_OK)
        status = hc__query_set_cursor(&query, text, &run.err);
    if (status == HC_OK)
        status = hc__list_run(&page, &arena, &query, &scene.context, &run.err);
    fuzz_outcome(&run, status);
    if (status == HC_ERR_INVALID)
        FUZZ_ASSERT(strcmp(run.err.field, "cursor") == 0);
    if (mode < 2 && strcmp(text, scene.good) != 0)
        FUZZ_ASSERT(status != HC_OK);
    check_open(&scene, text, status);
    hc__arena_free(&arena);
    hc__query_free(&query);
    close_scene(&scene);
    hc__secret_free(key);
    return fuzz_end(&run);
}
