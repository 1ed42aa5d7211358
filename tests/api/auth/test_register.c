/* Registration: one answer for a new and a known address, one account for one address, and passwords that are no
 * passwords. */
#include <pthread.h>
#include <stdio.h>

#include "house.h"
#include "passwords.h"

#define GOOD "seven herons in the reeds"
#define ROWS "SELECT count(*) FROM users"

static hc_status enrol(hc_session *guest, const char *email, const char *name, const char *password, size_t size,
                       hc_error *err)
{
    hc_registration who = HC_REGISTRATION_INIT;

    who.email = email;
    who.full_name = name;
    who.password = password;
    who.password_size = size;
    return hc_auth_register(guest, &who, err);
}

#define ENROL(email, password) enrol(house.guest, email, "Cleo Caller", password, strlen(password), err)

static void refused(const char *email, const char *name, const char *password, size_t size, const char *field)
{
    snapshot before = house_snapshot();

    printf("refused: %.64s\n", password == NULL ? "" : password);
    HOUSE_FAILS(enrol(house.guest, email, name, password, size, err), HC_ERR_INVALID, field);
    house_assert_unchanged_since(before);
}

static void password_refused(const char *password)
{
    refused("cleo.caller@cottage.example", "Cleopatra Caller", password, strlen(password), "password");
}

/* A03 */
START_TEST(who_registers_is_a_buyer)
{
    hc_session *as;

    HOUSE_OK(ENROL("cleo@example.com", GOOD));
    house_assert_audited("user_created", NULL);
    as = house_login("cleo@example.com", GOOD);
    ck_assert_int_eq(hc_session_role(as), HC_ROLE_BUYER);
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM users WHERE email='cleo@example.com' AND role='buyer' AND status='active'"
                  " AND email_verified_at IS NULL AND version=1"),
        1);
    hc_session_free(as);
}
END_TEST

/* A03: what is not theirs to write is refused, by name, and noted. */
START_TEST(a_profile_takes_no_field_of_the_librarys)
{
    static const struct {
        const char *json, *field;
    } tries[] = {
        {"{\"role\":\"admin\"}", "role"},
        {"{\"status\":\"active\"}", "status"},
        {"{\"email_verified_at\":\"2025-01-01T00:00:00Z\"}", "email_verified_at"},
        {"{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\"}", "id"},
        {"{\"created_at\":\"2025-01-01T00:00:00Z\"}", "created_at"},
        {"{\"password_hash\":\"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$x\"}", "password_hash"},
        {"{\"version\":7}", "version"},
        {"{\"token_epoch\":7}", "token_epoch"},
        {"{\"is_verified\":true}", "is_verified"},
        {"{\"full_name\":\"B\",\"role\":\"admin\"}", "role"},
    };

    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        hc_user *changes = hc_user_for(house.client, house.bea_id, 1);
        snapshot before = house_snapshot();
        hc_error first = {0}, second = {0};
        hc_status status = hc_user_from_json(changes, tries[i].json, strlen(tries[i].json), &first);
        hc_status update = hc_user_update(NULL, house.bea, changes, &second);

        /* what nobody may write the record refuses, what an admin may the update */
        ck_assert_str_eq(status < 0 ? first.field : second.field, tries[i].field);
        ck_assert_msg(update == HC_ERR_FORBIDDEN || (update == HC_ERR_INVALID && status < 0), "%s: %s", tries[i].json,
                      hc_status_name(update));
        house_assert_unchanged_since(before);
        if (status >= 0)
            house_assert_audited("input_validation_fail", house.bea);
        hc_user_free(changes);
    }
}
END_TEST

/* Two accounts, and an error that is there already stays as it is. */
START_TEST(who_registers_has_an_account_of_their_own)
{
    hc_error kept = {.status = HC_ERR_BUSY};
    hc_session *cleo, *dora;
    hc_id one, other;
    hc_status status;

    HOUSE_OK(ENROL("cleo@example.com", GOOD));
    status = enrol(house.guest, "dora@example.com", "Dora Caller", GOOD, strlen(GOOD), &kept);
    house_count(1);
    ck_assert_int_eq(status, HC_OK);
    ck_assert_int_eq(kept.status, HC_ERR_BUSY);
    cleo = house_login("cleo@example.com", GOOD);
    dora = house_login("dora@example.com", GOOD);
    one = hc_session_user_id(cleo);
    other = hc_session_user_id(dora);
    ck_assert_mem_ne(&one, &other, sizeof one);
    hc_session_free(cleo);
    hc_session_free(dora);
}
END_TEST

START_TEST(a_session_that_registers_is_in_use)
{
    call_meanwhile(house.guest);
    HOUSE_OK(ENROL("cleo@example.com", GOOD));
    ck_assert_str_eq(meanwhile.err.message, "another call of this session is in flight");
}
END_TEST

/* A02 */
START_TEST(a_known_address_gets_the_same_answer)
{
    int64_t before, same = house_sql("SELECT count(*) FROM users WHERE email='bea@example.com'");
    snapshot held;

    (void)argon_runs();
    HOUSE_OK(ENROL("cleo@example.com", GOOD));
    ck_assert_int_eq(argon_runs(), 1);
    before = house_sql(ROWS);
    held = house_snapshot();
    HOUSE_OK(ENROL("bea@example.com", GOOD));
    HOUSE_OK(ENROL("BEA@example.com", GOOD));
    ck_assert_int_eq(argon_runs(), 2);
    ck_assert_int_eq(house_sql(ROWS), before);
    ck_assert_int_eq(same, 1);
    house_assert_unchanged_since(held); /* also: bea's password is bea's */
    house_assert_audited("user_created", NULL);
    hc_session_free(house_login("bea@example.com", HOUSE_PASSWORD));
}
END_TEST

/* A04 */
START_TEST(an_address_has_one_form)
{
    static char long_local[80], long_domain[300];
    static const char *const bad[] = {"",
                                      "cleo",
                                      "@x.com",
                                      "cleo@",
                                      "cleo@x",
                                      "cleo@x.com.",
                                      "cleo@.x.com",
                                      "cleo@x..com",
                                      ".cleo@x.com",
                                      "cleo.@x.com",
                                      "cl..eo@x.com",
                                      "cleo\xEF\xBC\xA0x.com",
                                      "cl\xC3\xA9o@x.com",
                                      "cleo@\xC3\xBCnion.example",
                                      "\"cleo\"@x.com",
                                      "\"e@attacker.example\"@x.com",
                                      "a@b@x.com",
                                      "cleo @x.com",
                                      "cleo@x.com\r\nBcc: all@x.com",
                                      "cleo@x.com\n",
                                      "\tcleo@x.com",
                                      "cleo@x.com\x7f",
                                      "cleo@-x.com",
                                      "cleo@x-.com",
                                      "cleo@x_y.com",
                                      "cleo@[127.0.0.1]",
                                      "cleo\xff@x.com"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused(bad[i], "Cleo Caller", GOOD, strlen(GOOD), "email");
    memset(long_local, 'c', 65);
    memcpy(long_local + 65, "@x.com", 7);
    refused(long_local, "Cleo Caller", GOOD, strlen(GOOD), "email");
    for (size_t i = 0; i + 1 < 256; i++)
        long_domain[i] = i % 60 == 59 ? '.' : 'd';
    memcpy(long_domain, "cleo@", 5);
    refused(long_domain, "Cleo Caller", GOOD, strlen(GOOD), "email");
    refused(NULL, "Cleo Caller", GOOD, strlen(GOOD), "email");
    HOUSE_OK(ENROL("  Cleo@X.com ", GOOD));
    HOUSE_OK(ENROL("cleo@x.COM", GOOD));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM users WHERE lower(trim(email))='cleo@x.com'"), 1);
}
END_TEST

struct racer {
    pthread_t thread;
    hc_session *guest;
    const char *email;
    hc_status status;
};

static void *race(void *data)
{
    struct racer *racer = data;

    racer->status = enrol(racer->guest, racer->email, "Cleo Caller", GOOD, strlen(GOOD), NULL);
    return NULL;
}

/* A05 */
START_TEST(two_at_once_make_one_account)
{
    struct racer racers[8];
    char email[64];

    for (int round = 0; round < 6; round++) {
        int64_t before = house_sql(ROWS);

        snprintf(email, sizeof email, "cleo%d@example.com", round);
        for (size_t i = 0; i < 8; i++) {
            racers[i].email = email;
            HOUSE_OK(hc_session_guest(&racers[i].guest, house.client, NULL, err));
        }
        for (size_t i = 0; i < 8; i++)
            ck_assert_int_eq(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
        for (size_t i = 0; i < 8; i++) {
            pthread_join(racers[i].thread, NULL);
            ck_assert_int_eq(racers[i].status, HC_OK);
            hc_session_free(racers[i].guest);
        }
        ck_assert_int_eq(house_sql(ROWS), before + 1);
        hc_session_free(house_login(email, GOOD));
    }
}
END_TEST

/* A06 */
START_TEST(a_password_has_a_length)
{
    static char longest[1026];
    static const char smile[] = "\xF0\x9F\x98\x80";
    char faces[64 * 4 + 1] = "";
    char nul[] = "seven herons in\0the reeds";

    password_refused("x");
    password_refused("14 chars, only");
    password_refused("ö9wq ü3xk ä7zp"); /* 14, in more bytes */
    password_refused("               ");
    password_refused("seven herons in \xff the reeds");
    password_refused("seven herons in \xC0\xAE the reeds");
    password_refused("seven herons in \xED\xA0\x80 the reeds");
    refused("cleo@x.com", "Cleo", nul, sizeof nul - 1, "password");
    refused("cleo@x.com", "Cleo", "", 0, "password");
    refused("cleo@x.com", "Cleo", NULL, 0, "password");
    refused("cleo@x.com", "Cleo", NULL, 20, "password");
    for (size_t i = 0; i < sizeof longest - 1; i++)
        longest[i] = (char)('a' + (i * i + i / 7) % 26);
    refused("cleo@x.com", "Cleo", longest, 1025, "password");
    refused("cleo@x.com", "Cleo", longest, (size_t)1 << 20, "password");
    HOUSE_OK(enrol(house.guest, "long@x.com", "Cleo", longest, 1024, err));
    longest[1024] = '\0';
    hc_session_free(house_login("long@x.com", longest));
    longest[1023] ^= 1; /* the last byte counts */
    ck_assert_int_eq(hc_auth_login(&(hc_session *){NULL}, house.guest,
                                   &(hc_login){sizeof(hc_login), "long@x.com", longest, 1024}, NULL),
                     HC_ERR_UNAUTHENTICATED);
    for (size_t i = 0; i < 64; i++) {
        memcpy(faces + 4 * i, smile, 5);
        faces[4 * i + 3] = (char)(0x80 + (i * 37 + i / 3) % 64);
    }
    HOUSE_OK(enrol(house.guest, "faces@x.com", "Cleo", faces, strlen(faces), err));
    hc_session_free(house_login("faces@x.com", faces));
    HOUSE_OK(enrol(house.guest, "fifteen@x.com", "Cleo", "ö9wq ü3xk ä7zps", 18, err));
    HOUSE_OK(enrol(house.guest, "spaces@x.com", "Cleo", "  a b c  d e f ", 15, err));
    hc_session_free(house_login("spaces@x.com", "  a b c  d e f "));
}
END_TEST

/* P15 */
START_TEST(a_password_of_four_gib_is_not_read)
{
    refused("cleo@x.com", "Cleo", GOOD, ((size_t)1 << 32) + strlen(GOOD), "password");
    refused("cleo@x.com", "Cleo", GOOD, SIZE_MAX, "password");
}
END_TEST

/* A07: of cleo.caller@cottage.example, Cleopatra Caller. */
START_TEST(a_password_is_not_what_anybody_knows)
{
    static const char *const known[] = {
        "homeconnect homeconnect", "Home-Connect-2025", "HomeConnect!123",      "cleo.caller@cottage.example",
        "CLEO.CALLER.2025",        "cleocallercleo1",   "Cleopatra Caller",     "caller, cleopatra",
        "Cleopatra-1963!",         "Cottage-Example",   "cleopatra12cleopatra",
    };
    static const char *const patterns[] = {
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "passwordpassword",
        "abcdefghijklmnop",
        "ponmlkjihgfedcba",
        "012345678901234",
        "9876543210987654",
        "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
        "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
        "\xC3\xA9\xC3\xA9\xC3\xA9",
        "12345671234567123",
        "qwertyuiqwertyuiqwertyui",
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        password_refused(known[i]);
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        password_refused(patterns[i]);
    HOUSE_FAILS(enrol(house.guest, "#!$%&*+/=?^~{|@x.io", "Cleo", "#!$%&*+/=?^~{|@X.io", 19, err), HC_ERR_INVALID,
                "password");
    HOUSE_FAILS(enrol(house.guest, "cleo@x.com", "+*+ = -*- / ## = ?", "+*+ = -*- / ## = ?", 18, err), HC_ERR_INVALID,
                "password");
    /* A name may occur in a phrase. */
    HOUSE_OK(
        enrol(house.guest, "cleo.caller@cottage.example", "Cleopatra Caller", "my cottage by the long lake", 27, err));
}
END_TEST

static int32_t is_breached(const char *password, size_t size, void *data)
{
    hc_session *guest = *(hc_session **)data;
    hc_session *as = NULL;
    hc_login login = HC_LOGIN_INIT;

    ck_assert_int_eq(hc_auth_login(&as, guest, &login, NULL), HC_ERR_MISUSE); /* H05 */
    return size == strlen(GOOD) && memcmp(password, GOOD, size) == 0;
}

/* A07: the host's own set has the last word. */
START_TEST(a_password_of_a_breach_is_refused)
{
    hc_client_options options;
    hc_client *client = NULL;
    hc_session *guest = NULL;
    snapshot before = house_snapshot();

    house_options(&options);
    options.breached = is_breached;
    options.breached_data = &guest;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_session_guest(&guest, client, NULL, err));
    HOUSE_FAILS(enrol(guest, "cleo@x.com", "Cleo", GOOD, strlen(GOOD), err), HC_ERR_INVALID, "password");
    house_assert_unchanged_since(before);
    HOUSE_OK(enrol(guest, "cleo@x.com", "Cleo", "eight herons in the reeds", 25, err));
    hc_session_free(guest);
    hc_client_close(client);
}
END_TEST

/* A11 */
START_TEST(no_memory_makes_no_account)
{
    snapshot before = house_snapshot();

    (void)argon_runs();
    atomic_store(&argon.starve_at, 1);
    HOUSE_FAILS(ENROL("cleo@example.com", GOOD), HC_ERR_NO_MEMORY, "");
    house_assert_unchanged_since(before);
    atomic_store(&argon.starve_at, 0);
    HOUSE_OK(ENROL("cleo@example.com", GOOD));
}
END_TEST

/* H04 */
START_TEST(only_a_guest_registers)
{
    snapshot before = house_snapshot();
    hc_registration who = HC_REGISTRATION_INIT;

    HOUSE_FAILS(enrol(house.bea, "cleo@x.com", "Cleo", GOOD, strlen(GOOD), err), HC_ERR_FORBIDDEN, "session");
    HOUSE_FAILS(enrol(house.admin, "cleo@x.com", "Cleo", GOOD, strlen(GOOD), err), HC_ERR_FORBIDDEN, "session");
    HOUSE_FAILS(enrol(NULL, "cleo@x.com", "Cleo", GOOD, strlen(GOOD), err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_auth_register(house.guest, NULL, err), HC_ERR_INVALID, "registration");
    who.struct_size = 0;
    HOUSE_FAILS(hc_auth_register(house.guest, &who, err), HC_ERR_INVALID, "registration");
    who.struct_size = SIZE_MAX;
    HOUSE_FAILS(hc_auth_register(house.guest, &who, err), HC_ERR_INVALID, "registration");
    refused("cleo@x.com", NULL, GOOD, strlen(GOOD), "full_name");
    refused("cleo@x.com", "", GOOD, strlen(GOOD), "full_name");
    refused("cleo@x.com", "C\xff", GOOD, strlen(GOOD), "full_name");
    house_assert_unchanged_since(before);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, who_registers_is_a_buyer);
    tcase_add_test(tcase, who_registers_has_an_account_of_their_own);
    tcase_add_test(tcase, a_session_that_registers_is_in_use);
    tcase_add_test(tcase, a_profile_takes_no_field_of_the_librarys);
    tcase_add_test(tcase, a_known_address_gets_the_same_answer);
    tcase_add_test(tcase, an_address_has_one_form);
    tcase_add_test(tcase, two_at_once_make_one_account);
    tcase_add_test(tcase, a_password_has_a_length);
    tcase_add_test(tcase, a_password_of_four_gib_is_not_read);
    tcase_add_test(tcase, a_password_is_not_what_anybody_knows);
    tcase_add_test(tcase, a_password_of_a_breach_is_refused);
    tcase_add_test(tcase, no_memory_makes_no_account);
    tcase_add_test(tcase, only_a_guest_registers);
}

int main(void)
{
    return suite_main("api.auth.register", fill, house_open, house_close);
}
