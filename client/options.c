/* SPDX-License-Identifier: MIT */
/*
 * The options that a request may have, whichever operation it is.
 */
#include <string.h>

#include "client/draft.h"

static const uint64_t options_of[TSD_OP_END] = {
#define OPTIONS_OF(number, NAME, name, arguments, options, text) [number] = options,
    TSD_OPERATIONS(OPTIONS_OF)};

static const char *const names[TSD_OPTION_END] = {
#define NAME_OF(number, NAME, name, text) [number] = name,
    TSD_OPTIONS(NAME_OF)};

/* One that is not known by a name is never ignored: what it asks for would silently not be done. */
static int check_known(struct draft *d)
{
    const uint64_t unknown = d->wire.has & ~options_of[d->wire.op];

    if (!unknown)
        return 0;
    return problem_set(&d->problem, TS_INVALID, 0, "%s does not take the option %s",
                       operation_name(d->wire.op), names[__builtin_ctzll(unknown)]);
}

/* A time that may be for ever, which is not to give it. */
static int add_life(struct draft *d, const char *what, double seconds, uint64_t bit, uint64_t *has,
                    uint64_t *us)
{
    int result = seconds == 0 ? 1 : draft_duration(d, what, seconds, us);

    if (result == 0)
        *has |= bit;
    return result < 0 ? result : 0;
}

/* A time that has an end. */
static int add_time(struct draft *d, const char *what, double seconds, uint64_t bit, uint64_t *has,
                    uint64_t *us)
{
    int result = seconds == 0 ? 0 : draft_duration(d, what, seconds, us);

    if (result > 0)
        return problem_set(&d->problem, TS_INVALID, 0, "the %s is for ever", what);
    if (result == 0 && seconds != 0)
        *has |= bit;
    return result;
}

int draft_putting(struct draft *d, const struct putting_options *options, struct putting *putting)
{
    int error;

    *putting = (struct putting){.bound = options->bound, .pulse = options->pulse};
    if (options->priority < INT8_MIN || options->priority > INT8_MAX)
        return problem_set(&d->problem, TS_INVALID, 0, "priority %d is not from -128 to 127",
                           options->priority);
    putting->priority = (int8_t)options->priority;
    if (options->priority)
        putting->has |= TSD_HAS(PRIORITY);
    if (options->bound)
        putting->has |= TSD_HAS(BOUND);
    if (options->pulse)
        putting->has |= TSD_HAS(PULSE);
    error = add_life(d, "ttl", options->ttl, TSD_HAS(TTL), &putting->has, &putting->ttl_us);
    return error ? error
                 : add_time(d, "delay", options->delay, TSD_HAS(DELAY), &putting->has,
                            &putting->delay_us);
}

static int add_putting(struct draft *d, const ts_request *request)
{
    const struct putting_options options = {request->priority, request->ttl, request->delay,
                                            request->bound, request->pulse};
    int error = draft_putting(d, &options, &d->wire.putting);

    d->wire.has |= d->wire.putting.has;
    return error;
}

static void add_text(struct draft *d, const char *text, uint64_t bit, struct span *span)
{
    if (!text)
        return;
    *span = (struct span){(const uint8_t *)text, (uint32_t)strlen(text)};
    d->wire.has |= bit;
}

static void add_bool(struct draft *d, bool given, uint64_t bit, bool *value)
{
    *value = given;
    if (given)
        d->wire.has |= bit;
}

static int add_hold_time(struct draft *d, double seconds)
{
    return add_life(d, "hold_time", seconds, TSD_HAS(HOLD_TIME), &d->wire.has, &d->wire.hold_us);
}

static void add_exit(struct draft *d, const ts_request *request)
{
    if (!request->has_exit)
        return;
    d->wire.exit_status = request->exit_status;
    d->wire.has |= TSD_HAS(EXIT);
}

int draft_options(struct draft *d, const ts_request *request)
{
    int error = add_putting(d, request);

    if (!error)
        error = add_time(d, "window", request->window, TSD_HAS(WINDOW), &d->wire.has,
                         &d->wire.window_us);
    if (!error && d->wire.op != TSD_OP_RENEW) /* whose hold_time is an argument */
        error = add_hold_time(d, request->hold_time);
    if (error)
        return error;
    if (request->no_wait && d->wire.op != TSD_OP_OUT && d->wire.op != TSD_OP_FINISH)
        return problem_set(&d->problem, TS_INVALID, 0,
                           "%s does not take no_wait: a timeout of 0 does not wait",
                           operation_name(d->wire.op));
    add_text(d, request->key, TSD_HAS(KEY), &d->wire.key);
    add_text(d, request->to, TSD_HAS(TO), &d->wire.to);
    add_bool(d, request->detached, TSD_HAS(DETACHED), &d->wire.detached);
    add_bool(d, request->untried, TSD_HAS(UNTRIED), &d->wire.untried);
    add_bool(d, request->who, TSD_HAS(WHO), &d->wire.who);
    add_bool(d, request->states, TSD_HAS(STATES), &d->wire.states);
    add_bool(d, request->force, TSD_HAS(FORCE), &d->wire.force);
    add_exit(d, request);
    return check_known(d);
}
