/* SPDX-License-Identifier: MIT */
/*
 * The steps of a body and the fields of a template that body.c has passed, one after the other.
 */
#include "protocol/request.h"
#include "protocol/value.h"

static const uint8_t *read_options(const uint8_t *p, struct putting *putting)
{
    struct value map, key, value;

    p = value_read_trusted(p, &map);
    for (uint32_t i = 0; i < map.length; i++) {
        p = value_read_trusted(p, &key);
        p = value_read_trusted(p, &value);
        putting->has |= 1ull << key.u64;
        if (key.u64 == TSD_OPTION_PRIORITY)
            putting->priority = (int8_t)value.i64;
        else if (key.u64 == TSD_OPTION_TTL)
            putting->ttl_us = value.u64;
        else if (key.u64 == TSD_OPTION_DELAY)
            putting->delay_us = value.u64;
        else if (key.u64 == TSD_OPTION_BOUND)
            putting->bound = value.boolean;
        else
            putting->pulse = value.boolean;
    }
    return p;
}

static const uint8_t *read_put(const uint8_t *p, uint32_t count, struct step *step)
{
    struct value v;

    p = value_read_trusted(p, &v);
    if (v.type == VALUE_STR)
        step->space = (struct span){v.bytes, v.length};
    p = value_read_trusted(p, &v);
    step->fields = v.length;
    step->template.bytes = p;
    for (uint32_t i = 0; i < step->fields; i++)
        p = value_skip_trusted(p);
    step->template.size = (uint32_t)(p - step->template.bytes);
    return count == 4 ? read_options(p, &step->putting) : p;
}

struct step step_next(const uint8_t **at, const struct span *space)
{
    struct step step = {.space = *space};
    struct value head, kind;
    const uint8_t *p = value_read_trusted(*at, &head);

    p = value_read_trusted(p, &kind);
    step.kind = (enum tsd_step)kind.u64;
    if (step.kind == TSD_STEP_OUT)
        p = read_put(p, head.length, &step);
    else
        step.token = token_next(&p);
    *at = p;
    return step;
}

struct template_field template_next(const uint8_t **at)
{
    struct template_field field = {0};
    struct value head, kind, v;
    const uint8_t *p = value_read_trusted(*at, &head);

    p = value_read_trusted(p, &kind);
    if (kind.u64 == TSD_TEMPLATE_VALUE) {
        *at = value_skip_trusted(p);
        field.value = p;
        field.size = (uint32_t)(*at - p);
        return field;
    }
    p = value_read_trusted(p, &v);
    field.guard = (uint32_t)v.u64;
    p = value_read_trusted(p, &v);
    field.field = (uint32_t)v.u64;
    if (head.length == 4) {
        p = value_read_trusted(p, &v);
        field.adds = true;
        field.add = v.i64;
    }
    *at = p;
    return field;
}
