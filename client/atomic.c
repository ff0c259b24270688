/* SPDX-License-Identifier: MIT */
/*
 * The guards and the body of an atomic (rule S22) on their way into the wire's form.
 */
#include "client/draft.h"

#include "client/values.h"
#include "protocol/tuple.h"
#include "protocol/value.h"

static int add_guard(struct draft *d, const ts_guard *guard)
{
    struct guard *wire = &d->wire.guards[d->wire.alternative_count];
    int result = 1;

    *wire = (struct guard){.kind = guard->kind, .detached = guard->detached};
    if (guard->kind < TSD_GUARD_IN || guard->kind >= TSD_GUARD_END)
        return problem_set(&d->problem, TS_INVALID, 0, "no guard has the number %d",
                           (int)guard->kind);
    if (guard->kind != TSD_GUARD_HOLD && (guard->detached || guard->hold_time != 0))
        return problem_set(&d->problem, TS_INVALID, 0,
                           "only a hold has a hold_time, or is detached");
    if (guard->hold_time != 0)
        result = draft_duration(d, "hold_time", guard->hold_time, &wire->hold_us);
    wire->has_hold_time = result == 0;
    return result < 0 ? result : draft_pattern(d, &guard->pattern, guard->space);
}

static int add_guards(struct draft *d, const ts_request *request)
{
    if (request->guard_count == 0)
        return problem_set(&d->problem, TS_INVALID, 0, "no guard");
    if (request->guard_count > LIMIT_GUARDS)
        return problem_set(&d->problem, TS_LIMIT, 0, "%zu guards, the limit is %d",
                           request->guard_count, LIMIT_GUARDS);
    for (size_t i = 0; i < request->guard_count; i++) {
        int error = add_guard(d, &request->guards[i]);
        if (error) {
            problem_within(&d->problem, "guard %zu", i + 1);
            return error;
        }
    }
    return 0;
}

/* ---- Templates ---- */

static int encode_from(const ts_value *from, struct buffer *out)
{
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_array(&packer, from->flags ? 4 : 3);
    msgpack_pack_uint32(&packer, TSD_TEMPLATE_FIELD);
    msgpack_pack_int8(&packer, from->ext_type);
    msgpack_pack_uint32(&packer, from->size);
    if (from->flags)
        msgpack_pack_int64(&packer, from->as.i64);
    return 0;
}

static void encode_value_head(struct buffer *out)
{
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_array(&packer, 2);
    msgpack_pack_uint32(&packer, TSD_TEMPLATE_VALUE);
}

/* The fields of the tuple that was encoded last, at `at` in scratch, each as a template's. */
static int template_of_bytes(struct draft *d, const ts_bytes *encoded)
{
    const struct tuple_view view = tuple_at(encoded->bytes);
    const uint8_t *p = tuple_first(encoded->bytes);
    msgpack_packer packer = buffer_packer(d->scratch);

    msgpack_pack_array(&packer, view.fields);
    for (uint32_t i = 0; i < view.fields; i++) {
        const uint8_t *after = value_skip_trusted(p);
        encode_value_head(d->scratch);
        buffer_append(d->scratch, p, (size_t)(after - p));
        p = after;
    }
    return 0;
}

/* What is encoded already is checked by encoding it, which is then cut off again. */
static int encode_encoded(struct draft *d, const ts_values *tuple)
{
    const size_t before = d->scratch->size;
    int error = draft_tuple(d, tuple);

    if (error || d->scratch->failed)
        return error;
    d->scratch->size = before;
    return template_of_bytes(d, &tuple->encoded);
}

static int encode_template(struct draft *d, const ts_values *tuple)
{
    msgpack_packer packer = buffer_packer(d->scratch);

    if (tuple->encoded.bytes)
        return encode_encoded(d, tuple);
    if (tuple->count == 0 || tuple->count > LIMIT_TUPLE_FIELDS)
        return draft_tuple(d, tuple); /* which says what is wrong */
    msgpack_pack_array(&packer, tuple->count);
    for (size_t i = 0; i < tuple->count; i++) {
        const ts_value *field = &tuple->items[i];
        int error;

        if (field->kind == TS_KIND_FROM && field->matcher == TSD_M_EQ) {
            error = encode_from(field, d->scratch);
        } else {
            encode_value_head(d->scratch);
            error = value_encode(field, 0, d->scratch, &d->problem);
        }
        if (error) {
            problem_within(&d->problem, "field %zu", i + 1);
            return error;
        }
    }
    return 0;
}

/* ---- Steps ---- */

static void encode_putting(const struct putting *putting, struct buffer *out)
{
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_map(&packer, (size_t)__builtin_popcountll(putting->has));
    for (uint32_t option = 0; option < TSD_OPTION_END; option++) {
        if (!(putting->has & 1ull << option))
            continue;
        msgpack_pack_uint32(&packer, option);
        if (option == TSD_OPTION_PRIORITY)
            msgpack_pack_int8(&packer, putting->priority);
        else if (option == TSD_OPTION_TTL)
            msgpack_pack_uint64(&packer, putting->ttl_us);
        else if (option == TSD_OPTION_DELAY)
            msgpack_pack_uint64(&packer, putting->delay_us);
        else /* BOUND, PULSE, which are given where they are so */
            msgpack_pack_true(&packer);
    }
}

static int add_put(struct draft *d, const ts_step *step)
{
    const struct putting_options options = {step->priority, step->ttl, step->delay, step->bound,
                                            step->pulse};
    msgpack_packer packer = buffer_packer(d->scratch);
    struct putting putting;
    int error = draft_putting(d, &options, &putting);

    if (error)
        return error;
    msgpack_pack_array(&packer, putting.has ? 4 : 3);
    msgpack_pack_uint32(&packer, TSD_STEP_OUT);
    if (step->space)
        buffer_pack_str(d->scratch, step->space, strlen(step->space));
    else
        msgpack_pack_nil(&packer);
    error = encode_template(d, &step->tuple);
    if (!error && putting.has)
        encode_putting(&putting, d->scratch);
    return error;
}

static int add_step(struct draft *d, const ts_step *step)
{
    msgpack_packer packer = buffer_packer(d->scratch);

    if (step->kind == TSD_STEP_OUT)
        return add_put(d, step);
    if (step->kind != TSD_STEP_FINISH)
        return problem_set(&d->problem, TS_INVALID, 0, "no step has the number %d",
                           (int)step->kind);
    msgpack_pack_array(&packer, 2);
    msgpack_pack_uint32(&packer, TSD_STEP_FINISH);
    return draft_token(d, &step->token);
}

int draft_atomic(struct draft *d, const ts_request *request)
{
    int error = add_guards(d, request);

    if (error)
        return error;
    if (request->step_count > LIMIT_UNIT_TUPLES)
        return problem_set(&d->problem, TS_LIMIT, 0,
                           "%zu steps, the limit on the tuples of one unit is %d",
                           request->step_count, LIMIT_UNIT_TUPLES);
    d->body.at = d->scratch->size;
    for (size_t i = 0; i < request->step_count; i++) {
        error = add_step(d, &request->steps[i]);
        if (error) {
            problem_within(&d->problem, "step %zu", i + 1);
            return error;
        }
    }
    d->body.size = d->scratch->size - d->body.at;
    d->wire.body_count = (uint32_t)request->step_count;
    return 0;
}
