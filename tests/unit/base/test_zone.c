/* Time zones against the C library's own reading of the same files, by hand-made files, and by the days that matter. */
#include "suite.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/zone.h"
#include "homeconnect/error.h"

#define FOLDER "/usr/share/zoneinfo/"
#define HOUR   3600

static hc__mem mem;
static hc__arena arena;

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    hc__arena_init(&arena, &mem, NULL, 0);
}

static void teardown(void)
{
    hc__arena_free(&arena);
}

static hc__zone load(const char *name)
{
    char path[256];
    hc__buf file;
    hc__zone zone;
    hc_error err = {0};

    snprintf(path, sizeof path, FOLDER "%s", name);
    hc__buf_init(&file, &mem);
    ck_assert_msg(hc__file_read(&file, path, HC__ZONE_FILE_LIMIT, "zone", &err) == HC_OK, "%s: %s", path, err.message);
    ck_assert_msg(hc__zone_parse(&zone, &arena, file.data, file.size, &err) == HC_OK, "%s: %s", name, err.message);
    hc__buf_free(&file);
    return zone;
}

static int64_t at(const char *text)
{
    int64_t micros;
    char whole[40];

    snprintf(whole, sizeof whole, "%s%s", text, strlen(text) == 16 ? ":00Z" : "");
    ck_assert_msg(hc__time_parse(&micros, whole, strlen(whole)), "%s", whole);
    return micros / HC__SECOND;
}

/* ---- the days that matter ---- */

static void check_wall(const hc__zone *zone, const char *local, hc__wall how, const char *first, const char *second)
{
    int64_t utc, later;

    ck_assert_msg(hc__zone_of_wall(zone, at(local), &utc, &later) == how, "%s", local);
    ck_assert_msg(utc == at(first), "%s is %lld, not %s", local, (long long)utc, first);
    if (how == HC__WALL_TWICE)
        ck_assert_msg(later == at(second), "%s again is %lld, not %s", local, (long long)later, second);
}

/* D03 */
START_TEST(the_clocks_of_new_york_and_chicago_jump_and_go_back)
{
    hc__zone zone = load("America/New_York");

    check_wall(&zone, "2026-03-08T01:59", HC__WALL_ONCE, "2026-03-08T06:59", NULL);
    check_wall(&zone, "2026-03-08T02:00", HC__WALL_NEVER, "2026-03-08T07:00", NULL);
    check_wall(&zone, "2026-03-08T02:59", HC__WALL_NEVER, "2026-03-08T07:00", NULL);
    check_wall(&zone, "2026-03-08T03:00", HC__WALL_ONCE, "2026-03-08T07:00", NULL);
    check_wall(&zone, "2026-11-01T00:59", HC__WALL_ONCE, "2026-11-01T04:59", NULL);
    check_wall(&zone, "2026-11-01T01:00", HC__WALL_TWICE, "2026-11-01T05:00", "2026-11-01T06:00");
    check_wall(&zone, "2026-11-01T01:59", HC__WALL_TWICE, "2026-11-01T05:59", "2026-11-01T06:59");
    check_wall(&zone, "2026-11-01T02:00", HC__WALL_ONCE, "2026-11-01T07:00", NULL);
    zone = load("America/Chicago");
    check_wall(&zone, "2026-03-08T02:30", HC__WALL_NEVER, "2026-03-08T08:00", NULL);
    check_wall(&zone, "2026-03-08T03:30", HC__WALL_ONCE, "2026-03-08T08:30", NULL);
}
END_TEST

/* D03: beyond the table of the file its footer speaks, so that a store works on when the file is old. */
START_TEST(the_rule_of_the_footer_holds_beyond_the_table)
{
    hc__zone berlin = load("Europe/Berlin"), kathmandu = load("Asia/Kathmandu"), sao_paulo = load("America/Sao_Paulo");

    check_wall(&berlin, "2026-03-29T02:15", HC__WALL_NEVER, "2026-03-29T01:00", NULL);
    check_wall(&berlin, "2026-10-25T02:15", HC__WALL_TWICE, "2026-10-25T00:15", "2026-10-25T01:15");
    check_wall(&berlin, "2097-03-31T02:15", HC__WALL_NEVER, "2097-03-31T01:00", NULL);
    check_wall(&berlin, "2097-10-27T02:15", HC__WALL_TWICE, "2097-10-27T00:15", "2097-10-27T01:15");
    check_wall(&berlin, "9998-07-01T12:00", HC__WALL_ONCE, "9998-07-01T10:00", NULL);
    ck_assert_int_eq(hc__zone_offset(&kathmandu, at("2026-01-01T00:00")), 5 * HOUR + 45 * 60);
    check_wall(&kathmandu, "2026-06-01T09:00", HC__WALL_ONCE, "2026-06-01T03:15", NULL);
    ck_assert_int_eq(hc__zone_offset(&kathmandu, at("2099-07-01T00:00")), 5 * HOUR + 45 * 60);
    ck_assert_int_eq(hc__zone_offset(&sao_paulo, at("2026-01-01T00:00")), -3 * HOUR);
    ck_assert_int_eq(hc__zone_offset(&sao_paulo, at("2018-01-01T00:00")), -2 * HOUR);
    check_wall(&sao_paulo, "2018-11-04T00:30", HC__WALL_NEVER, "2018-11-04T03:00", NULL);
    check_wall(&sao_paulo, "2026-11-01T00:30", HC__WALL_ONCE, "2026-11-01T03:30", NULL);
}
END_TEST

/* ---- against the C library ---- */

static void check_against_c(const char *name, const hc__zone *zone)
{
    setenv("TZ", name, 1);
    tzset();
    for (int64_t utc = at("1970-01-01T00:00"); utc < at("2120-01-01T00:00"); utc += 5 * 86400 + 7 * HOUR + 1234) {
        time_t clock = (time_t)utc;
        struct tm local;
        int64_t next, first, second;

        ck_assert_ptr_nonnull(localtime_r(&clock, &local));
        ck_assert_msg(hc__zone_offset(zone, utc) == local.tm_gmtoff, "%s at %lld: %d, not %ld", name, (long long)utc,
                      (int)hc__zone_offset(zone, utc), local.tm_gmtoff);
        ck_assert_int_ne(hc__zone_of_wall(zone, utc + local.tm_gmtoff, &first, &second), HC__WALL_NEVER);
        ck_assert(first == utc || second == utc);
        next = hc__zone_next(zone, utc);
        if (next == INT64_MAX)
            continue;
        ck_assert_int_gt(next, utc);
        clock = (time_t)next;
        ck_assert_ptr_nonnull(localtime_r(&clock, &local));
        ck_assert_msg(hc__zone_offset(zone, next) == local.tm_gmtoff, "%s at its change %lld", name, (long long)next);
    }
}

START_TEST(every_zone_is_read_as_the_c_library_reads_it)
{
    static const char *const folders[] = {"Africa", "America", "Asia", "Australia", "Europe", "Pacific", "Atlantic"};
    int seen = 0;

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[64], name[320];
        DIR *dir;
        struct dirent *entry;

        snprintf(path, sizeof path, FOLDER "%s", folders[i]);
        dir = opendir(path);
        ck_assert_msg(dir != NULL, "%s", path);
        while ((entry = readdir(dir)) != NULL) {
            hc__zone zone;

            if (entry->d_name[0] == '.' || entry->d_type == DT_DIR || seen++ % 3 != 0)
                continue;
            snprintf(name, sizeof name, "%s/%s", folders[i], entry->d_name);
            ck_assert_msg(hc__zone_name_valid(name), "%s", name);
            zone = load(name);
            check_against_c(name, &zone);
        }
        closedir(dir);
    }
    unsetenv("TZ");
    tzset();
    ck_assert_int_gt(seen, 200);
}
END_TEST

/* ---- hand-made files ---- */

typedef struct maker {
    uint8_t bytes[1024];
    size_t size;
} maker;

static void put(maker *m, const void *bytes, size_t size)
{
    memcpy(m->bytes + m->size, bytes, size);
    m->size += size;
}

static void put_number(maker *m, int64_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--) {
        uint8_t byte = (uint8_t)((uint64_t)value >> (8 * i));
        put(m, &byte, 1);
    }
}

static void put_head(maker *m, char version, const uint32_t counts[6])
{
    char zero[15] = "";

    put(m, "TZif", 4);
    put(m, &version, 1);
    put(m, zero, 15);
    for (int i = 0; i < 6; i++)
        put_number(m, counts[i], 4);
}

/* Version 2 with two types, UTC+1 and UTC+2, and the transitions given; `footer` without its newlines. */
static maker make(const int64_t *times, uint32_t count, const char *footer)
{
    static const uint32_t none[6] = {0, 0, 0, 0, 1, 1};
    const uint32_t counts[6] = {0, 0, 0, count, 2, 8};
    maker m = {.size = 0};

    put_head(&m, '2', none);
    put(&m, "\0\0\0\0\0\0\0", 7);
    put_head(&m, '2', counts);
    for (uint32_t i = 0; i < count; i++)
        put_number(&m, times[i], 8);
    for (uint32_t i = 0; i < count; i++)
        put(&m, i % 2 == 0 ? "\1" : "\0", 1);
    put(&m, "\0\0\x0e\x10\0\0", 6);
    put(&m, "\0\0\x1c\x20\1\4", 6);
    put(&m, "STD\0DST\0", 8);
    put(&m, "\n", 1);
    put(&m, footer, strlen(footer));
    put(&m, "\n", 1);
    return m;
}

static bool parses(const maker *m, hc__zone *zone)
{
    hc_error err = {0};
    uint8_t *copy = malloc(m->size == 0 ? 1 : m->size); /* so that a read beyond is seen */
    hc_status status;

    memcpy(copy, m->bytes, m->size);
    status = hc__zone_parse(zone, &arena, copy, m->size, &err);
    free(copy);
    ck_assert(status == HC_OK || (status == HC_ERR_INVALID && err.message[0] != '\0'));
    return status == HC_OK;
}

START_TEST(what_a_footer_may_say)
{
    static const struct {
        const char *footer;
        bool good;
    } cases[] = {{"", true},
                 {"STD-1", true},
                 {"<+01>-1<+02>,M3.5.0,M10.5.0/3", true},
                 {"IST-2IDT,M3.4.4/26,M10.5.0", true},
                 {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true},
                 {"EST5EDT,0/0,J365/25", true},
                 {"EST5:30:15EDT4,J60/167,365/-167:59:59", true},
                 {"ES5", false},
                 {"EST", false},
                 {"EST25", false},
                 {"EST5EDT", false},
                 {"EST5EDT,", false},
                 {"EST5EDT,M3.2.0", false},
                 {"EST5EDT,M13.2.0,M11.1.0", false},
                 {"EST5EDT,M3.6.0,M11.1.0", false},
                 {"EST5EDT,M3.2.7,M11.1.0", false},
                 {"EST5EDT,J0,J5", false},
                 {"EST5EDT,366,1", false},
                 {"EST5EDT,M3.2.0/168,M11.1.0", false},
                 {"EST5EDT,M3.2.0,M11.1.0 ", false},
                 {"<EST5EDT,M3.2.0,M11.1.0", false},
                 {":America/Chicago", false}};
    hc__zone zone;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        maker m = make(NULL, 0, cases[i].footer);
        ck_assert_msg(parses(&m, &zone) == cases[i].good, "%s", cases[i].footer);
    }
}
END_TEST

/* RFC 8536, section 3.3.1: summer time that never ends, and changes before and after the day they are named for. */
START_TEST(rules_reach_beyond_their_day)
{
    maker m = make(NULL, 0, "EST5EDT,0/0,J365/25");
    hc__zone zone;

    ck_assert(parses(&m, &zone));
    for (int64_t utc = at("2025-12-20T00:00"); utc < at("2027-01-10T00:00"); utc += 1800)
        ck_assert_int_eq(hc__zone_offset(&zone, utc), -4 * HOUR);
    m = make(NULL, 0, "IST-2IDT,M3.4.4/26,M10.5.0"); /* Jerusalem: Friday before the last Sunday of March at 02:00 */
    ck_assert(parses(&m, &zone));
    check_wall(&zone, "2026-03-27T02:30", HC__WALL_NEVER, "2026-03-27T00:00", NULL);
    check_wall(&zone, "2026-10-25T01:30", HC__WALL_TWICE, "2026-10-24T22:30", "2026-10-24T23:30");
    m = make(NULL, 0, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"); /* Nuuk: the Saturday before, at 22:00 */
    ck_assert(parses(&m, &zone));
    check_wall(&zone, "2026-03-28T23:30", HC__WALL_NEVER, "2026-03-29T01:00", NULL);
}
END_TEST

START_TEST(before_the_first_transition_the_first_type_holds_and_after_the_last_the_footer)
{
    static const int64_t times[] = {1000, 2000, 3000};
    maker m = make(times, 3, "");
    hc__zone zone;

    ck_assert(parses(&m, &zone));
    ck_assert_int_eq(hc__zone_offset(&zone, 999), 3600);
    ck_assert_int_eq(hc__zone_offset(&zone, 1000), 7200);
    ck_assert_int_eq(hc__zone_offset(&zone, 2000), 3600);
    ck_assert_int_eq(hc__zone_offset(&zone, INT64_C(1) << 40), 7200);
    ck_assert_int_eq(hc__zone_next(&zone, 999), 1000);
    ck_assert_int_eq(hc__zone_next(&zone, 3000), INT64_MAX);
    m = make(times, 3, "XYZ3");
    ck_assert(parses(&m, &zone));
    ck_assert_int_eq(hc__zone_offset(&zone, 2999), 3600);
    ck_assert_int_eq(hc__zone_offset(&zone, 3000), -3 * HOUR);
}
END_TEST

START_TEST(a_file_of_version_1_has_no_footer)
{
    const uint32_t counts[6] = {0, 0, 0, 1, 2, 8};
    maker m = {.size = 0};
    hc__zone zone;

    put_head(&m, '\0', counts);
    put_number(&m, -5, 4);
    put(&m, "\1", 1);
    put(&m, "\0\0\x0e\x10\0\0", 6);
    put(&m, "\0\0\x1c\x20\1\4", 6);
    put(&m, "STD\0DST\0", 8);
    ck_assert(parses(&m, &zone));
    ck_assert_int_eq(hc__zone_offset(&zone, -6), 3600);
    ck_assert_int_eq(hc__zone_offset(&zone, -5), 7200);
    ck_assert_int_eq(hc__zone_next(&zone, -5), INT64_MAX);
}
END_TEST

START_TEST(damaged_files_are_refused_and_read_no_further_than_their_end)
{
    static const int64_t times[] = {1000, 2000, 3000}, falling[] = {1000, 1000, 3000};
    maker whole = make(times, 3, "STD-1DST,M3.5.0,M10.5.0/3"), m;
    hc__zone zone;

    ck_assert(parses(&whole, &zone));
    for (size_t size = 0; size < whole.size; size++) {
        m = whole;
        m.size = size;
        ck_assert_msg(!parses(&m, &zone), "cut at %zu", size);
    }
    m = make(falling, 3, "");
    ck_assert(!parses(&m, &zone));
    m = whole;
    m.bytes[0] = 'X';
    ck_assert(!parses(&m, &zone));
    m = whole;
    m.bytes[44 + 7 + 31] = 1; /* a leap second: the low byte of its count */
    ck_assert(!parses(&m, &zone));
    m = whole;
    m.bytes[44 + 7 + 44 + 24] = 2; /* a type that is not there */
    ck_assert(!parses(&m, &zone));
    m = whole;
    m.bytes[44 + 7 + 44 + 27] = 0x7f; /* an offset of years */
    ck_assert(!parses(&m, &zone));
    ck_assert_int_eq(hc__zone_offset(&zone, 1500), 0); /* what is refused is UTC */
}
END_TEST

/* Whatever a byte says: the file is refused, or its offsets are those of clocks on Earth. */
START_TEST(files_with_one_byte_changed_are_refused_or_sound)
{
    static const int64_t times[] = {1000, 2000, 3000}, instants[] = {-1, 1500, 2500, INT64_C(4000000000)};
    static const uint8_t values[] = {0, 1, 2, 0x0a, '1', '3', 0x7f, 0x80, 0xff};
    maker whole = make(times, 3, "STD-1DST,M3.5.0,M10.5.0/3");
    int refused = 0, taken = 0;
    hc__zone zone;

    for (size_t at = 0; at < whole.size; at++)
        for (size_t i = 0; i < sizeof values; i++) {
            maker m = whole;

            m.bytes[at] = values[i];
            if (!parses(&m, &zone)) {
                refused++;
                continue;
            }
            taken++;
            for (size_t k = 0; k < sizeof instants / sizeof instants[0]; k++)
                ck_assert_int_lt(llabs(hc__zone_offset(&zone, instants[k])), 26 * HOUR);
        }
    ck_assert_int_gt(refused, 300);
    ck_assert_int_gt(taken, 300);
}
END_TEST

/* ---- names ---- */

START_TEST(only_names_of_the_database_lead_to_a_file)
{
    static const char *const good[] = {"UTC",       "America/New_York", "America/Argentina/ComodRivadavia",
                                       "Etc/GMT+5", "Etc/GMT-14",       "America/Port-au-Prince",
                                       "GMT0",      "posix/UTC"};
    static const char *const bad[] = {"",
                                      "/etc/passwd",
                                      "..",
                                      "../../etc/passwd",
                                      "America/../UTC",
                                      "America/./UTC",
                                      "America//Chicago",
                                      "America/",
                                      "zone.tab",
                                      "America/New York",
                                      "America\\Chicago",
                                      "-UTC",
                                      "+5",
                                      "5",
                                      ":UTC",
                                      "~/x",
                                      "Am\xc3\xa9rica/X",
                                      "America/Chicago\n",
                                      "a/b/c/d/e",
                                      "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(hc__zone_name_valid(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!hc__zone_name_valid(bad[i]), "%s", bad[i]);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_clocks_of_new_york_and_chicago_jump_and_go_back);
    tcase_add_test(tcase, the_rule_of_the_footer_holds_beyond_the_table);
    tcase_add_test(tcase, every_zone_is_read_as_the_c_library_reads_it);
    tcase_add_test(tcase, what_a_footer_may_say);
    tcase_add_test(tcase, rules_reach_beyond_their_day);
    tcase_add_test(tcase, before_the_first_transition_the_first_type_holds_and_after_the_last_the_footer);
    tcase_add_test(tcase, a_file_of_version_1_has_no_footer);
    tcase_add_test(tcase, damaged_files_are_refused_and_read_no_further_than_their_end);
    tcase_add_test(tcase, files_with_one_byte_changed_are_refused_or_sound);
    tcase_add_test(tcase, only_names_of_the_database_lead_to_a_file);
}

int main(void)
{
    return suite_main("base.zone", fill, setup, teardown);
}
