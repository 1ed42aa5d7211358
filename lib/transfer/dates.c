#include "transfer/mapping.h"

#include <string.h>

#include "base/time.h"

typedef enum part { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, PARTS } part;

/* Longest first: "MM" is not two "M". */
static const struct token {
    const char *text;
    part part;
    size_t least, most; /* digits */
} tokens[] = {{"YYYY", YEAR, 4, 4}, {"MM", MONTH, 2, 2}, {"M", MONTH, 1, 2},   {"DD", DAY, 2, 2},   {"D", DAY, 1, 2},
              {"hh", HOUR, 2, 2},   {"h", HOUR, 1, 2},   {"mm", MINUTE, 2, 2}, {"ss", SECOND, 2, 2}};

static const struct token *token_at(const char *format)
{
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
        if (strncmp(format, tokens[i].text, strlen(tokens[i].text)) == 0)
            return &tokens[i];
    return NULL;
}

bool hc__date_format_valid(const char *format)
{
    unsigned seen = 0;
    const unsigned date = 1u << YEAR | 1u << MONTH | 1u << DAY;

    while (*format != '\0') {
        const struct token *token = token_at(format);

        if (token == NULL) {
            if ((*format >= 'a' && *format <= 'z') ||
                (*format >= 'A' && *format <= 'Z' && *format != 'T' && *format != 'Z'))
                return false;
            format++;
            continue;
        }
        if ((seen & 1u << token->part) != 0)
            return false;
        seen |= 1u << token->part;
        format += strlen(token->text);
    }
    return (seen & date) == date;
}

static bool digits(int *out, const char *text, size_t size, size_t *at, const struct token *token)
{
    size_t taken = 0;

    *out = 0;
    while (taken < token->most && *at < size && text[*at] >= '0' && text[*at] <= '9') {
        *out = *out * 10 + (text[*at] - '0');
        (*at)++;
        taken++;
    }
    return taken >= token->least;
}

bool hc__date_by_format(int64_t *micros, const char *format, const char *text, size_t size)
{
    int values[PARTS] = {0, 0, 0, 0, 0, 0};
    size_t at = 0;

    while (*format != '\0') {
        const struct token *token = token_at(format);

        if (token != NULL) {
            if (!digits(&values[token->part], text, size, &at, token))
                return false;
            format += strlen(token->text);
        } else if (at < size && text[at] == *format) {
            at++;
            format++;
        } else {
            return false;
        }
    }
    if (at != size || !hc__date_valid(values[YEAR], values[MONTH], values[DAY]) || values[HOUR] > 23 ||
        values[MINUTE] > 59 || values[SECOND] > 59)
        return false;
    *micros = (int64_t)hc__days_from_civil(values[YEAR], values[MONTH], values[DAY]) * HC__DAY +
              (values[HOUR] * INT64_C(3600) + values[MINUTE] * 60 + values[SECOND]) * HC__SECOND;
    return true;
}
