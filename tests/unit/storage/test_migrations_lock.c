/* What was released never changes: lib/storage/migrations.lock holds the SHA-256 of each migration's canonical text.
 * With HC_UPDATE=1 the test writes the file instead, which is for migrations that nobody has run yet. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "model/migrations.h"
#include "suite.h"

#define LINE 80

static const char path[] = HC_SOURCE_DIR "/lib/storage/migrations.lock";

/* "VERSION HASH\n" */
static void line_of(char out[LINE], const hc_migration *migration)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    hc__mem mem;
    hc__buf text;

    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    hc__buf_init(&text, &mem);
    hc__migration_text(&text, migration);
    ck_assert(!text.failed && text.size > 0);
    crypto_hash_sha256(hash, (const unsigned char *)text.data, text.size);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    snprintf(out, LINE, "%d %s\n", (int)migration->version, hex);
    hc__buf_free(&text);
}

static void update(void)
{
    FILE *file = fopen(path, "w");
    char line[LINE];

    ck_assert_ptr_nonnull(file);
    for (size_t i = 0; i < hc__migration_count; i++) {
        line_of(line, &hc__migrations[i]);
        fputs(line, file);
    }
    fclose(file);
}

START_TEST(every_migration_is_the_one_that_was_released)
{
    const char *asked = getenv("HC_UPDATE");
    char want[LINE], have[LINE];
    FILE *file;

    if (asked != NULL && strcmp(asked, "1") == 0)
        update();
    file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s is missing: run this test with HC_UPDATE=1", path);
    for (size_t i = 0; i < hc__migration_count; i++) {
        line_of(have, &hc__migrations[i]);
        ck_assert_msg(fgets(want, sizeof want, file) != NULL,
                      "migration %d is not in migrations.lock: run this test with HC_UPDATE=1",
                      (int)hc__migrations[i].version);
        ck_assert_msg(strcmp(have, want) == 0, "migration %d changed: what was released stays, add a migration instead",
                      (int)hc__migrations[i].version);
    }
    ck_assert_msg(fgets(want, sizeof want, file) == NULL, "migrations.lock knows more migrations than the library");
    fclose(file);
}
END_TEST

START_TEST(another_text_has_another_hash)
{
    const hc_migration *first = &hc__migrations[0];
    hc_migration other = *first;
    char a[LINE], b[LINE];

    other.step_count--;
    line_of(a, first);
    line_of(b, &other);
    ck_assert_str_ne(a, b);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, every_migration_is_the_one_that_was_released);
    tcase_add_test(tcase, another_text_has_another_hash);
}

int main(void)
{
    return suite_main("unit.storage.migrations_lock", fill, NULL, NULL);
}
