#include "base/redact.h"

#include <string.h>

#include "base/utf8.h"

/* In lower case, without the signs that spellings put between their parts. */
static const char *const secret_words[] = {
    "password",      "passwd", "passphrase", "passcode", "pwd",        "token",      "jwt",       "secret",
    "authorization", "cookie", "signature",  "apikey",   "privatekey", "credential", "accesskey",
};

/* Alone only: they are parts of innocent words. */
static const char *const secret_names[] = {"sig", "otp"};

static bool is_sign(char c)
{
    return c == '-' || c == '_' || c == ' ' || c == '.';
}

/* The word stands at the front, signs between its letters passed over. */
static bool begins(const char *name, size_t size, const char *word)
{
    for (size_t i = 0; i < size && *word != '\0'; i++) {
        if (is_sign(name[i]))
            continue;
        if (hc__ascii_lower(name[i]) != *word)
            return false;
        word++;
    }
    return *word == '\0';
}

static bool same_word(const char *text, size_t size, const char *word)
{
    if (size != strlen(word))
        return false;
    for (size_t i = 0; i < size; i++)
        if (hc__ascii_lower(text[i]) != word[i])
            return false;
    return true;
}

bool hc__secret_name(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof secret_names / sizeof secret_names[0]; i++)
        if (same_word(name, size, secret_names[i]))
            return true;
    for (size_t at = 0; at < size; at++) {
        char first = hc__ascii_lower(name[at]); /* seldom that of a word, and every text that is kept comes by here */

        for (size_t i = 0; i < sizeof secret_words / sizeof secret_words[0]; i++)
            if (secret_words[i][0] == first && begins(name + at, size - at, secret_words[i]))
                return true;
    }
    return false;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static size_t word_at(const char *text, size_t size)
{
    size_t at = 0;

    while (at < size && is_word(text[at]))
        at++;
    return at;
}

/* The length of a JSON web token (RFC 7519: two dots; RFC 7516: four) that begins in the word here, behind `head` of
 * its letters, which may be the end of an encoded sign, as in "%3DeyJ"; 0: none. */
static size_t web_token(const char *text, size_t size, size_t *head)
{
    size_t word = word_at(text, size), at = word, dots = 0;

    *head = 0;
    if (word == size || text[word] != '.')
        return 0;
    while (*head + 4 <= word && memcmp(text + *head, "eyJ", 3) != 0)
        ++*head;
    if (*head + 4 > word)
        return 0;
    while (at < size && text[at] == '.') {
        at += 1 + word_at(text + at + 1, size - at - 1);
        dots++;
    }
    return dots >= 2 ? at - *head : 0;
}

static size_t spaces(const char *text, size_t size)
{
    size_t at = 0;

    while (at < size && (text[at] == ' ' || text[at] == '\t'))
        at++;
    return at;
}

/* Characters of credentials after a scheme (RFC 9110, token68), and what sloppy writers put there. */
static size_t credentials(const char *text, size_t size)
{
    size_t at = 0;

    while (at < size && (is_word(text[at]) || strchr(".~+/=%", text[at]) != NULL) && text[at] != '\0')
        at++;
    return at;
}

/* A percent-encoded sign at the front (RFC 3986), or none: NUL. */
static char encoded(const char *text, size_t size)
{
    static const struct {
        char code[3], sign;
    } signs[] = {{"3d", '='}, {"3a", ':'}, {"22", '"'}, {"27", '\''}, {"5b", '['}, {"5d", ']'}, {"20", ' '}};

    for (size_t i = 0; size >= 3 && text[0] == '%' && i < sizeof signs / sizeof signs[0]; i++)
        if (same_word(text + 1, 2, signs[i].code))
            return signs[i].sign;
    return '\0';
}

/* Passes over any of `signs`, as they are or encoded. */
static size_t pass(const char *text, size_t size, const char *signs)
{
    size_t at = 0;

    while (at < size) {
        char code = encoded(text + at, size - at), sign = code == '\0' ? text[at] : code;

        if (sign == '\0' || strchr(signs, sign) == NULL)
            break;
        at += code == '\0' ? 1 : 3;
    }
    return at;
}

/* "Bearer xyz": the length up to the credentials, and theirs; false when it is none. */
static bool scheme(const char *text, size_t size, size_t *head, size_t *tail)
{
    size_t word = word_at(text, size), gap;

    if (!same_word(text, word, "bearer") && !same_word(text, word, "basic"))
        return false;
    gap = pass(text + word, size - word, " \t+"); /* as a query spells it, too */
    *head = word + gap;
    *tail = gap == 0 ? 0 : credentials(text + *head, size - *head);
    return *tail > 0;
}

/* What a value is told by: the sign before it, and how it is quoted. */
struct opening {
    char sign, quote;
    bool member;  /* the name was quoted, too */
    bool escaped; /* the quote has a backslash: JSON in a text of JSON */
};

/* Behind a name: the length of '=' or ':', encoded or not, with the quotes, brackets and spaces around it; 0: none. */
static size_t assignment(struct opening *out, const char *text, size_t size)
{
    size_t at = pass(text, size, "\"'\\ \t[]");
    char code = encoded(text + at, size - at);

    *out = (struct opening){.sign = code != '\0' ? '=' : at < size ? text[at] : '\0'};
    if (code != '\0' ? code != '=' && code != ':' : out->sign != '=' && out->sign != ':')
        return 0;
    at += pass(text + at, size - at, "=:>");
    at += spaces(text + at, size - at);
    out->escaped = at < size && text[at] == '\\';
    at += out->escaped ? 1 : 0;
    out->member = size > 0 && strchr("\"'\\", text[0]) != NULL && text[0] != '\0';
    if (at < size && (text[at] == '"' || text[at] == '\''))
        out->quote = text[at++];
    return at;
}

/* Up to the closing quote. */
static size_t quoted(const char *text, size_t size, const struct opening *opening)
{
    size_t at = 0;

    while (at < size && text[at] != opening->quote) {
        bool pair = text[at] == '\\' && at + 1 < size;

        if (pair && opening->escaped && text[at + 1] == opening->quote)
            break;
        at += pair ? 2 : 1;
    }
    return at;
}

/* Headers go to the end of their line, as cookies and schemes have spaces; parameters to the next one. */
static size_t assigned(const char *text, size_t size, const struct opening *opening)
{
    const char *ends = opening->sign != ':' ? " \t\r\n&;,\"'<>" : opening->member ? "\r\n\"" : "\r\n";
    size_t at = 0, head, tail;

    if (opening->quote != '\0')
        return quoted(text, size, opening);
    if (scheme(text, size, &head, &tail))
        at = head + tail;
    while (at < size && text[at] != '\0' && strchr(ends, text[at]) == NULL)
        at++;
    return at;
}

/* "user:password@" behind "//" (RFC 3986, 3.2.1): its length up to the '@'; 0: none. */
static size_t user_of(const char *text, size_t size)
{
    size_t at = 0, sign = 0;
    bool secret = false;

    for (; at < size && text[at] != '\0' && strchr("/?# \t\r\n\"'<>", text[at]) == NULL; at++) {
        secret = secret || (sign == 0 && text[at] == ':');
        if (text[at] == '@' && secret)
            sign = at;
    }
    return sign;
}

/* What begins at a word: appends it, redacted where it must be, and returns how much of the text it was. */
static size_t put_word(hc__buf *out, const char *text, size_t size)
{
    size_t word = word_at(text, size), head, tail = web_token(text, size, &head);
    struct opening opening;

    if (tail == 0 && !scheme(text, size, &head, &tail)) {
        size_t sign = hc__secret_name(text, word) ? assignment(&opening, text + word, size - word) : 0;

        head = word + sign;
        tail = sign == 0 ? 0 : assigned(text + head, size - head, &opening);
    }
    hc__buf_put(out, text, head);
    if (tail > 0)
        hc__buf_text(out, HC__REDACTED);
    return head + tail;
}

/* Signs up to the next word, or to the end of "//" and the user behind it. */
static size_t put_signs(hc__buf *out, const char *text, size_t size)
{
    size_t at = 0, user;

    while (at < size && !is_word(text[at]) && (at < 2 || memcmp(text + at - 2, "//", 2) != 0))
        at++;
    hc__buf_put(out, text, at);
    user = at >= 2 && memcmp(text + at - 2, "//", 2) == 0 ? user_of(text + at, size - at) : 0;
    if (user > 0)
        hc__buf_text(out, HC__REDACTED);
    return at + user;
}

void hc__redact_text(hc__buf *out, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        if (is_word(text[at]))
            at += put_word(out, text + at, size - at);
        else
            at += put_signs(out, text + at, size - at);
    }
}
