/* The plan of many queries, and the operations that come of it over a shelf of a few rows, as golden/plans.txt has
 * them: a run with HC_GOLDEN=write writes it anew. */
#include <stdlib.h>

#include "shelf.h"

#define GOLDEN_SIZE (1 << 18)
#define OPS_TOLD    6

static const char *const strings[] = {
    "",
    "sort=price",
    "sort=-price",
    "sort=price,-created_at",
    "sort=list_date",
    "sort=-list_date,price",
    "sort=beds",
    "sort=days_on_market",
    "sort=-days_on_market&max_dom=30",
    "limit=200&count=true",
    "limit=1&fields=id,price,city",
    "fields=address,latitude&city=Austin",
    "scope=all",
    "scope=all&sort=price&status=sold",
    "scope=own&status=pending",
    "city=Austin",
    "city=Austin&city=Dallas&sort=-created_at",
    "city=Austin&city=Dallas&city=Waco&status=active&status=sold&sort=price",
    "city=Austin&min_price=5&max_price=50&min_beds=2&sort=price",
    "city=Austin&sort=beds,-price",
    "state=TX&country=US&sort=price",
    "zip=78704",
    "zip=78704&sort=price",
    "zip=78704&zip=78705&sort=-price",
    "zip=787*",
    "zip=787*&sort=price",
    "zip=787*&zip=78705",
    "type=house&type=land&sort=price",
    "type=house&subtype=Duplex",
    "status=sold",
    "status=sold&status=pending&status=active&sort=price",
    "min_price=100&sort=price",
    "max_price=100&sort=-price&count=true",
    "min_baths=1.5&max_baths=3&min_sqft=100&max_sqft=9000&min_lot=1&max_lot=99999&min_year=1950&max_year=2020",
    "listed_since=2020-01-01&sort=list_date",
    "listed_since=2020-01-01&sort=price",
    "updated_since=2020-01-01T00:00:00Z",
    "price_reduced=true",
    "price_reduced=false&sort=price",
    "agent_id=019b76da-a800-7000-83e3-b68dfbc6ce13",
    "agent_id=019b76da-a800-7000-83e3-b68dfbc6ce13&sort=price&city=Austin",
    "near=30,-97,500",
    "near=30,-97,500&sort=distance",
    "near=30,-97,150000&city=Austin",
    "near=30,-97,150000&sort=-distance&min_beds=1",
    "near=30,179.999,50000&sort=distance",
    "near=89.9,0,50000",
    "bbox=-98,30,-97,31",
    "bbox=-98,30,-97,31&sort=price",
    "bbox=170,-10,-170,10",
    "bbox=-97,30,-97,30&city=Austin",
    "polygon=-98%2030,-97%2030,-97%2031",
    "polygon=-98%2030,-97%2030,-97%2031&sort=price&min_beds=1",
    "q=creek",
    "q=creek*&city=Austin",
    "q=creek%20house&sort=relevance",
    "q=creek&sort=-relevance&min_price=1",
    "q=creek&sort=price",
    "q=creek&near=30,-97,500",
    "q=a&count=true&zip=78704",
    "min_price=2&max_price=9&city=Austin&sort=price",
    "min_price=2&max_price=9&zip=78704&city=Austin&sort=price",
    "city=Austin&zip=78704&sort=price",
    "city=Austin&zip=78704&status=sold&status=active&sort=price",
    "city=Austin&agent_id=019b76da-a800-7000-83e3-b68dfbc6ce13&scope=all",
    "scope=all&sort=price&city=Austin&city=Dallas&limit=2",
    "scope=all&sort=list_date&limit=2",
    "q=creek&sort=price&limit=3",
    "q=creek&sort=-relevance&scope=all",
    "q=creek&sort=-relevance&polygon=-98%2030,-97%2030,-97%2031",
    "q=creek&sort=-relevance&city=Austin&fields=title",
    "q=creek&city=Austin&sort=price&status=active&status=pending",
    "q=creek&sort=price&limit=3&scope=all",
};

/* Filter and order, alternately. */
static const char *const filters[] = {
    "id eq '019b76da-a800-7000-83e3-b68dfbc6ce13'", "",
    "id in ('019b76da-a800-7000-83e3-b68dfbc6ce13','019b76da-a800-7000-83e3-b68dfbc6ce14')", "price",
    "city eq null", "price",
    "city eq 'Austin' or city eq 'Dallas'", "price",
    "city in ('Austin','Dallas') and price ge 5 and price lt 9", "price",
    "city eq 'Austin' or beds eq 2", "-created_at",
    "not (city eq 'Austin' and beds ne 2)", "",
    "price eq 100", "price",
    "price ne 100 and price gt 1 and price le 900", "-price",
    "price in (1,2,3)", "price",
    "list_date eq null", "list_date",
    "list_date eq null and status eq 'active'", "-list_date",
    "list_date eq 2020-02-08", "list_date",
    "price eq 5 and city eq 'Austin' and beds eq 1", "price",
    "price eq 5 and price ge 2 and zip_code eq '78704'", "-price",
    "list_date ne null", "-list_date",
    "list_date ge 2020-01-01 and list_date le 2021-01-01", "list_date",
    "close_price eq null or close_price lt 5", "price",
    "currency eq 'EUR' and price lt 5", "price",
    "standard_status eq 'Active Under Contract'", "price",
    "standard_status in ('Active','Closed') and status ne 'sold'", "",
    "status eq null", "price",
    "startswith(zip_code,'787') and zip_code ne '78704'", "price",
    "startswith(title,'h') and contains(address,'creek')", "",
    "not contains(title,'boat')", "price",
    "not startswith(address,'9') or beds eq null", "beds",
    "geo.near(30,-97,1000) or geo.near(31,-97,1000)", "price",
    "not geo.bbox(-98,30,-97,31)", "price",
    "geo.polygon('POLYGON((-98 30,-97 30,-97 31))') and not geo.near(30.1,-97.1,500)", "",
    "days_on_market le 30", "price",
    "days_on_market ne 30 and days_on_market ne null", "days_on_market",
    "days_on_market eq null", "-days_on_market",
    "created_at ge now() or updated_at lt now()", "",
    "beds eq 1 and beds eq 2", "price",
    "beds gt 3000000000", "price",
    "price_reduced eq true and beds in (1,2,null)", "beds,price,-sqft",
    "startswith(city,'au') and zip_code eq '78704'", "beds",
    "latitude ge 30", "price",
    "latitude le 31 and beds ne 7", "",
    "geo.bbox(-98,30,-97,31) and (beds eq 1 or sqft eq null) and (longitude le -97 or longitude eq null)", "",
    "geo.bbox(179,-10,-179,10) and (longitude le -97 or beds eq 1)", "",
};

static void fill_shelf(void)
{
    static const char *const cities[] = {"austin", "dallas", "waco"};

    for (int i = 0; i < 12; i++) {
        char title[24];
        hc_value *row;

        snprintf(title, sizeof(title), "creek%d", i);
        row = shelf_add(title, 100 * (i + 1));
        put_text(row, P(city_norm), cities[i % 3]);
        put_int(row, P(status), 1 + i % 3);
        if (i % 4 != 0)
            put_int(row, P(beds), i % 4);
        if (i % 2 == 0)
            put_int(row, P(list_date), 18300 + i);
        put_int(row, P(latitude), INT64_C(3000000000) + i * 20000000);
        put_int(row, P(longitude), INT64_C(-9700000000) - i * 5000000);
        put_int(row, P(display_address_ok), i % 5 != 0);
        if (i % 3 != 0)
            put_text(row, P(words_title), " zqcreek ");
        if (i % 3 != 1)
            put_text(row, P(words_text), i % 2 == 0 ? " zqcreek zqhouse " : " zqcreek ");
    }
}

static void tell_plan(hc__buf *out)
{
    hc__buf plan;
    hc_status status;

    hc__buf_init(&plan, &mem);
    hc__query_print(out, &query);
    hc__buf_text(out, "\norder by ");
    hc__query_print_sort(out, &query);
    hc__buf_char(out, '\n');
    status = hc__list_explain(&plan, &query, &reader, NULL, NULL, &err);
    if (status == HC_OK)
        hc__buf_text(out, plan.data);
    else
        hc__buf_format(out, "%d %s: %s\n", (int)status, err.field, err.message);
    hc__buf_free(&plan);
}

static const char *index_name(int32_t index)
{
    return index == HC_INDEX_ID ? "id" : index == HC_INDEX_ANY ? "any" : hc__property_entity.kind.indexes[index].name;
}

static void tell_page(hc__buf *out)
{
    hc_status status = run_list();

    if (status < 0) {
        hc__buf_format(out, "page: %d %s: %s\n", (int)status, err.field, err.message);
        return;
    }
    hc__buf_format(out, "page: %zu rows%s%s%s, %lld examined, %lld counted, total %lld%s; %zu trips\n", page.count,
                   page.next != NULL ? ", next" : "", page.is_short ? ", short" : "",
                   page.is_capped ? ", capped" : "", (long long)page.examined,
                   (long long)page.counted, (long long)page.total, page.total_is_exact ? "" : " or more",
                   shelf.batches);
    for (size_t i = 0; i < page.count; i++)
        hc__buf_format(out, "%s%d", i == 0 ? "  rows " : " ", (int)hc__record_id(&page.rows[i], P(id)).bytes[2]);
    hc__buf_text(out, page.count > 0 ? "\n" : "");
    for (size_t i = 0; i < shelf.ops && i < OPS_TOLD; i++) {
        const struct seen *op = &shelf.seen[i];

        hc__buf_format(out, "  index %s, limit %lld of %lld, order", index_name(op->index), (long long)op->limit,
                       (long long)op->scan_limit);
        for (size_t key = 0; key < op->order_count && key < 2; key++)
            hc__buf_format(out, " %s%s", (op->order[key].flags & HC_ORDER_DESCENDING) != 0 ? "-" : "",
                           op->order[key].field == HC_ORDER_ARRIVAL
                               ? "arrival"
                               : hc__property_entity.kind.fields[op->order[key].field].name);
        hc__buf_format(out, ": %s | %s\n", op->where, op->filter);
    }
}

static void rows_of_page(char out[400])
{
    out[0] = '\0';
    for (size_t i = 0; i < page.count; i++)
        snprintf(out + strlen(out), 400 - strlen(out), " %d", (int)hc__record_id(&page.rows[i], P(id)).bytes[2]);
}

/* Where more rows match than may be looked up, the walk in order: a page of it is the beginning of the whole. */
static void tell_cut(hc__buf *out)
{
    char whole[400], rows[400];

    rows_of_page(whole);
    page = (hc__list){0};
    shelf.stop = 2;
    hc__buf_text(out, "-- cut\n");
    tell_page(out);
    shelf.stop = 0;
    rows_of_page(rows);
    ck_assert_msg(page.is_capped || strncmp(whole, rows, strlen(rows)) == 0, "%s is no beginning of %s", rows,
                  whole);
}

static void tell(hc__buf *out)
{
    for (int entitled = 1; entitled >= 0; entitled--) {
        reader.entitled = entitled == 1;
        hc__buf_format(out, "-- %s\n", reader.entitled ? "entitled" : "not entitled");
        if (reader.entitled)
            tell_plan(out);
        page = (hc__list){0};
        tell_page(out);
        if (reader.entitled)
            tell_cut(out);
    }
    hc__buf_char(out, '\n');
}

static void tell_all(hc__buf *out)
{
    fill_shelf();
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        ask(strings[i]);
        hc__buf_format(out, "? %s\n", strings[i]);
        tell(out);
    }
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i += 2) {
        ask_filter(filters[i], filters[i + 1][0] == '\0' ? NULL : filters[i + 1]);
        hc__buf_format(out, "$ %s by %s\n", filters[i], filters[i + 1]);
        tell(out);
    }
}

START_TEST(plans_are_the_ones_that_were_looked_at)
{
    static char expected[GOLDEN_SIZE];
    const char *mode = getenv("HC_GOLDEN"), *path = HC_SOURCE_DIR "/tests/unit/query/golden/plans.txt";
    bool write = mode != NULL && strcmp(mode, "write") == 0;
    FILE *file = fopen(path, write ? "w" : "r");
    hc__buf out;

    hc__buf_init(&out, &mem);
    tell_all(&out);
    ck_assert_msg(file != NULL, "%s cannot be opened", path);
    if (write) {
        ck_assert_uint_eq(fwrite(out.data, 1, out.size, file), out.size);
    } else {
        size_t size = fread(expected, 1, sizeof(expected), file);

        ck_assert_msg(size == out.size && memcmp(expected, out.data, size) == 0,
                      "the plans differ from %s: look at them with HC_GOLDEN=write and git diff", path);
    }
    ck_assert_int_eq(fclose(file), 0);
    hc__buf_free(&out);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, plans_are_the_ones_that_were_looked_at);
}

int main(void)
{
    return suite_main("unit.query.plans", fill, shelf_open, shelf_close);
}
