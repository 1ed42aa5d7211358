/* What was given in confidence is nowhere in the process once the calls are over: not in what was freed, nor on a
 * stack. Looked for in all memory that can be written, as a core file would have it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "house.h"

/* A sanitizer that fills what is freed would hide what this is about. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "max_free_fill_size=0";
}

#define CHUNK   ((size_t)1 << 20)
#define LONGEST 2048

/* A secret is kept backwards, so that what looks for it is no copy. */
struct secret {
    char reversed[LONGEST];
    size_t size;
};

static void keep(struct secret *out, const char *text, size_t size)
{
    ck_assert_uint_lt(size, LONGEST);
    out->size = size;
    for (size_t i = 0; i < size; i++)
        out->reversed[size - 1 - i] = text[i];
}

/* Its text, for one call; spoil() makes it unreadable again. */
static char *spell(const struct secret *of)
{
    char *out = malloc(of->size + 1);

    ck_assert_ptr_nonnull(out);
    for (size_t i = 0; i < of->size; i++)
        out[i] = of->reversed[of->size - 1 - i];
    out[of->size] = '\0';
    return out;
}

static void spoil(char *text)
{
    explicit_bzero(text, strlen(text));
    free(text);
}

/* But for its beginning, over which an allocator notes what it must know of a block that was freed. */
#define NOTES 16
static bool is_here(const char *at, const struct secret *of)
{
    for (size_t i = NOTES; i < of->size; i++)
        if (at[i - NOTES] != of->reversed[of->size - 1 - i])
            return false;
    return true;
}

static int copies_between(int memory, char *chunk, unsigned long from, unsigned long to, const struct secret *of)
{
    int found = 0;

    while (from < to) {
        size_t want = to - from < CHUNK ? to - from : CHUNK;
        ssize_t got = pread(memory, chunk, want, (off_t)from);

        if (got < (ssize_t)of->size)
            break;
        for (char *at = chunk, *end = chunk + got - (of->size - NOTES); at != NULL && at <= end; at++) {
            at = memchr(at, of->reversed[of->size - 1 - NOTES], (size_t)(end - at) + 1);
            if (at == NULL)
                break;
            found += is_here(at, of);
        }
        if ((size_t)got < CHUNK)
            break;
        from += (size_t)got - of->size + 1; /* one may lie across */
    }
    return found;
}

static int copies(const struct secret *of)
{
    char *chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC), found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[600];

    ck_assert(chunk != MAP_FAILED && memory >= 0 && maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long from, to, ours = (unsigned long)chunk;
        char rights[5];

        if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) != 3 || strncmp(rights, "rw", 2) != 0)
            continue;
        if (to - from > (unsigned long)1 << 40) /* a sanitizer's own */
            continue;
        if (ours >= from && ours < to) {
            found += copies_between(memory, chunk, from, ours, of);
            from = ours + CHUNK;
        }
        found += copies_between(memory, chunk, from, to, of);
    }
    fclose(maps);
    close(memory);
    munmap(chunk, CHUNK);
    return found;
}

static void nowhere(const struct secret *secret, const char *what)
{
    int found = copies(secret);

    ck_assert_msg(found == 0, "%s is in memory %d times", what, found);
}

static void phrase(struct secret *out, const char *backwards)
{
    out->size = strlen(backwards);
    memcpy(out->reversed, backwards, out->size);
}

/* ---- calls ---- */

static struct secret first, second, token;

static void register_with(const struct secret *password)
{
    hc_registration who = HC_REGISTRATION_INIT;
    char *text = spell(password);

    who.email = "quinn@example.com";
    who.full_name = "Quinn Quiet";
    who.password = text;
    who.password_size = password->size;
    HOUSE_OK(hc_auth_register(house.guest, &who, err));
    spoil(text);
}

static hc_status sign_in(hc_session **out, const char *email, const struct secret *password)
{
    hc_login who = HC_LOGIN_INIT;
    char *text = spell(password);
    hc_status status;

    who.email = email;
    who.password = text;
    who.password_size = password->size;
    status = hc_auth_login(out, house.guest, &who, NULL);
    spoil(text);
    house_count(1);
    return status;
}

static void change(hc_session *as, const struct secret *from, const struct secret *to, hc_status want)
{
    hc_password_change both = HC_PASSWORD_CHANGE_INIT;
    char *old = spell(from), *new = spell(to);

    both.current = old;
    both.current_size = from->size;
    both.password = new;
    both.password_size = to->size;
    ck_assert_int_eq(hc_auth_change_password(as, &both, NULL), want);
    spoil(old);
    spoil(new);
    house_count(1);
}

static void setup(void)
{
    house_open();
    phrase(
        &first,
        "foorehtnoeromevlewtdnariewehtrednuseipgamenin"); /* without spaces: as the rules for passwords look at one */
    phrase(&second, "reviresiurcrofgnitiawmahteyrrefehtybsnorehneves");
}

/* ---- tests ---- */

START_TEST(the_look_finds_a_copy)
{
    char *text = spell(&first);

    ck_assert_int_eq(copies(&first), 1);
    spoil(text);
    nowhere(&first, "what was wiped");
    free(spell(&second));
    ck_assert_int_eq(copies(&second), 1);
}
END_TEST

/* What is wiped is there when it is not. */
START_TEST(the_look_finds_what_is_not_wiped)
{
    hc_session *as = NULL;

    register_with(&first);
    ck_assert_int_eq(sign_in(&as, "quinn@example.com", &first), HC_OK);
    keep(&token, hc_session_token(as), strlen(hc_session_token(as)));
    setenv("HC_BUG", "no-wipe", 1);
    hc_session_free(as);
    unsetenv("HC_BUG");
    ck_assert_int_eq(copies(&token), 1);
}
END_TEST

START_TEST(no_password_stays_in_memory)
{
    hc_session *as = NULL, *none = NULL;

    register_with(&first);
    nowhere(&first, "the password of a registration");
    ck_assert_int_eq(sign_in(&as, "quinn@example.com", &first), HC_OK);
    nowhere(&first, "the password of a sign-in");
    ck_assert_int_eq(sign_in(&none, "quinn@example.com", &second), HC_ERR_UNAUTHENTICATED);
    ck_assert_int_eq(sign_in(&none, "nobody@example.com", &second), HC_ERR_UNAUTHENTICATED);
    nowhere(&second, "the password of a refused sign-in");
    change(as, &second, &first, HC_ERR_FORBIDDEN);
    change(as, &first, &second, HC_OK);
    hc_session_free(as);
    nowhere(&first, "the former password");
    nowhere(&second, "the new password");
}
END_TEST

START_TEST(no_token_outlives_its_session)
{
    hc_session *as = NULL, *by_token = NULL;
    char *text;

    register_with(&first);
    ck_assert_int_eq(sign_in(&as, "quinn@example.com", &first), HC_OK);
    keep(&token, hc_session_token(as), strlen(hc_session_token(as)));
    text = spell(&token);
    HOUSE_OK(hc_session_open(&by_token, house.client, text, token.size, NULL, err));
    spoil(text);
    ck_assert_int_eq(copies(&token), 1); /* that of the session which signed in */
    hc_session_free(by_token);
    hc_session_free(as);
    nowhere(&token, "an access token");
}
END_TEST

START_TEST(no_key_outlives_its_client)
{
    struct secret key;
    char bytes[HC_SECRET_KEY_SIZE];
    int file = open(house.keys, O_RDONLY | O_CLOEXEC);

    ck_assert_int_eq(read(file, bytes, sizeof bytes), sizeof bytes);
    close(file);
    keep(&key, bytes, sizeof bytes);
    explicit_bzero(bytes, sizeof bytes);
    house_leave();
    nowhere(&key, "the secret key");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_look_finds_a_copy);
    tcase_add_test(tcase, the_look_finds_what_is_not_wiped);
    tcase_add_test(tcase, no_password_stays_in_memory);
    tcase_add_test(tcase, no_token_outlives_its_session);
    tcase_add_test(tcase, no_key_outlives_its_client);
}

int main(void)
{
    return suite_main("api.auth.secrets", fill, setup, house_close);
}
