/* SPDX-License-Identifier: MIT */
/*
 * Options of a scenario's request.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/scenario_read.h"
#include "protocol/names.h"

static uint64_t microseconds(const struct scenario_reader *reader, const char *value)
{
    return scenario_duration(reader->scenario, value) / 1000;
}

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

/* #N: which of the named tuples. */
static int tuple_name(const struct scenario_reader *reader, const char *text)
{
    const int name = text[0] == '#' ? atoi(text + 1) : 0;
    if (name < 1 || name > reader->state->named)
        scenario_bad(reader->scenario, "no such tuple", text);
    return name;
}

static void read_counts(struct request *request, const char *text)
{
    const char *dots = strstr(text, "..");
    request->max = (uint32_t)atoi(dots ? dots + 2 : text);
    if (!dots)
        return;
    request->has |= TSD_HAS(MIN);
    request->min = (uint32_t)atoi(text);
}

/* put,taken: a bit each. */
static uint32_t read_events(const struct scenario_reader *reader, char *text)
{
    static const char *const names[TSD_EVENT_END] = {
#define EVENT(number, NAME, name, what) [number] = name,
        TSD_EVENTS(EVENT)
#undef EVENT
    };
    uint32_t events = 0;
    for (char *name; (name = strsep(&text, ","));) {
        uint32_t i = 1;
        while (i < TSD_EVENT_END && strcmp(names[i], name) != 0)
            i++;
        if (i == TSD_EVENT_END)
            scenario_bad(reader->scenario, "no such event", name);
        events |= 1u << i;
    }
    return events;
}

static void set_space(struct scenario_reader *reader, char *value)
{
    reader->space = span_of(value);
}

static void set_counts(struct scenario_reader *reader, char *value)
{
    read_counts(&reader->step->request, value);
}

static void set_id(struct scenario_reader *reader, char *value)
{
    reader->step->request.id = reader->state->ids[tuple_name(reader, value)];
}

static void set_cursor(struct scenario_reader *reader, char *value)
{
    const int name = tuple_name(reader, value);
    reader->step->request.cursor =
        (struct place){reader->state->priorities[name], reader->state->ids[name]};
}

static void set_events(struct scenario_reader *reader, char *value)
{
    reader->step->request.events = read_events(reader, value);
}

static void set_unread(struct scenario_reader *reader, char *value)
{
    (void)value;
    reader->step->unread = true;
}

static void set_guess(struct scenario_reader *reader, char *value)
{
    (void)value;
    reader->guess = true;
}

/* Options of one form each: a function that sets the field of a request. */
#define SETTER(name, member, reading)                                                              \
    static void set_##name(struct scenario_reader *reader, char *value)                            \
    {                                                                                              \
        (void)value;                                                                               \
        reader->step->request.member = (reading);                                                  \
    }
SETTER(timeout, timeout_us, microseconds(reader, value))
SETTER(priority, putting.priority, (int8_t)atoi(value))
SETTER(ttl, putting.ttl_us, microseconds(reader, value))
SETTER(delay, putting.delay_us, microseconds(reader, value))
SETTER(bound, putting.bound, true)
SETTER(pulse, putting.pulse, true)
SETTER(key, key, span_of(value))
SETTER(window, window_us, microseconds(reader, value))
SETTER(hold_time, hold_us, microseconds(reader, value))
SETTER(detached, detached, true)
SETTER(untried, untried, true)
SETTER(exit, exit_status, (uint32_t)atoi(value))
SETTER(to, to, span_of(value))
SETTER(now, now, true)
SETTER(states, states, true)
SETTER(who, who, true)
SETTER(force, force, true)
SETTER(reverse, reverse, true)
SETTER(capacity, capacity, strtoull(value, NULL, 10))
SETTER(max_returns, max_returns, (uint32_t)strtoul(value, NULL, 10))
SETTER(mode, mode, (uint32_t)strtoul(value, NULL, 8))
SETTER(owner, owner, (uint32_t)strtoul(value, NULL, 10))
SETTER(group, group, (uint32_t)strtoul(value, NULL, 10))
SETTER(existing, existing, true)
SETTER(dead_letter, dead_letter, span_of(strcmp(value, "none") == 0 ? "" : value))

static const struct {
    const char *name;
    uint64_t has;
    bool has_value;
    void (*set)(struct scenario_reader *reader, char *value);
} options[] = {
    {"-s", 0, true, set_space},
    {"--mode", TSD_HAS(MODE), true, set_mode},
    {"--owner", TSD_HAS(OWNER), true, set_owner},
    {"--group", TSD_HAS(GROUP), true, set_group},
    {"--existing", TSD_HAS(EXISTING), false, set_existing},
    {"-n", TSD_HAS(MAX), true, set_counts},
    {"-t", TSD_HAS(TIMEOUT), true, set_timeout},
    {"--id", TSD_HAS(ID), true, set_id},
    {"--after", TSD_HAS(CURSOR), true, set_cursor},
    {"--reverse", TSD_HAS(REVERSE), false, set_reverse},
    {"--priority", TSD_HAS(PRIORITY), true, set_priority},
    {"--ttl", TSD_HAS(TTL), true, set_ttl},
    {"--delay", TSD_HAS(DELAY), true, set_delay},
    {"--bound", TSD_HAS(BOUND), false, set_bound},
    {"--pulse", TSD_HAS(PULSE), false, set_pulse},
    {"--key", TSD_HAS(KEY), true, set_key},
    {"--window", TSD_HAS(WINDOW), true, set_window},
    {"--for", TSD_HAS(HOLD_TIME), true, set_hold_time},
    {"--detached", TSD_HAS(DETACHED), false, set_detached},
    {"--untried", TSD_HAS(UNTRIED), false, set_untried},
    {"--exit", TSD_HAS(EXIT), true, set_exit},
    {"--to", TSD_HAS(TO), true, set_to},
    {"--now", TSD_HAS(NOW), false, set_now},
    {"--events", TSD_HAS(EVENTS), true, set_events},
    {"--states", TSD_HAS(STATES), false, set_states},
    {"--who", TSD_HAS(WHO), false, set_who},
    {"--capacity", TSD_HAS(CAPACITY), true, set_capacity},
    {"--max-returns", TSD_HAS(MAX_RETURNS), true, set_max_returns},
    {"--dead-letter", TSD_HAS(DEAD_LETTER), true, set_dead_letter},
    {"--force", TSD_HAS(FORCE), false, set_force},
    {"--unread", 0, false, set_unread},
    {"--guess", 0, false, set_guess},
};

bool scenario_option(struct scenario_reader *reader, char **at)
{
    if (!*at)
        return false;
    *at += strspn(*at, " ");
    const size_t length = strcspn(*at, " ");
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strlen(options[i].name) != length || memcmp(*at, options[i].name, length) != 0)
            continue;
        scenario_word(at);
        char *value = options[i].has_value ? scenario_word(at) : NULL;
        if (options[i].has_value && !value)
            scenario_bad(reader->scenario, "an option without a value", options[i].name);
        reader->step->request.has |= options[i].has;
        options[i].set(reader, value);
        return true;
    }
    if (**at == '-' && reader->step->request.op != TSD_OP_ATOMIC)
        scenario_bad(reader->scenario, "unknown option", *at);
    return false;
}
