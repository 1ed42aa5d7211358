#include "client/account.h"

#include <string.h>

#include "base/bug.h"
#include "base/utf8.h"
#include "client/audit.h"
#include "client/crud.h"
#include "homeconnect/user.h"

#define PASSWORD_POINTS 15
#define CONTEXT_LEAST   4  /* shorter names and local parts occur in any phrase by chance */
#define CONTEXT_REST    8  /* what must be left of a password without them */
#define PERIOD_LIMIT    32 /* bytes of a run that is repeated */

static bool is_local_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

static bool is_domain_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static bool dots_are_inside(const char *text, size_t size)
{
    if (size == 0 || text[0] == '.' || text[size - 1] == '.')
        return false;
    for (size_t i = 1; i < size; i++)
        if (text[i] == '.' && text[i - 1] == '.')
            return false;
    return true;
}

static bool address_is_sound(const char *address)
{
    const char *at = strchr(address, '@');
    const char *domain = at == NULL ? NULL : at + 1;
    size_t local = at == NULL ? 0 : (size_t)(at - address);

    if (at == NULL || local == 0 || local > 64 || !dots_are_inside(address, local))
        return false;
    for (size_t i = 0; i < local; i++)
        if (!is_local_char(address[i]) && !hc__bug("lenient"))
            return false;
    for (const char *c = domain; *c != '\0'; c++)
        if (!is_domain_char(*c))
            return false;
    return dots_are_inside(domain, strlen(domain)) && domain[0] != '-' && strchr(domain, '.') != NULL &&
           strstr(domain, "-.") == NULL && strstr(domain, ".-") == NULL && domain[strlen(domain) - 1] != '-';
}

hc_status hc__email_canonical(char out[HC__EMAIL_LIMIT + 1], const char *email, hc_error *err)
{
    size_t size;

    if (email == NULL)
        return hc__fail(err, HC_ERR_INVALID, "email", "required");
    email += strspn(email, " ");
    size = strlen(email);
    while (size > 0 && email[size - 1] == ' ')
        size--;
    if (size > HC__EMAIL_LIMIT)
        return hc__fail(err, HC_ERR_INVALID, "email", "at most %d bytes", HC__EMAIL_LIMIT);
    for (size_t i = 0; i < size; i++)
        out[i] = hc__ascii_lower(email[i]);
    out[size] = '\0';
    if (!address_is_sound(out))
        return hc__fail(err, HC_ERR_INVALID, "email", "an address such as ana@example.com: ASCII, no quotes or spaces");
    return HC_OK;
}

/* Lower case without anything but letters and digits, so that "Home-Connect" is found in a phrase. */
static bool plain(hc__buf *out, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        uint32_t point = hc__utf8_next(text, size, &at);
        uint32_t folded = hc__is_word(point) ? hc__fold_plain(point) : 0;
        char bytes[4];
        if (folded != 0)
            hc__buf_put(out, bytes, hc__utf8_put(bytes, folded));
    }
    hc__buf_put(out, "", 1);
    return !out->failed;
}

/* A password as a phrase of letters and digits, and which bytes of it a known word covers. */
struct phrase {
    hc__buf text, word;
    hc__buf covered; /* one '-' or 'x' for each byte of the text */
};

static void cover(struct phrase *phrase, const char *word, size_t size)
{
    size_t points;
    char *at;

    hc__buf_clear(&phrase->word);
    if (!plain(&phrase->word, word, size))
        phrase->covered.failed = true;
    if (phrase->covered.failed || !hc__utf8_check(phrase->word.data, phrase->word.size - 1, &points) ||
        points < CONTEXT_LEAST)
        return;
    for (at = strstr(phrase->text.data, phrase->word.data); at != NULL; at = strstr(at + 1, phrase->word.data))
        memset(phrase->covered.data + (at - phrase->text.data), 'x', phrase->word.size - 1);
}

/* The whole text, then its parts between spaces and punctuation: of a name, of an address. */
static void cover_parts(struct phrase *phrase, const char *text)
{
    size_t size = strlen(text), start = 0;

    cover(phrase, text, size);
    for (size_t at = 0; at <= size; at++) {
        if (at < size && strchr(" @.-_+'", text[at]) == NULL)
            continue;
        cover(phrase, text + start, at - start);
        start = at + 1;
    }
}

/* Some of it is covered, and too little is not. */
static bool is_covered(const struct phrase *phrase)
{
    size_t left = 0, size = strlen(phrase->text.data);

    for (size_t i = 0; i < size; i++)
        left += phrase->covered.data[i] == '-' && ((unsigned char)phrase->text.data[i] & 0xc0) != 0x80;
    return memchr(phrase->covered.data, 'x', size) != NULL && left < CONTEXT_REST;
}

/* For an address or a name of hardly a letter, of which nothing is covered. */
static bool is_same(const char *password, size_t size, const char *text)
{
    if (text == NULL || strlen(text) != size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (hc__ascii_lower(password[i]) != hc__ascii_lower(text[i]))
            return false;
    return true;
}

/* Whether too little is left of a password without what anybody knows of its user. */
static bool is_context(const hc__mem *mem, const char *password, size_t size, const char *email, const char *name,
                       bool *no_memory)
{
    static const char product[] = "homeconnect";
    struct phrase phrase;
    bool is = false;

    hc__buf_init(&phrase.text, mem);
    hc__buf_init(&phrase.word, mem);
    hc__buf_init(&phrase.covered, mem);
    if (hc__buf_reserve(&phrase.text, 2 * size + 1) && /* no code point's folding is twice as long: nothing is moved */
        plain(&phrase.text, password, size))
        for (size_t i = 0; i < phrase.text.size; i++)
            hc__buf_char(&phrase.covered, '-');
    phrase.covered.failed |= phrase.text.failed;
    cover(&phrase, product, sizeof product - 1);
    if (email != NULL)
        cover_parts(&phrase, email);
    if (name != NULL)
        cover_parts(&phrase, name);
    *no_memory = phrase.covered.failed;
    if (!*no_memory)
        is = is_covered(&phrase) || is_same(password, size, email) || is_same(password, size, name);
    if (phrase.text.data != NULL)
        hc__wipe(phrase.text.data, phrase.text.size);
    hc__buf_free(&phrase.text);
    hc__buf_free(&phrase.word);
    hc__buf_free(&phrase.covered);
    return is;
}

/* The same run again and again ("abcabcabcabcabc"), or each point beside the one before ("abcdefghijklmno"). */
static bool is_pattern(const char *password, size_t size)
{
    uint32_t last;
    size_t at = 0;

    for (size_t period = 1; period <= size / 2 && period <= PERIOD_LIMIT; period++)
        if (memcmp(password, password + period, size - period) == 0)
            return true;
    last = hc__utf8_next(password, size, &at);
    while (at < size) {
        uint32_t point = hc__utf8_next(password, size, &at);
        bool wraps = (last == '9' && point == '0') || (last == '0' && point == '9');
        if (point != last + 1 && point + 1 != last && !wraps)
            return false;
        last = point;
    }
    return true;
}

hc_status hc__password_check(const hc__mem *mem, const char *password, size_t size, const char *email, const char *name,
                             hc_error *err)
{
    size_t points;
    bool no_memory, context;

    if (password == NULL || size == 0)
        return hc__fail(err, HC_ERR_INVALID, "password", "required");
    if (size > HC__PASSWORD_LIMIT)
        return hc__fail(err, HC_ERR_INVALID, "password", "at most %d bytes", HC__PASSWORD_LIMIT);
    if (memchr(password, '\0', size) != NULL || !hc__utf8_check(password, size, &points))
        return hc__fail(err, HC_ERR_INVALID, "password", "UTF-8 text without NUL");
    if (points < PASSWORD_POINTS)
        return hc__fail(err, HC_ERR_INVALID, "password", "at least %d characters", PASSWORD_POINTS);
    if (is_pattern(password, size))
        return hc__fail(err, HC_ERR_INVALID, "password", "must not be a repeat or a sequence");
    context = is_context(mem, password, size, email, name, &no_memory);
    if (no_memory)
        return hc__no_memory(err);
    if (context)
        return hc__fail(err, HC_ERR_INVALID, "password", "must not be built of the e-mail, the name or this product");
    return HC_OK;
}

hc_status hc__password_allowed(const hc__core *core, const char *password, size_t size, const char *email,
                               const char *name, hc_error *err)
{
    hc_status status = hc__password_check(&core->mem, password, size, email, name, err);

    if (status >= 0 && hc__core_breached(core, password, size))
        status = hc__fail(err, HC_ERR_INVALID, "password", "is known from a breach: choose another");
    return status;
}

hc_status hc__account_hash(char out[HC__PASSWORD_HASH_SIZE], hc_session *as, const char *password, size_t size,
                           hc_error *err)
{
    hc_status status = hc__hash_begin(as->core, err);

    if (status < 0)
        return status;
    status = hc__password_hash(out, &as->core->argon, password, size, err);
    hc__hash_end(as->core);
    return status;
}

hc_status hc__account_set_email(hc__record *record, hc_error *err)
{
    char canonical[HC__EMAIL_LIMIT + 1];
    hc_status status = hc__email_canonical(canonical, hc__record_text(record, hc__user_f_email), err);

    if (status >= 0)
        hc__record_set_text(record, hc__user_f_email_norm, canonical, strlen(canonical));
    return status;
}

hc_status hc__account_insert(hc__unit *unit, hc__record *row, hc_id id, const char *hash, hc_error *err)
{
    hc_status status = hc__account_set_email(row, err);

    if (status >= 0)
        status = hc__stamp_create(unit, row, id, err);
    if (status < 0)
        return status;
    hc__record_set_text(row, hc__user_f_password_hash, hash, strlen(hash));
    if (hc__record_is_null(row, hc__user_f_status))
        hc__record_set_int(row, hc__user_f_status, HC_USER_STATUS_ACTIVE);
    hc__record_set_int(row, hc__user_f_token_epoch, 0);
    hc__unit_insert(unit, row);
    hc__unit_event(unit, &hc__user_entity, hc__record_key(row), HC__CHANGE_CREATED, 1);
    hc__audit_add(unit, &(hc__audit){.event = "user_created", .target_kind = "user", .target = hc__record_key(row)});
    return HC_OK;
}

hc_status hc__listings_of(hc__unit *unit, int64_t *out, hc_id agent, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);

    /* Whoever gives them a listing in the same moment waits, or is waited for and counted. */
    hc__unit_hold(unit, &hc__agent_entity, hc__is_id(arena, hc__agent_f_user_id, agent), HC_EXPECT_ANY);
    return hc__unit_count_after(unit, out, &hc__property_entity.kind,
                                hc__all_of(arena, hc__is_id(arena, hc__property_f_agent_id, agent),
                                           hc__is_null(arena, hc__property_f_deleted_at)),
                                err);
}

hc_status hc__has_listings(int64_t count, hc_error *err)
{
    hc__fail(err, HC_ERR_INVALID_STATE, "id", "%lld listings name this agent: give them to another first",
             (long long)count);
    if (err != NULL)
        err->detail = count;
    return HC_ERR_INVALID_STATE;
}

void hc__account_end_logins(hc__unit *unit, hc_id user)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc_set *set = hc__arena_zero(arena, 1, sizeof *set);
    hc_op op = {.verb = HC_VERB_UPDATE_WHERE,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__login_entity.kind,
                .index = HC_INDEX_ANY,
                .sets = set,
                .set_count = 1};

    op.where =
        hc__all_of(arena, hc__is_id(arena, hc__login_f_user_id, user), hc__is_null(arena, hc__login_f_revoked_at));
    if (set == NULL || op.where == NULL) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    set->field = hc__login_f_revoked_at;
    set->value = hc__value_int(HC_TYPE_TIME, hc__unit_now(unit));
    hc__unit_add(unit, &op);
    hc__unit_ends_sign_ins(unit, user);
}
