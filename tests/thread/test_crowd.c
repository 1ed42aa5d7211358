/* More callers than connections: each gets its own answer, whoever it went along with. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "house.h"

#define CROWD  24 /* on a pool of 8 */
#define ROUNDS 120

/* What a member of the crowd is about. */
enum { FINDS, MISSES, IS_DENIED, IS_STOPPED, IS_PUT_OUT, KINDS };

typedef struct member {
    pthread_t thread;
    hc_session *as;
    int kind;
    hc_id id;
    int rounds; /* who is to be put out goes on until then */
    int ok, cancelled, unauthenticated;
    atomic_bool *out; /* its sign-in has ended */
    hc_status wrong;  /* an answer that is not its own */
} member;

static void note(member *me, hc_status status, hc_property *found, bool was_out)
{
    hc_status expected = me->kind == MISSES || me->kind == IS_DENIED ? HC_ERR_NOT_FOUND : HC_OK;

    if (me->kind == IS_STOPPED && status == HC_ERR_CANCELLED) {
        me->cancelled++;
        return;
    }
    if (me->kind == IS_PUT_OUT && status == HC_ERR_UNAUTHENTICATED) {
        me->unauthenticated++;
        return;
    }
    if (status != expected || was_out || (found != NULL) != (status == HC_OK))
        me->wrong = status == HC_OK ? HC_ERR_INTERNAL : status;
    else if (found != NULL && memcmp(hc_property_id(found).bytes, me->id.bytes, sizeof me->id.bytes) != 0)
        me->wrong = HC_ERR_CORRUPT;
    me->ok++;
}

static void *ask(void *data)
{
    member *me = data;

    for (me->rounds = 0; me->rounds < ROUNDS || (me->kind == IS_PUT_OUT && me->unauthenticated == 0); me->rounds++) {
        bool was_out = atomic_load(me->out);
        hc_property *found = NULL;
        hc_error err;
        hc_status status = hc_property_get(&found, me->as, me->id, &err);

        note(me, status, found, was_out && me->kind == IS_PUT_OUT);
        hc_property_free(found);
    }
    return NULL;
}

static hc_id id_of(int kind)
{
    hc_id unknown = house.anas_ids[0];

    unknown.bytes[15] ^= 1;
    return kind == MISSES ? unknown : kind == IS_DENIED ? house.anas_ids[2] : house.anas_ids[kind % 2];
}

static hc_session *session_of(int kind)
{
    return kind == IS_DENIED ? house_login("ben@example.com", HOUSE_PASSWORD)
                             : house_login("ana@example.com", HOUSE_PASSWORD);
}

START_TEST(each_gets_its_own_answer)
{
    static member crowd[CROWD];
    hc_session *leaving = session_of(IS_PUT_OUT), *again = NULL;
    atomic_bool out = false;
    int stopped = 0, put_out = 0, rounds = 0;

    memset(crowd, 0, sizeof crowd);
    for (int i = 0; i < CROWD; i++) {
        member *me = &crowd[i];
        const char *token = hc_session_token(leaving);

        *me = (member){.kind = i % KINDS, .id = id_of(i % KINDS), .out = &out};
        if (me->kind == IS_PUT_OUT)
            HOUSE_OK(hc_session_open(&me->as, house.client, token, strlen(token), NULL, err));
        else
            me->as = session_of(me->kind);
    }
    for (int i = 0; i < CROWD; i++)
        ck_assert_int_eq(pthread_create(&crowd[i].thread, NULL, ask, &crowd[i]), 0);
    for (int i = 0; i < 200; i++) {
        for (int k = IS_STOPPED; k < CROWD; k += KINDS)
            hc_session_interrupt(crowd[k].as);
        usleep(200);
        if (i == 20) {
            HOUSE_OK(hc_auth_logout(leaving, err));
            atomic_store(&out, true);
        }
    }
    for (int i = 0; i < CROWD; i++) {
        pthread_join(crowd[i].thread, NULL);
        ck_assert_msg(crowd[i].wrong == 0, "%d, who %d: %s", i, crowd[i].kind, hc_status_name(crowd[i].wrong));
        ck_assert_int_eq(crowd[i].ok + crowd[i].cancelled + crowd[i].unauthenticated, crowd[i].rounds);
        stopped += crowd[i].cancelled;
        put_out += crowd[i].unauthenticated;
        rounds += crowd[i].rounds;
        hc_session_free(crowd[i].as);
    }
    house_count(rounds);
    ck_assert_int_gt(stopped, 0);
    ck_assert_int_gt(put_out, 0);
    HOUSE_OK(hc_session_open(&again, house.client, hc_session_token(house.bea), strlen(hc_session_token(house.bea)),
                             NULL, err));
    hc_session_free(again);
    hc_session_free(leaving);
}
END_TEST

START_TEST(a_race_is_noticed)
{
    suite_finds_race("each_gets_its_own_answer");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, each_gets_its_own_answer);
    tcase_add_test(tcase, a_race_is_noticed);
}

int main(void)
{
    return suite_main("thread.crowd", fill, house_open, house_close);
}
