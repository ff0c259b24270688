/* SPDX-License-Identifier: MIT */
/*
 * beanstalkd: only what every server is asked, whether it answers and how much it holds. Jobs are put
 * and taken by processes of their own (trade_beanstalkd.c).
 */
#include "contrib/bench/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contrib/bench/tuple.h"

static size_t beanstalkd_encode(uint8_t *out, enum verb verb, const struct request_data *data)
{
    const char *line = verb == VERB_PING    ? "list-tube-used\r\n"
                       : verb == VERB_COUNT ? "stats\r\n"
                                            : "";

    (void)data;
    return (size_t)(put_bytes(out, line, strlen(line)) - out);
}

/* Of "name: number" lines. */
static uint64_t number_of(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* "OK <bytes>\r\n", so many bytes, "\r\n": all jobs, in whatever state. */
static long read_stats(const uint8_t *p, size_t size, size_t line, struct answer *answer)
{
    char text[3000];
    size_t bytes = strtoul((const char *)p + 3, NULL, 10);

    if (bytes >= sizeof text)
        return -1;
    if (size < line + bytes + 2)
        return 0;
    memcpy(text, p + line, bytes);
    text[bytes] = '\0';
    answer->kind = ANSWER_COUNT;
    answer->value =
        number_of(text, "current-jobs-ready: ") + number_of(text, "current-jobs-reserved: ") +
        number_of(text, "current-jobs-delayed: ") + number_of(text, "current-jobs-buried: ");
    return (long)(line + bytes + 2);
}

static long beanstalkd_decode(const uint8_t *p, size_t size, struct answer *answer)
{
    const uint8_t *end = memchr(p, '\n', size);

    if (!end)
        return size < 256 ? 0 : -1;
    const size_t line = (size_t)(end - p) + 1;
    answer->number = answer->delivery = 0;
    if (line > 3 && memcmp(p, "OK ", 3) == 0)
        return read_stats(p, size, line, answer);
    answer->kind = memcmp(p, "USING ", line < 6 ? line : 6) == 0 ? ANSWER_DONE : ANSWER_FAILED;
    snprintf(answer->text, sizeof answer->text, "%.*s", (int)line - 1, (const char *)p);
    return (long)line;
}

const struct driver driver_beanstalkd = {"beanstalkd", beanstalkd_encode, beanstalkd_decode};
