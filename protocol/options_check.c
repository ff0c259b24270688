/* SPDX-License-Identifier: MIT */
/*
 * What one option forbids another: checked where all of a request's, a step's or a guard's are known.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "protocol/request_field.h"

static int refuse(struct problem *problem, size_t offset, const char *text)
{
    return problem_set(problem, TS_INVALID, offset, "%s", text);
}

/* rule S27 */
static int check_pulse(struct problem *problem, size_t offset, const struct putting *putting)
{
    const char *what = putting->has & TSD_HAS(TTL)     ? "ttl"
                       : putting->has & TSD_HAS(DELAY) ? "delay"
                       : putting->bound                ? "bound"
                                                       : NULL;

    if (!what)
        return 0;
    return problem_set(problem, TS_INVALID, offset,
                       "option pulse: not with %s: a pulse is given to those who wait now, "
                       "and is gone",
                       what);
}

#define DURATION_SIZE 32

/* In seconds, as whoever asked has most likely said it. */
static const char *duration(uint64_t us, char text[static DURATION_SIZE])
{
    int size =
        snprintf(text, DURATION_SIZE, "%" PRIu64 ".%06u", us / 1000000, (unsigned)(us % 1000000));

    while (text[size - 1] == '0')
        size--;
    if (text[size - 1] == '.')
        size--;
    (void)snprintf(text + size, DURATION_SIZE - (size_t)size, " s");
    return text;
}

/* rule S26 */
static int check_ttl(struct problem *problem, size_t offset, const struct putting *putting)
{
    char ttl[DURATION_SIZE], delay[DURATION_SIZE];

    if (!(putting->has & TSD_HAS(TTL)) || putting->ttl_us > putting->delay_us)
        return 0;
    if (putting->delay_us == 0)
        return problem_set(problem, TS_INVALID, offset, "option ttl: 0 s is no time to live");
    return problem_set(problem, TS_INVALID, offset, "option ttl: %s is not more than the delay, %s",
                       duration(putting->ttl_us, ttl), duration(putting->delay_us, delay));
}

int options_check_putting(struct problem *problem, size_t offset, const struct putting *putting)
{
    int error = putting->pulse ? check_pulse(problem, offset, putting) : 0;

    return error ? error : check_ttl(problem, offset, putting);
}

/* rule S7 */
int options_check_hold(struct problem *problem, size_t offset, uint64_t has, bool detached)
{
    if (!detached || has & TSD_HAS(HOLD_TIME))
        return 0;
    return refuse(problem, offset,
                  "option detached: a hold that survives its connection needs a "
                  "hold-time");
}

/* rule S28 */
static int check_key(const struct decoder *d, size_t offset)
{
    const struct request *request = d->request;

    if (!(request->has & TSD_HAS(KEY)))
        return request->has & TSD_HAS(WINDOW)
                   ? refuse(d->problem, offset, "option window: there is no key to remember")
                   : 0;
    if (request->putting.bound || d->puts_bound)
        return refuse(d->problem, offset,
                      "option key: not with bound: a repeated put comes from another connection");
    return 0;
}

/* rule S12 */
static int check_dead_letter(const struct decoder *d, size_t offset)
{
    const struct span *space = &d->request->space, *dead = &d->request->dead_letter;

    if (dead->size == 0 || dead->size != space->size ||
        memcmp(dead->bytes, space->bytes, dead->size) != 0)
        return 0;
    return refuse(d->problem, offset,
                  "option dead-letter: the space itself, where it is another one");
}

int options_check(struct decoder *d, size_t offset)
{
    struct request *request = d->request;
    const uint64_t has = request->has;
    int error = 0;

    request->putting.has = has & TSD_HAS_PUTTING;
    if (request->putting.has)
        error = options_check_putting(d->problem, offset, &request->putting);
    if (!error && has & TSD_HAS_KEY)
        error = check_key(d, offset);
    if (!error)
        error = options_check_hold(d->problem, offset, has, request->detached);
    return error ? error : check_dead_letter(d, offset);
}
