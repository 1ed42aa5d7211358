#include "suite.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "failing.h"
#include "homeconnect/error.h"

static hc__mem mem;

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
}

START_TEST(an_allocator_is_whole_or_refused)
{
    failing state = {0};
    hc_allocator host = failing_allocator(&state);
    hc_allocator none = HC_ALLOCATOR_INIT;
    hc__mem made;
    hc_error err;

    ck_assert_int_eq(hc__mem_init(&made, &host, &err), HC_OK);
    hc__free(&made, hc__alloc(&made, 0));
    ck_assert_int_eq(state.requests, 1);
    ck_assert_int_eq(hc__mem_init(&made, &none, &err), HC_OK);
    host.reallocate = NULL;
    ck_assert_int_eq(hc__mem_init(&made, &host, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "allocator");
    host = failing_allocator(&state);
    host.struct_size = 0;
    ck_assert_int_eq(hc__mem_init(&made, &host, &err), HC_ERR_INVALID);
}
END_TEST

/* P15 */
START_TEST(sizes_that_overflow_give_no_memory)
{
    hc__arena arena;
    hc__buf buf;

    ck_assert_ptr_null(hc__alloc(&mem, SIZE_MAX));
    ck_assert_ptr_null(hc__alloc_zero(&mem, SIZE_MAX / 2, 4));
    ck_assert_ptr_null(hc__realloc(&mem, NULL, SIZE_MAX, 2));
    ck_assert_ptr_null(hc__strndup(&mem, "x", SIZE_MAX));
    hc__arena_init(&arena, &mem, NULL, 0);
    ck_assert_ptr_null(hc__arena_alloc(&arena, SIZE_MAX));
    ck_assert_ptr_null(hc__arena_zero(&arena, SIZE_MAX, 16));
    ck_assert_ptr_null(hc__arena_text(&arena, "x", SIZE_MAX));
    hc__arena_free(&arena);
    hc__buf_init(&buf, &mem);
    hc__buf_put(&buf, "x", SIZE_MAX);
    ck_assert(buf.failed);
    hc__buf_free(&buf);
}
END_TEST

START_TEST(an_arena_is_aligned_and_keeps_what_it_gave)
{
    uint64_t own[16];
    hc__arena arena;
    char *pieces[500];

    hc__arena_init(&arena, &mem, (char *)own + 3, sizeof(own) - 3);
    for (size_t i = 0; i < 500; i++) {
        size_t size = i % 50 == 0 ? i * 100 : i % 37;

        pieces[i] = hc__arena_alloc(&arena, size + 1);
        ck_assert_uint_eq((uintptr_t)pieces[i] % 8, 0);
        memset(pieces[i], (int)(i % 251), size + 1);
    }
    for (size_t i = 0; i < 500; i++) {
        size_t size = i % 50 == 0 ? i * 100 : i % 37;

        for (size_t at = 0; at <= size; at++)
            ck_assert_int_eq((uint8_t)pieces[i][at], (int)(i % 251));
    }
    hc__arena_free(&arena);
    ck_assert_str_eq(hc__arena_text(&arena, "again", 5), "again");
    hc__arena_free(&arena);
}
END_TEST

START_TEST(an_arena_takes_few_blocks)
{
    failing state = {0};
    hc_allocator host = failing_allocator(&state);
    hc__mem counted;
    hc__arena arena;
    char own[64];

    ck_assert_int_eq(hc__mem_init(&counted, &host, NULL), HC_OK);
    hc__arena_init(&arena, &counted, own, sizeof(own));
    ck_assert_ptr_eq(hc__arena_alloc(&arena, 1), own + (-(uintptr_t)own & 7));
    ck_assert_int_eq(state.requests, 0);
    hc__arena_free(&arena);
    hc__arena_init(&arena, &counted, NULL, 0);
    arena.next_size = 4096;
    for (int i = 0; i < 255; i++)
        ck_assert_ptr_nonnull(hc__arena_alloc(&arena, 16));
    ck_assert_int_eq(state.requests, 1);
    for (int i = 0; i < 100000; i++)
        ck_assert_ptr_nonnull(hc__arena_alloc(&arena, 16));
    ck_assert_int_lt(state.requests, 16);
    hc__arena_free(&arena);
    ck_assert_int_eq(state.live, 0);
}
END_TEST

START_TEST(a_buffer_grows_and_is_taken)
{
    size_t size;
    hc__buf buf;
    char *taken;

    hc__buf_init(&buf, &mem);
    for (int i = 0; i < 1000; i++) {
        hc__buf_text(&buf, "ab");
        hc__buf_char(&buf, 'c');
        hc__buf_int(&buf, -7);
        hc__buf_format(&buf, "%d-%s", i % 10, "x");
    }
    ck_assert_uint_eq(buf.size, 8000);
    ck_assert_mem_eq(buf.data + 8 * 999, "abc-79-x", 9);
    hc__buf_format(&buf, "%01000d", 5);
    ck_assert_uint_eq(buf.size, 9000);
    taken = hc__buf_take(&buf, &size);
    ck_assert_uint_eq(size, 9000);
    ck_assert_uint_eq(strlen(taken), 9000);
    hc__free(&mem, taken);
    ck_assert_ptr_null(buf.data);
    taken = hc__buf_take(&buf, &size);
    ck_assert_str_eq(taken, "");
    hc__free(&mem, taken);
}
END_TEST

/* S13 */
START_TEST(a_buffer_that_failed_stays_as_it_was)
{
    failing state = {0, 2, true, 0, 0};
    hc_allocator host = failing_allocator(&state);
    hc__mem weak;
    hc__buf buf;

    ck_assert_int_eq(hc__mem_init(&weak, &host, NULL), HC_OK);
    hc__buf_init(&buf, &weak);
    hc__buf_text(&buf, "kept");
    hc__buf_format(&buf, "%0100d", 1);
    hc__buf_text(&buf, "x");
    hc__buf_char(&buf, 'x');
    hc__buf_int(&buf, 1);
    ck_assert(buf.failed);
    ck_assert_str_eq(buf.data, "kept");
    ck_assert_ptr_null(hc__buf_take(&buf, NULL));
    hc__buf_clear(&buf);
    hc__buf_text(&buf, "again");
    ck_assert_str_eq(buf.data, "again");
    hc__buf_free(&buf);
    ck_assert_int_eq(state.live, 0);
}
END_TEST

static size_t name_of(char out[16], size_t i)
{
    hc__buf buf;
    size_t size;

    hc__buf_init(&buf, &mem);
    hc__buf_format(&buf, "k%zu", i);
    size = buf.size;
    memcpy(out, buf.data, size);
    hc__buf_free(&buf);
    return size;
}

START_TEST(a_map_finds_what_was_put)
{
    static int values[2000];
    hc__map_entry *at = NULL;
    size_t seen = 0;
    hc__map map;
    char name[16];
    void *value;

    hc__map_init(&map, &mem);
    ck_assert_ptr_null(hc__map_get(&map, "", 0));
    ck_assert_ptr_null(hc__map_remove(&map, "x", 1));
    ck_assert(!hc__map_each(&map, &at, NULL, NULL, NULL));
    ck_assert(hc__map_put(&map, NULL, 0, &values[0]));
    ck_assert_ptr_eq(hc__map_remove(&map, "", 0), &values[0]);
    for (size_t i = 0; i < 2000; i++)
        ck_assert(hc__map_put(&map, name, name_of(name, i), &values[i]));
    ck_assert(hc__map_put(&map, "k7", 2, &values[8]));
    ck_assert_ptr_eq(hc__map_get(&map, "k7", 2), &values[8]);
    ck_assert(hc__map_put(&map, "k7", 2, &values[7]));
    ck_assert_uint_eq(map.count, 2000);
    for (size_t i = 0; i < 2000; i += 2)
        ck_assert_ptr_eq(hc__map_remove(&map, name, name_of(name, i)), &values[i]);
    for (size_t i = 0; i < 2000; i++)
        ck_assert_ptr_eq(hc__map_get(&map, name, name_of(name, i)), i % 2 == 0 ? NULL : (void *)&values[i]);
    at = NULL;
    while (hc__map_each(&map, &at, NULL, NULL, &value)) {
        ++*(int *)value;
        seen++;
    }
    ck_assert_uint_eq(seen, 1000);
    for (size_t i = 0; i < 2000; i++)
        ck_assert_int_eq(values[i], (int)(i % 2));
    hc__map_free(&map);
}
END_TEST

/* S13 */
START_TEST(a_map_without_memory_keeps_what_it_has)
{
    static int value;
    failing state = {0, 0, false, 1, 0};
    char name[16];

    for (long n = 1; state.failed > 0; n++) {
        hc_allocator host = failing_allocator(&state);
        size_t put = 0;
        hc__mem weak;
        hc__map map;

        state = (failing){0, n, false, 0, 0};
        ck_assert_int_eq(hc__mem_init(&weak, &host, NULL), HC_OK);
        hc__map_init(&map, &weak);
        for (size_t i = 0; i < 100; i++)
            put += hc__map_put(&map, name, name_of(name, i), &value);
        ck_assert_uint_eq(put, map.count);
        ck_assert_uint_ge(put, 99);
        hc__map_free(&map);
        ck_assert_int_eq(state.live, 0);
    }
}
END_TEST

START_TEST(hashes_spread_and_depend_on_the_seed)
{
    size_t slots[256] = {0};
    char name[16];

    for (size_t i = 0; i < 25600; i++)
        slots[hc__hash(name, name_of(name, i), 1) & 255]++;
    for (size_t i = 0; i < 256; i++) {
        ck_assert_uint_gt(slots[i], 40);
        ck_assert_uint_lt(slots[i], 170);
    }
    ck_assert_uint_ne(hc__hash("a", 1, 1), hc__hash("a", 1, 2));
    ck_assert_uint_ne(hc__hash("", 0, 1), hc__hash("\0", 1, 1));
    ck_assert_uint_ne(hc__hash("\0\0\0\0\0\0\0", 7, 1), hc__hash("\0\0\0\0\0\0\0", 8, 1));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_allocator_is_whole_or_refused);
    tcase_add_test(tcase, sizes_that_overflow_give_no_memory);
    tcase_add_test(tcase, an_arena_is_aligned_and_keeps_what_it_gave);
    tcase_add_test(tcase, an_arena_takes_few_blocks);
    tcase_add_test(tcase, a_buffer_grows_and_is_taken);
    tcase_add_test(tcase, a_buffer_that_failed_stays_as_it_was);
    tcase_add_test(tcase, a_map_finds_what_was_put);
    tcase_add_test(tcase, a_map_without_memory_keeps_what_it_has);
    tcase_add_test(tcase, hashes_spread_and_depend_on_the_seed);
}

int main(void)
{
    return suite_main("memory", fill, setup, NULL);
}
