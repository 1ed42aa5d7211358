#include "data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EPOCH INT64_C(1735689600000000) /* 2025-01-01 */
#define STEP  INT64_C(30000000)         /* half a minute between listings */

uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

void line_digest(uint64_t out[4], const char *line)
{
    size_t size = strlen(line), at = 0;
    uint64_t hash = size, word = 0;

    for (; size - at >= 8; at += 8) {
        memcpy(&word, line + at, 8);
        hash = mix(hash ^ word);
    }
    word = 0;
    memcpy(&word, line + at, size - at);
    hash = mix(hash ^ word);
    for (uint64_t i = 0; i < 4; i++)
        out[i] = mix(hash + i);
}

/* 0 .. count - 1, the k-th about 1/(k+1) as often as the first. */
static int zipf(uint64_t hash, int count)
{
    double u = (double)(hash >> 11) / 9007199254740992.0;
    int at = (int)exp(u * log((double)count + 1)) - 1;

    return at < 0 ? 0 : at >= count ? count - 1 : at;
}

static void syllables(char *out, uint64_t hash, int count)
{
    static const char *const parts[] = {"ca",  "do", "ri",  "mel", "tan", "bro", "sil", "ver", "lo",  "wen",
                                        "har", "ti", "nor", "es",  "ka",  "mi",  "ash", "bel", "gra", "ul"};

    *out = '\0';
    for (int i = 0; i < count; i++, hash /= 20)
        strcat(out, parts[hash % 20]);
}

int city_of(uint64_t number)
{
    return zipf(mix(number * 7 + 1), CITIES);
}

void city_name(char out[32], int city)
{
    syllables(out, (uint64_t)city + 400 * 20, 3);
    out[0] = (char)(out[0] - 'a' + 'A');
    strcat(out, city % 3 == 0 ? " City" : city % 3 == 1 ? "ton" : "");
}

void city_centre(int city, int64_t *latitude, int64_t *longitude)
{
    uint64_t hash = mix((uint64_t)city + 99);

    *latitude = 3000000000 + (int64_t)(hash % 1700000000);
    *longitude = -12000000000 + (int64_t)(hash / 1700000000 % 4500000000);
}

const char *word_at(int rank)
{
    static char words[WORDS][16];

    if (words[rank][0] == '\0')
        syllables(words[rank], (uint64_t)rank * 13 + 160000, rank < 200 ? 2 + rank % 2 : 4);
    return words[rank];
}

static void put_id(uint8_t id[16], int64_t micros, uint64_t number)
{
    uint64_t millis = (uint64_t)micros / 1000, noise = mix(number ^ 0xabcdef);

    for (int i = 0; i < 6; i++)
        id[i] = (uint8_t)(millis >> (40 - 8 * i));
    for (int i = 6; i < 16; i++)
        id[i] = (uint8_t)(mix(noise + (uint64_t)i) >> 7);
    id[6] = (uint8_t)(0x70 | (id[6] & 15));
    id[8] = (uint8_t)(0x80 | (id[8] & 63));
}

static void put_texts(struct listing *out, uint64_t number, uint64_t hash)
{
    static const char *const kinds[] = {"house", "apartment", "condo", "land"};
    static const char *const adjectives[] = {"Bright", "Quiet",    "Modern",   "Classic",
                                             "Sunny",  "Spacious", "Charming", "Cosy"};
    int words = 28 + (int)(hash % 16);
    size_t size = 0;

    snprintf(out->title, sizeof(out->title), "%s %d-bed %s near %.15s %.15s", adjectives[hash >> 8 & 7], out->beds,
             kinds[out->type], word_at(zipf(mix(hash + 1), WORDS)), word_at(zipf(mix(hash + 2), WORDS)));
    for (int i = 0; i < words && size + 20 < sizeof(out->description); i++)
        size += (size_t)snprintf(out->description + size, sizeof(out->description) - size, "%s%s", i > 0 ? " " : "",
                                 word_at(zipf(mix(hash + 10 + (uint64_t)i), WORDS)));
    snprintf(out->address, sizeof(out->address), "%d %.15s Street", (int)(hash >> 20 & 4095) + 1,
             word_at((int)((hash >> 32) % WORDS)));
    snprintf(out->key, sizeof(out->key), "B%010llu", (unsigned long long)number);
}

void listing_make(struct listing *out, uint64_t number)
{
    static const char *const states[] = {"TX", "CA", "WA", "OR", "NV", "AZ", "NM", "CO", "UT", "ID"};
    uint64_t hash = mix(number), more = mix(hash);
    int city = city_of(number), luck = (int)(more % 100);

    memset(out, 0, sizeof(*out));
    out->created = EPOCH + (int64_t)number * STEP;
    put_id(out->id, out->created, number);
    put_id(out->agent, EPOCH - STEP, (uint64_t)((hash >> 16) % AGENTS) + 1000000007);
    city_name(out->city, city);
    city_centre(city, &out->latitude, &out->longitude);
    out->latitude += (int64_t)(hash % 20000000) - 10000000;
    out->longitude += (int64_t)(more % 20000000) - 10000000;
    strcpy(out->state, states[city % 10]);
    snprintf(out->zip, sizeof(out->zip), "%05u",
             10000u + (unsigned)(city * 17) % 80000u + (unsigned)((hash >> 24) % 3));
    out->type = luck < 60 ? 0 : luck < 80 ? 1 : luck < 95 ? 2 : 3;
    out->beds = (int32_t)(hash >> 40) % 7;
    out->baths = (int32_t)(more >> 40) % 9 * 50 + 100;
    out->sqft = 400 + (int32_t)(hash >> 44) % 4600;
    out->lot = 1000 + (int32_t)(more >> 44) % 20000;
    out->year = 1900 + (int32_t)(hash >> 50) % 126;
    out->price = 10000000 + (int64_t)exp((double)(more >> 11) / 9007199254740992.0 * 5.3) * 1000000 +
                 (int64_t)(hash >> 30 & 0x3ff) * 10000;
    out->list_date = (int32_t)(out->created / INT64_C(86400000000));
    luck = (int)(mix(more) % 100);
    out->status = luck < 80 ? "active" : luck < 88 ? "pending" : luck < 96 ? "sold" : NULL;
    out->standard = luck < 80 ? "Active" : luck < 88 ? "Pending" : luck < 96 ? "Closed" : "Withdrawn";
    put_texts(out, number, hash);
}

int64_t metres_between(int64_t lat1, int64_t lng1, int64_t lat2, int64_t lng2)
{
    const double unit = 3.14159265358979323846 / 180e8;
    double a = sin((double)(lat2 - lat1) * unit / 2), b = sin((double)(lng2 - lng1) * unit / 2);

    a = a * a + cos((double)lat1 * unit) * cos((double)lat2 * unit) * b * b;
    return (int64_t)(2 * 6371008.8 * asin(sqrt(a < 1 ? a : 1)) + 0.5);
}

/* ---- what is derived, as the library stores it ---- */

void mint_id(uint8_t id[16], int64_t micros)
{
    static _Thread_local uint64_t minted;
    uint64_t millis = (uint64_t)micros / 1000, noise = mix(++minted ^ (uint64_t)(uintptr_t)&minted);

    for (int i = 0; i < 6; i++)
        id[i] = (uint8_t)(millis >> (40 - 8 * i));
    id[6] = (uint8_t)(0x70 | (minted >> 8 & 15));
    id[7] = (uint8_t)minted;
    memcpy(id + 8, &noise, 8);
    id[8] = (uint8_t)(0x80 | (id[8] & 63));
}

int64_t listing_per_sqft(const struct listing *l)
{
    int64_t each = l->price / l->sqft, twice = 2 * (l->price % l->sqft);

    return each + (twice > l->sqft || (twice == l->sqft && each % 2 != 0)); /* half to even */
}

void text_lower(char *out, const char *text)
{
    for (; *text != '\0'; text++)
        *out++ = (char)(*text >= 'A' && *text <= 'Z' ? *text + 32 : *text);
    *out = '\0';
}

struct word_set {
    char *text;
    size_t size;
    uint16_t first[512]; /* 1 + where a word of this hash begins */
};

/* Each word once: "zq", then its letters and digits, z doubled. */
static void add_words(struct word_set *set, const char *text)
{
    for (bool end = false; !end;) {
        size_t start = set->size, size;
        uint32_t hash = 2166136261;

        memcpy(set->text + start, "zq", 2);
        size = 2;
        for (; (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') || (*text >= '0' && *text <= '9');
             text++) {
            char c = (char)(*text >= 'A' && *text <= 'Z' ? *text + 32 : *text);

            set->text[start + size++] = c;
            if (c == 'z')
                set->text[start + size++] = c;
            hash = (hash ^ (uint8_t)c) * 16777619;
        }
        end = *text++ == '\0';
        set->text[start + size] = ' ';
        for (hash %= 512; size > 2 && set->first[hash] != 0; hash = (hash + 1) % 512)
            if (memcmp(set->text + set->first[hash] - 1, set->text + start, size + 1) == 0)
                size = 2;
        if (size > 2) {
            set->first[hash] = (uint16_t)(start + 1);
            set->size = start + size + 1;
        }
    }
}

static size_t words_of(char *out, const char *const *texts, size_t count)
{
    struct word_set set = {.text = out};

    for (size_t i = 0; i < count; i++)
        add_words(&set, texts[i]);
    return set.size == 0 ? 0 : set.size - 1;
}

void listing_words(struct listing_words *out, const struct listing *l)
{
    const char *const place[] = {l->city, l->zip, l->address}, *title = l->title, *text = l->description;

    out->sizes[0] = words_of(out->texts[0], &title, 1);
    out->sizes[1] = words_of(out->texts[1], place, 3);
    out->sizes[2] = words_of(out->texts[2], &text, 1);
}

/* ---- CSV ---- */

const char csv_mapping[] =
    "{\"source_system\": \"bench\", \"key\": \"key\", \"fields\": {\"title\": \"title\", \"description\": "
    "\"description\","
    " \"price\": \"price\", \"address\": \"address\", \"city\": \"city\", \"state\": \"state\", \"zip_code\": \"zip\","
    " \"beds\": \"beds\", \"baths\": \"baths\", \"sqft\": \"sqft\", \"lot_sqft\": \"lot\", \"year_built\": \"year\","
    " \"latitude\": \"lat\", \"longitude\": \"lng\", \"property_type\": \"type\", \"standard_status\": \"status\","
    " \"list_date\": \"list_date\", \"currency\": {\"const\": \"USD\"}}}";

const char *const listing_types[] = {"house", "apartment", "condo", "land"};

static void put_degrees(FILE *file, int64_t units)
{
    int64_t size = units < 0 ? -units : units;

    fprintf(file, ",%s%lld.%08lld", units < 0 ? "-" : "", (long long)(size / 100000000), (long long)(size % 100000000));
}

bool csv_write(const char *path, uint64_t first, uint64_t count)
{
    FILE *file = fopen(path, "w");
    struct listing l;

    if (file == NULL)
        return false;
    fputs("key,title,description,price,address,city,state,zip,beds,baths,sqft,lot,year,lat,lng,type,status,list_date\n",
          file);
    for (uint64_t i = first; i < first + count; i++) {
        time_t day;
        char date[16];

        listing_make(&l, i);
        day = (time_t)l.list_date * 86400;
        strftime(date, sizeof(date), "%Y-%m-%d", gmtime(&day));
        fprintf(file, "%s,%s,%s,%lld.%02lld,%s,%s,%s,%s,%d,%d.%02d,%d,%d,%d", l.key, l.title, l.description,
                (long long)(l.price / 100), (long long)(l.price % 100), l.address, l.city, l.state, l.zip, l.beds,
                l.baths / 100, l.baths % 100, l.sqft, l.lot, l.year);
        put_degrees(file, l.latitude);
        put_degrees(file, l.longitude);
        fprintf(file, ",%s,%s,%s\n", listing_types[l.type], strcmp(l.standard, "Closed") == 0 ? "Active" : l.standard,
                date);
    }
    return fclose(file) == 0;
}

/* Exact: "12.5" at scale 2 is 1250. */
static int64_t units_of(const char *text, int scale)
{
    bool negative = *text == '-', point = false;
    int64_t out = 0;

    for (text += negative; *text != '\0' && (!point || scale > 0); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        out = out * 10 + (*text - '0');
        scale -= point;
    }
    while (scale-- > 0)
        out *= 10;
    return negative ? -out : out;
}

static int32_t day_of(const char *date) /* YYYY-MM-DD; days from the civil calendar, H. Hinnant */
{
    int y = atoi(date), m = atoi(date + 5), d = atoi(date + 8);
    int era, yoe, doy;

    y -= m <= 2;
    era = y / 400;
    yoe = y - era * 400;
    doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void copy(char *out, size_t size, const char *text)
{
    size_t length = strlen(text);

    length = length >= size ? size - 1 : length;
    memcpy(out, text, length);
    out[length] = '\0';
}

bool csv_read(struct listing *out, char *line)
{
    char *cells[18];
    size_t count = 0;

    line[strcspn(line, "\r\n")] = '\0';
    for (char *at = line; at != NULL && count < 18; count++) {
        cells[count] = at;
        at = strchr(at, ',');
        if (at != NULL)
            *at++ = '\0';
    }
    if (count != 18)
        return false;
    copy(out->key, sizeof(out->key), cells[0]);
    copy(out->title, sizeof(out->title), cells[1]);
    copy(out->description, sizeof(out->description), cells[2]);
    out->price = units_of(cells[3], 2);
    copy(out->address, sizeof(out->address), cells[4]);
    copy(out->city, sizeof(out->city), cells[5]);
    copy(out->state, sizeof(out->state), cells[6]);
    copy(out->zip, sizeof(out->zip), cells[7]);
    out->beds = (int32_t)units_of(cells[8], 0);
    out->baths = (int32_t)units_of(cells[9], 2);
    out->sqft = (int32_t)units_of(cells[10], 0);
    out->lot = (int32_t)units_of(cells[11], 0);
    out->year = (int32_t)units_of(cells[12], 0);
    out->latitude = units_of(cells[13], 8);
    out->longitude = units_of(cells[14], 8);
    for (out->type = 0; out->type < 3 && strcmp(listing_types[out->type], cells[15]) != 0;)
        out->type++;
    out->standard = strcmp(cells[16], "Active") == 0    ? "Active"
                    : strcmp(cells[16], "Pending") == 0 ? "Pending"
                                                        : "Withdrawn";
    out->status = strcmp(cells[16], "Active") == 0 ? "active" : strcmp(cells[16], "Pending") == 0 ? "pending" : NULL;
    out->list_date = day_of(cells[17]);
    return true;
}
