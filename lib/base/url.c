#include "base/url.h"

#include <stdbool.h>
#include <string.h>

#include "base/bug.h"
#include "base/utf8.h"

#define NAME_LIMIT  253
#define LABEL_LIMIT 63

static const char bad_size[] = "must have 1 to 2048 bytes";
static const char bad_scheme[] = "must start with https://";
static const char bad_character[] =
    "must be in visible ASCII without quotes, braces, brackets or backslashes; encode others";
static const char bad_escape[] = "must have two hexadecimal digits after each %, of no control character";
static const char bad_user[] = "must not name a user or password";
static const char bad_host[] = "must name a public host, such as photos.example.com";
static const char bad_port[] = "must have a port of 1 to 65535, or none";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return hc__ascii_lower(c) >= 'a' && hc__ascii_lower(c) <= 'z';
}

static int hex(char c)
{
    if (is_digit(c))
        return c - '0';
    return hc__ascii_lower(c) >= 'a' && hc__ascii_lower(c) <= 'f' ? hc__ascii_lower(c) - 'a' + 10 : -1;
}

static bool same(const char *text, size_t size, const char *word)
{
    if (strlen(word) != size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (hc__ascii_lower(text[i]) != word[i])
            return false;
    return true;
}

/* A backslash is a slash to browsers; brackets only hold addresses; the rest is none of RFC 3986's. */
static bool is_allowed(char c)
{
    return c > ' ' && c < 0x7f && strchr("\"<>\\^`{|}[]", c) == NULL;
}

static const char *character_fault(const char *url, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int high, low;

        if (!is_allowed(url[i]) && !hc__bug("lenient"))
            return bad_character;
        if (url[i] != '%')
            continue;
        high = i + 2 < size ? hex(url[i + 1]) : -1;
        low = i + 2 < size ? hex(url[i + 2]) : -1;
        if (high < 0 || low < 0 || high < 2 || (high == 7 && low == 15))
            return bad_escape;
    }
    return NULL;
}

/* Last labels that never lead to the public network (RFC 2606, 6761, 6762, 7686, 8375, 9476, ICANN's .internal), and
 * those that private networks are known to take. `example` stands for itself: example.com is public. */
static bool is_nearby(const char *label, size_t size)
{
    static const char *const words[] = {"localhost", "local",   "localdomain", "internal", "intranet",
                                        "private",   "corp",    "home",        "lan",      "arpa",
                                        "test",      "invalid", "example",     "onion",    "alt"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (same(label, size, words[i]))
            return true;
    return false;
}

static bool is_label(const char *label, size_t size)
{
    if (size == 0 || size > LABEL_LIMIT || label[0] == '-' || label[size - 1] == '-')
        return false;
    for (size_t i = 0; i < size; i++)
        if (!is_letter(label[i]) && !is_digit(label[i]) && label[i] != '-')
            return false;
    return true;
}

static bool is_public_name(const char *name, size_t size)
{
    size_t start = 0;
    int labels = 0;

    if (size > NAME_LIMIT)
        return false;
    for (size_t i = 0; i <= size; i++) {
        if (i < size && name[i] != '.')
            continue;
        if (!is_label(name + start, i - start))
            return false;
        labels++;
        if (i == size)
            break;
        start = i + 1;
    }
    return labels >= 2 && size - start >= 2 && is_letter(name[start]) && !is_nearby(name + start, size - start);
}

static const char *port_fault(const char *port, size_t size)
{
    int value = 0;

    if (size == 0 || size > 5 || port[0] == '0')
        return bad_port;
    for (size_t i = 0; i < size; i++) {
        if (!is_digit(port[i]))
            return bad_port;
        value = value * 10 + (port[i] - '0');
    }
    return value <= 65535 ? NULL : bad_port;
}

static const char *authority_fault(const char *text, size_t size)
{
    const char *colon;

    if (memchr(text, '@', size) != NULL)
        return bad_user;
    colon = memchr(text, ':', size);
    if (!is_public_name(text, colon == NULL ? size : (size_t)(colon - text)))
        return bad_host;
    return colon == NULL ? NULL : port_fault(colon + 1, size - (size_t)(colon + 1 - text));
}

const char *hc__url_fault(const char *url, size_t size)
{
    static const char scheme[] = "https://";
    const size_t start = sizeof scheme - 1;
    size_t end = start;
    const char *fault;

    if (size == 0 || size > HC__URL_LIMIT)
        return bad_size;
    if (size < start || !same(url, start, scheme))
        return bad_scheme;
    fault = character_fault(url, size);
    if (fault != NULL)
        return fault;
    while (end < size && url[end] != '/' && url[end] != '?' && url[end] != '#')
        end++;
    return authority_fault(url + start, end - start);
}
