/* SPDX-License-Identifier: MIT */
#include "tsctl/told.h"

#include <stddef.h>

#define NAME_OF(number, NAME, name, text) [number] = name,
static const char *const events[] = {TSD_EVENTS(NAME_OF)};
static const char *const states[] = {TSD_STATES(NAME_OF)};
static const char *const reasons[] = {TSD_REASONS(NAME_OF)};
#undef NAME_OF

#define NAME_IN(names, number)                                                                     \
    ((number) < sizeof(names) / sizeof((names)[0]) && (names)[number] != NULL ? (names)[number]    \
                                                                              : "other")

const char *told_event(unsigned event)
{
    return NAME_IN(events, event);
}

const char *told_state(unsigned state)
{
    return NAME_IN(states, state);
}

const char *told_reason(unsigned reason)
{
    return NAME_IN(reasons, reason);
}

void told_tuple(struct record *record, const ts_tuple *tuple)
{
    record_value(record, "tuple", tuple->bytes, tuple->size);
    record_id(record, "id", tuple->id);
    record_int(record, "priority", tuple->priority);
    record_uint(record, "returns", tuple->returns);
    if (tuple->reason == 0)
        return;
    record_str(record, "reason", told_reason(tuple->reason));
    if (tuple->exit_status >= 0 && tuple->exit_status < 256)
        record_int(record, "exit", tuple->exit_status);
    else if (tuple->exit_status >= 256)
        record_int(record, "signal", tuple->exit_status - 256);
}
