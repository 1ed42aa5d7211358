/* Who asks: what a contact must be, and the row of `contacts` that stands for one person. */
#include <string.h>

#include "base/bug.h"
#include "base/id.h"
#include "client/account.h"
#include "lead/lead_noun.h"

#define TRIES 3 /* of somebody who finds others making the same contact */

/* ---- telephone numbers ---- */

#define LEAST_DIGITS 7
#define MOST_DIGITS  15 /* ITU-T E.164 */

/* How a country's own numbers become E.164: its code, and the digit that is dropped in front. */
static const struct country {
    char name[3];
    char code[4];
    char trunk;   /* '\0': none */
    uint8_t size; /* of a number without its code; 0: any */
} countries[] = {
    {"US", "1", '1', 10}, {"CA", "1", '1', 10},  {"PR", "1", '1', 10}, {"AR", "54", '0', 0},  {"AT", "43", '0', 0},
    {"AU", "61", '0', 0}, {"BE", "32", '0', 0},  {"BR", "55", '0', 0}, {"CH", "41", '0', 0},  {"CN", "86", '0', 0},
    {"DE", "49", '0', 0}, {"DK", "45", 0, 8},    {"ES", "34", 0, 9},   {"FI", "358", '0', 0}, {"FR", "33", '0', 0},
    {"GB", "44", '0', 0}, {"IE", "353", '0', 0}, {"IN", "91", '0', 0}, {"IT", "39", 0, 0},    {"JP", "81", '0', 0},
    {"MX", "52", 0, 10},  {"NL", "31", '0', 0},  {"NO", "47", 0, 8},   {"NP", "977", '0', 0}, {"NZ", "64", '0', 0},
    {"PL", "48", 0, 9},   {"PT", "351", 0, 9},   {"SE", "46", '0', 0}, {"ZA", "27", '0', 0},
};

static const struct country *find_country(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof countries / sizeof countries[0]; i++)
        if (strcmp(countries[i].name, name) == 0)
            return &countries[i];
    return NULL;
}

/* The digits alone; a '+' in front, or the sign of a call abroad, makes them international. */
static bool read_digits(char digits[MOST_DIGITS + 4], size_t *count, bool *international, const char *phone)
{
    *count = 0;
    *international = false;
    phone += strspn(phone, " ");
    if (*phone == '+') {
        *international = true;
        phone++;
    }
    for (; *phone != '\0'; phone++) {
        if (*phone >= '0' && *phone <= '9' && *count < MOST_DIGITS + 3)
            digits[(*count)++] = *phone;
        else if (strchr(" -./()", *phone) == NULL && !hc__bug("lenient"))
            return false;
    }
    digits[*count] = '\0';
    return true;
}

bool hc__phone_canonical(char out[HC__PHONE_SIZE], const char *phone, const char *country)
{
    const struct country *home = find_country(country);
    char digits[MOST_DIGITS + 4];
    const char *at = digits;
    const char *abroad = home != NULL && strcmp(home->code, "1") == 0 ? "011" : "00";
    const char *code = "";
    size_t count;
    bool international;

    if (!read_digits(digits, &count, &international, phone))
        return false;
    if (!international && strncmp(at, abroad, strlen(abroad)) == 0) {
        international = true;
        at += strlen(abroad);
    }
    if (!international && home != NULL) {
        bool with_trunk = home->size == 0 || strlen(at) == home->size + 1u;
        if (home->trunk != '\0' && *at == home->trunk && with_trunk)
            at++;
        if (home->size == 0 || strlen(at) == home->size)
            code = home->code;
    }
    count = strlen(code) + strlen(at);
    if (count < LEAST_DIGITS || count > MOST_DIGITS)
        return false;
    if (international || *code != '\0')
        *out++ = '+';
    memcpy(out, code, strlen(code));
    memcpy(out + strlen(code), at, strlen(at) + 1);
    return true;
}

/* ---- what a contact must be ---- */

static hc_status check_email(char canonical[HC__EMAIL_LIMIT + 1], const hc__record *lead, hc_error *err)
{
    hc_error why;
    hc_status status = hc__email_canonical(canonical, hc__record_text(lead, hc__lead_f_contact_email), &why);

    return status < 0 ? hc__fail(err, status, "contact_email", "%s", why.message) : HC_OK;
}

static hc_status check_phone(char canonical[HC__PHONE_SIZE], const hc__record *lead, const char *country, hc_error *err)
{
    if (hc__phone_canonical(canonical, hc__record_text(lead, hc__lead_f_contact_phone), country))
        return HC_OK;
    return hc__fail(err, HC_ERR_INVALID, "contact_phone",
                    "%d to %d digits, with spaces, + - . / ( ) between them and a + in front at most", LEAST_DIGITS,
                    MOST_DIGITS);
}

hc_status hc__lead_check(const hc__record *lead, hc_error *err)
{
    char email[HC__EMAIL_LIMIT + 1], phone[HC__PHONE_SIZE];
    bool both = !hc__record_is_null(lead, hc__lead_f_budget_min) && !hc__record_is_null(lead, hc__lead_f_budget_max);
    hc_status status = HC_OK;

    if (!hc__record_is_null(lead, hc__lead_f_contact_email))
        status = check_email(email, lead, err);
    if (status >= 0 && !hc__record_is_null(lead, hc__lead_f_contact_phone))
        status = check_phone(phone, lead, NULL, err);
    if (status >= 0 && both &&
        hc__record_int(lead, hc__lead_f_budget_min) > hc__record_int(lead, hc__lead_f_budget_max))
        status = hc__fail(err, HC_ERR_INVALID, "budget_min", "must not be above budget_max");
    return status;
}

void hc__lead_fit_budget(hc__record *changes, const hc__record *known)
{
    bool low = hc__record_is_set(changes, hc__lead_f_budget_min),
         high = hc__record_is_set(changes, hc__lead_f_budget_max);
    int64_t least = hc__record_int(low ? changes : known, hc__lead_f_budget_min);
    int64_t most = hc__record_int(high ? changes : known, hc__lead_f_budget_max);

    uint16_t filled = low ? hc__lead_f_budget_min : hc__lead_f_budget_max;

    if (low != high && most != 0 && least > most)
        changes->set[filled / 64] &= ~(UINT64_C(1) << (filled % 64));
}

/* ---- the row ---- */

/* What a contact is known by; "" for none. */
struct person {
    char email[HC__EMAIL_LIMIT + 1], phone[HC__PHONE_SIZE];
    const char *name;
    hc_id user;
};

static hc_status find_by(hc__unit *unit, hc__record *row, bool *found, uint16_t field, const char *key, hc_error *err)
{
    *found = false;
    if (key[0] == '\0')
        return HC_OK;
    return hc__unit_row(
        unit, row, found, &hc__contact_entity,
        hc__is_bytes(hc__unit_arena(unit), &hc__contact_entity.kind, field, HC_TEST_EQ, key, strlen(key)), err);
}

/* By address; who has none yet by number. */
static hc_status find(hc__unit *unit, hc__record *row, bool *found, const struct person *person, hc_error *err)
{
    hc_status status = find_by(unit, row, found, hc__contact_f_email_norm, person->email, err);

    if (status < 0 || *found)
        return status;
    status = find_by(unit, row, found, hc__contact_f_phone_norm, person->phone, err);
    if (status >= 0 && *found && person->email[0] != '\0' && !hc__record_is_null(row, hc__contact_f_email_norm))
        *found = false; /* two who share a telephone */
    return status;
}

/* Whether the number stands for nobody yet. */
static hc_status phone_is_free(hc__unit *unit, bool *is, const struct person *person, hc_error *err)
{
    hc__record row;
    bool found;
    hc_status status = find_by(unit, &row, &found, hc__contact_f_phone_norm, person->phone, err);

    *is = person->phone[0] != '\0' && !found;
    return status;
}

static hc_status make(hc__unit *unit, const struct person *person, bool with_phone, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc__record row;
    hc_id id;
    hc_status status = hc__record_init(&row, &hc__contact_entity, arena, err);

    if (status >= 0)
        status = hc__id_make(&id, hc__unit_now(unit), err);
    if (status < 0)
        return status;
    hc__record_set_id(&row, hc__contact_f_id, id);
    if (person->email[0] != '\0')
        hc__record_set_text(&row, hc__contact_f_email_norm, person->email, strlen(person->email));
    if (with_phone)
        hc__record_set_text(&row, hc__contact_f_phone_norm, person->phone, strlen(person->phone));
    if (person->name != NULL)
        hc__record_set_text(&row, hc__contact_f_full_name, person->name, strlen(person->name));
    if (!hc__id_zero(person->user))
        hc__record_set_id(&row, hc__contact_f_user_id, person->user);
    hc__record_set_int(&row, hc__contact_f_created_at, hc__unit_now(unit));
    hc__record_set_int(&row, hc__contact_f_updated_at, hc__unit_now(unit));
    hc__unit_insert_if_absent(unit, &row, NULL);
    return hc__unit_flush(unit, NULL, err);
}

/* Whoever calls first and writes later is one person: the address joins the number. A guest's word is not enough. */
static hc_status learn_email(hc__unit *unit, const hc__record *row, const struct person *person, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc__record changes;
    hc_status status;

    if (person->email[0] == '\0' || !hc__record_is_null(row, hc__contact_f_email_norm) ||
        hc__unit_session(unit)->role == HC_ROLE_GUEST)
        return HC_OK;
    status = hc__record_init(&changes, &hc__contact_entity, arena, err);
    if (status < 0)
        return status;
    hc__record_set_text(&changes, hc__contact_f_email_norm, person->email, strlen(person->email));
    hc__record_set_int(&changes, hc__contact_f_updated_at, hc__unit_now(unit));
    hc__unit_update(
        unit, &changes,
        hc__all_of(arena, hc__is_id(arena, 0, hc__record_id(row, 0)), hc__is_null(arena, hc__contact_f_email_norm)));
    status = hc__unit_flush(unit, NULL, err);
    return status == HC_ERR_CONFLICT ? hc__unit_rerun(unit, err) : status; /* another made a contact of the address */
}

/* Two inquiries of one person at once are one lead: the second waits, and then finds it. As hc__unit_hold(), but
 * contacts have no version to add nothing to; what is written never changes, since it was read before the first had
 * ended. */
static void take_turns(hc__unit *unit, const hc__record *row)
{
    hc__record same;

    if (!hc__unit_is_remote(unit))
        return;
    if (hc__record_init(&same, &hc__contact_entity, hc__unit_arena(unit), NULL) < 0) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    hc__record_set_int(&same, hc__contact_f_created_at, hc__record_int(row, hc__contact_f_created_at));
    hc__unit_update(unit, &same, hc__is_id(hc__unit_arena(unit), 0, hc__record_id(row, 0)));
}

static hc_status find_or_make(hc__unit *unit, hc_id *out, const struct person *person, hc_error *err)
{
    hc__record row;
    bool found = false, with_phone;
    hc_status status = HC_OK;

    for (int i = 0; status >= 0 && !found && i < TRIES; i++) {
        status = find(unit, &row, &found, person, err);
        if (status < 0 || found)
            break;
        status = phone_is_free(unit, &with_phone, person, err);
        if (status >= 0)
            status = make(unit, person, with_phone, err);
    }
    if (status >= 0 && !found) /* the last one made it, or others do */
        status = find(unit, &row, &found, person, err);
    if (status >= 0 && !found)
        status = hc__unit_rerun(unit, err);
    if (status < 0)
        return status;
    *out = hc__record_id(&row, hc__contact_f_id);
    take_turns(unit, &row);
    return learn_email(unit, &row, person, err);
}

hc_status hc__lead_set_contact(hc__unit *unit, hc__record *set, const hc__record *lead, const char *country,
                               hc_error *err)
{
    struct person person = {"", "", hc__record_text(lead, hc__lead_f_contact_name), {{0}}};
    hc_id id;
    hc_status status = HC_OK;

    if (!hc__record_is_null(lead, hc__lead_f_contact_email))
        status = check_email(person.email, lead, err);
    if (status >= 0 && !hc__record_is_null(lead, hc__lead_f_contact_phone))
        status = check_phone(person.phone, lead, country, err);
    if (status < 0)
        return status;
    if (hc__unit_session(unit)->role == HC_ROLE_BUYER)
        person.user = hc__unit_session(unit)->user;
    if (person.email[0] == '\0' && person.phone[0] == '\0') {
        hc__record_set_null(set, hc__lead_f_contact_id);
        return HC_OK;
    }
    status = find_or_make(unit, &id, &person, err);
    if (status >= 0)
        hc__record_set_id(set, hc__lead_f_contact_id, id);
    return status;
}
