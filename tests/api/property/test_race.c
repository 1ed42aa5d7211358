/* Two callers at once: who loses is told, and nothing is overwritten or made twice. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "house.h"

#define RACERS 4
#define ROUNDS 12

struct racer {
    pthread_t thread;
    pthread_barrier_t *start;
    hc_session *as;
    int number;
    hc_status status;
    hc_id id;
    hc_error err;
};

static void race(struct racer racers[RACERS], void *(*run)(void *racer))
{
    pthread_barrier_t start;

    pthread_barrier_init(&start, NULL, RACERS);
    for (int i = 0; i < RACERS; i++) {
        racers[i].start = &start;
        racers[i].number = i;
        ck_assert_int_eq(pthread_create(&racers[i].thread, NULL, run, &racers[i]), 0);
    }
    for (int i = 0; i < RACERS; i++)
        pthread_join(racers[i].thread, NULL);
    pthread_barrier_destroy(&start);
}

static int32_t version_now;

static void *save(void *data)
{
    struct racer *racer = data;
    hc_property *edit = hc_property_for(house.client, house.anas_ids[0], version_now);

    hc_property_set_price(edit, 1000 + racer->number);
    pthread_barrier_wait(racer->start);
    racer->status = hc_property_update(NULL, racer->as, edit, &racer->err);
    hc_property_free(edit);
    return NULL;
}

/* P12 */
START_TEST(of_those_who_save_one_version_one_wins)
{
    struct racer racers[RACERS] = {{.as = house.ana}, {.as = house.admin}, {.as = house.system}, {.as = NULL}};
    hc_session *second = house_login("ana@example.com", HOUSE_PASSWORD);

    racers[3].as = second;
    version_now = 1;
    for (int round = 0; round < ROUNDS; round++) {
        int won = -1;
        hc_property *row;
        race(racers, save);
        for (int i = 0; i < RACERS; i++) {
            if (racers[i].status == HC_OK) {
                ck_assert_int_eq(won, -1);
                won = i;
                continue;
            }
            ck_assert_msg(racers[i].status == HC_ERR_CONFLICT, "%s: %s", hc_status_name(racers[i].status),
                          racers[i].err.message);
            ck_assert_int_eq(racers[i].err.detail, version_now + 1);
        }
        ck_assert_int_ge(won, 0);
        row = house_read(house.system, house.anas_ids[0]);
        ck_assert_int_eq(hc_property_version(row), version_now + 1);
        ck_assert_int_eq(hc_property_price(row), 1000 + won);
        hc_property_free(row);
        house_count(RACERS);
        /* so that no racer finds its own price there already */
        row = hc_property_for(house.client, house.anas_ids[0], version_now + 1);
        hc_property_set_price(row, 5);
        HOUSE_OK(hc_property_update(&version_now, house.system, row, err));
        hc_property_free(row);
    }
    hc_session_free(second);
}
END_TEST

static char key[32];

static void *create(void *data)
{
    struct racer *racer = data;
    hc_property *home = house_sketch("Raced", 100);

    hc_session_set_idempotency_key(racer->as, key, NULL);
    pthread_barrier_wait(racer->start);
    racer->status = hc_property_create(&racer->id, racer->as, home, &racer->err);
    hc_property_free(home);
    return NULL;
}

/* P14 */
START_TEST(one_key_makes_one_listing)
{
    struct racer racers[RACERS] = {{.as = NULL}};

    for (int i = 0; i < RACERS; i++)
        racers[i].as = house_login("ana@example.com", HOUSE_PASSWORD);
    for (int round = 1; round <= ROUNDS; round++) {
        int fresh = 0;
        snprintf(key, sizeof key, "round-%d", round);
        race(racers, create);
        for (int i = 0; i < RACERS; i++) {
            fresh += racers[i].status == HC_OK;
            ck_assert_msg(racers[i].status == HC_OK || racers[i].status == HC_NOTE_REPLAYED, "%s: %s",
                          hc_status_name(racers[i].status), racers[i].err.message);
            ck_assert_mem_eq(&racers[i].id, &racers[0].id, sizeof(hc_id));
        }
        ck_assert_int_eq(fresh, 1);
        ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title='Raced'"), round);
        house_count(RACERS);
    }
    for (int i = 0; i < RACERS; i++)
        hc_session_free(racers[i].as);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, of_those_who_save_one_version_one_wins);
    tcase_add_test(tcase, one_key_makes_one_listing);
}

int main(void)
{
    return suite_main("api.property.race", fill, house_open, house_close);
}
