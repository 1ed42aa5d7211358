/* What is said of many wrong queries, word by word, as golden/faults.txt has it: which field is at fault, where, and
 * what would be right. A line of the file that begins with "$ " is a filter, with "? " a query string, with "^ " a
 * sort, and the next line what is said. A run with HC_GOLDEN=write writes these anew. */
#include <stdlib.h>

#include "query_case.h"

#define GOLDEN_SIZE (1 << 16)

static hc_status ask_wrong(const char *line)
{
    const char *asked = line + 2;

    again();
    if (line[0] == '$')
        return hc__query_parse(&query, asked, NULL, &err);
    if (line[0] == '^')
        return hc__query_parse(&query, NULL, asked, &err);
    ck_assert_msg(line[0] == '?', "%s", line);
    return hc__query_parse_string(&query, asked, strlen(asked), &err);
}

/* Each question of the file with the answer of today; how many. */
static int answer_all(hc__buf *out, char *file)
{
    int count = 0;

    for (char *line = file, *end = strchr(line, '\n'); end != NULL; line = end + 1, end = strchr(line, '\n')) {
        hc_status status;

        *end = '\0';
        if (line[0] == '\0' || line[1] != ' ' || strchr("$?^", line[0]) == NULL)
            continue;
        status = ask_wrong(line);
        ck_assert_msg(status < 0 && err.status == status, "%s: %d", line, (int)status);
        hc__buf_format(out, "%s\n= %s %s: %s\n", line, hc_status_name(status), err.field, err.message);
        count++;
    }
    return count;
}

START_TEST(a_wrong_query_is_told_what_is_wrong_and_where)
{
    static char expected[GOLDEN_SIZE], copy[GOLDEN_SIZE];
    const char *mode = getenv("HC_GOLDEN"), *path = HC_SOURCE_DIR "/tests/unit/query/golden/faults.txt";
    FILE *file = fopen(path, "r");
    hc__buf out;
    size_t size;

    ck_assert_msg(file != NULL, "%s cannot be opened", path);
    size = fread(expected, 1, sizeof expected - 1, file);
    ck_assert_int_eq(fclose(file), 0);
    memcpy(copy, expected, size);
    hc__buf_init(&out, &mem);
    ck_assert_int_gt(answer_all(&out, copy), 150);
    if (mode != NULL && strcmp(mode, "write") == 0) {
        file = fopen(path, "w");
        ck_assert_ptr_nonnull(file);
        ck_assert_uint_eq(fwrite(out.data, 1, out.size, file), out.size);
        ck_assert_int_eq(fclose(file), 0);
    } else {
        ck_assert_msg(size == out.size && memcmp(expected, out.data, size) == 0,
                      "the answers differ from %s: look at them with HC_GOLDEN=write and git diff", path);
    }
    hc__buf_free(&out);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_wrong_query_is_told_what_is_wrong_and_where);
}

int main(void)
{
    return suite_main("unit.query.faults", fill, case_open, case_close);
}
