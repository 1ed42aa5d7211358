/* Processes that write one store at once: each gets its turn, and no update is lost. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "house.h"

#define WRITERS     8
#define UPDATES     20 /* of each */
#define STARVATION  (10 * HOUSE_SECOND)
#define START_PRICE 100000

static int64_t micros(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * INT64_C(1000000) + at.tv_nsec / 1000;
}

/* Adds a cent `updates` times; the longest wait of a call goes to `slowest`. Ends the process. */
static void write_on(const char *token, hc_id shared, int updates, int64_t *slowest)
{
    hc_session *as = NULL;
    hc_error err = {0};

    house_client();
    HOUSE_OK(hc_session_open(&as, house.client, token, strlen(token), NULL, err));
    for (int done = 0; done < updates;) {
        hc_property *home = house_read(as, shared), *edit = hc_property_edit(home);
        int64_t from = micros(), took;
        hc_status status;

        hc_property_set_price(edit, hc_property_price(home) + 1);
        status = hc_property_update(NULL, as, edit, &err);
        took = micros() - from;
        *slowest = took > *slowest ? took : *slowest;
        done += status == HC_OK;
        if (status < 0 && status != HC_ERR_CONFLICT) {
            fprintf(stderr, "writer: %s %s\n", hc_status_name(status), err.message);
            _exit(2);
        }
        hc_property_free(edit);
        hc_property_free(home);
    }
    hc_session_free(as);
    house_leave();
    _exit(0);
}

/* In a new house, which the caller closes. *version, *price: what the listing has at the end. Returns the longest wait.
 */
static int64_t write_all(int32_t *version, int64_t *price, int updates)
{
    int64_t *slowest = mmap(NULL, WRITERS * sizeof *slowest, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int64_t most = 0;
    char token[8192];
    pid_t writers[WRITERS];
    hc_property *home;
    hc_id shared;

    house_open();
    shared = house_list_home(house.ana, "Everybody's", START_PRICE);
    snprintf(token, sizeof token, "%s", hc_session_token(house.ana));
    house_leave(); /* a child does not inherit an open store */
    fflush(stdout);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = fork();
        ck_assert_int_ge(writers[i], 0);
        if (writers[i] == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            write_on(token, shared, updates, &slowest[i]);
        }
    }
    for (int i = 0; i < WRITERS; i++) {
        int how;

        ck_assert_int_eq(waitpid(writers[i], &how, 0), writers[i]);
        ck_assert_msg(how == 0, "writer %d ended with %d", i, how);
        most = slowest[i] > most ? slowest[i] : most;
    }
    house_client();
    HOUSE_OK(hc_session_open(&house.ana, house.client, token, strlen(token), NULL, err));
    home = house_read(house.ana, shared);
    *version = hc_property_version(home);
    *price = hc_property_price(home);
    hc_property_free(home);
    munmap(slowest, WRITERS * sizeof *slowest);
    return most;
}

/* S07 */
START_TEST(eight_processes_write_in_turn_and_lose_no_update)
{
    int32_t version;
    int64_t price, most = write_all(&version, &price, UPDATES);

    ck_assert_int_eq(version, 1 + WRITERS * UPDATES);
    ck_assert_int_eq(price, START_PRICE + WRITERS * UPDATES);
    printf("writers: %d processes, %d updates, the slowest call took %lld ms\n", WRITERS, WRITERS * UPDATES,
           (long long)(most / 1000));
    ck_assert_int_lt(most, STARVATION);
    house_close();
}
END_TEST

/* Without the look at the version updates are lost, and the price tells. */
START_TEST(updates_that_get_lost_are_noticed)
{
    int32_t version;
    int64_t price;

    setenv("HC_BUG", "no-version-check", 1);
    (void)write_all(&version, &price, UPDATES);
    unsetenv("HC_BUG");
    ck_assert_msg(price < START_PRICE + WRITERS * UPDATES, "HC_BUG=no-version-check was not found");
    printf("HC_BUG=no-version-check found: %lld of %d updates are there\n", (long long)(price - START_PRICE),
           WRITERS * UPDATES);
    house_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, eight_processes_write_in_turn_and_lose_no_update);
    tcase_add_test(tcase, updates_that_get_lost_are_noticed);
}

int main(void)
{
    return suite_main("fault.writers", fill, NULL, NULL);
}
