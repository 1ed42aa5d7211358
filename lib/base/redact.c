#include "base/redact.h"

#include <string.h>

/* In lower case, without the signs that spellings put between their parts. */
static const char *const secret_words[] = {
    "password", "passwd",    "passphrase", "token",      "secret",     "authorization",
    "cookie",   "signature", "apikey",     "privatekey", "credential",
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

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
        if (lower(name[i]) != *word)
            return false;
        word++;
    }
    return *word == '\0';
}

bool hc__secret_name(const char *name, size_t size)
{
    for (size_t at = 0; at < size; at++)
        for (size_t i = 0; !is_sign(name[at]) && i < sizeof secret_words / sizeof secret_words[0]; i++)
            if (begins(name + at, size - at, secret_words[i]))
                return true;
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

static bool same_word(const char *text, size_t size, const char *word)
{
    if (size != strlen(word))
        return false;
    for (size_t i = 0; i < size; i++)
        if (lower(text[i]) != word[i])
            return false;
    return true;
}

/* The length of a JSON web token (RFC 7519: two dots; RFC 7516: four) that begins here; 0: none. */
static size_t web_token(const char *text, size_t size)
{
    size_t at = word_at(text, size), dots = 0;

    if (at < 4 || memcmp(text, "eyJ", 3) != 0)
        return 0;
    while (at < size && text[at] == '.') {
        at += 1 + word_at(text + at + 1, size - at - 1);
        dots++;
    }
    return dots >= 2 ? at : 0;
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

/* "Bearer xyz": the length up to the credentials, and theirs; false when it is none. */
static bool scheme(const char *text, size_t size, size_t *head, size_t *tail)
{
    size_t word = word_at(text, size), gap;

    if (!same_word(text, word, "bearer") && !same_word(text, word, "basic"))
        return false;
    gap = spaces(text + word, size - word);
    *head = word + gap;
    *tail = gap == 0 ? 0 : credentials(text + *head, size - *head);
    return *tail > 0;
}

/* Behind a name: the length of '=', ':' or an encoded '=', with the spaces after it. */
static size_t assignment(const char *text, size_t size)
{
    size_t at = size > 0 && (text[0] == '=' || text[0] == ':') ? 1 : 0;

    if (size >= 3 && text[0] == '%' && text[1] == '3' && lower(text[2]) == 'd')
        at = 3;
    return at == 0 ? 0 : at + spaces(text + at, size - at);
}

/* Headers go to the end of their line, as cookies and schemes have spaces; parameters to the next one. */
static size_t assigned(const char *text, size_t size, char sign)
{
    const char *ends = sign == ':' ? "\r\n\"" : " \t\r\n&;,\"'<>";
    size_t at = 0, head, tail;

    if (scheme(text, size, &head, &tail))
        at = head + tail;
    while (at < size && text[at] != '\0' && strchr(ends, text[at]) == NULL)
        at++;
    return at;
}

/* What begins at a word: appends it, redacted where it must be, and returns how much of the text it was. */
static size_t put_word(hc__buf *out, const char *text, size_t size)
{
    size_t word = word_at(text, size), head, tail = web_token(text, size);

    if (tail > 0) {
        head = 0;
    } else if (!scheme(text, size, &head, &tail)) {
        size_t sign = hc__secret_name(text, word) ? assignment(text + word, size - word) : 0;

        head = word + sign;
        tail = sign == 0 ? 0 : assigned(text + head, size - head, text[word]);
    }
    hc__buf_put(out, text, head);
    if (tail > 0)
        hc__buf_text(out, HC__REDACTED);
    return head + tail;
}

void hc__redact_text(hc__buf *out, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        if (is_word(text[at])) {
            at += put_word(out, text + at, size - at);
        } else {
            size_t from = at;

            while (at < size && !is_word(text[at]))
                at++;
            hc__buf_put(out, text + from, at - from);
        }
    }
}
