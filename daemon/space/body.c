/* SPDX-License-Identifier: MIT */
#include "space/body.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "protocol/tuple.h"
#include "protocol/value.h"
#include "space/atomic.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/unit.h"

static int no_memory(struct problem *problem)
{
    return problem_set(problem, TS_NO_MEMORY, 0, "no memory for the body: nothing was done");
}

/* The field of a guard's tuple; NULL where it has none. */
static const uint8_t *field_of(const struct stored *tuple, uint32_t field)
{
    if (field >= stored_fields(tuple))
        return NULL;
    const uint8_t *at = tuple_first(tuple->bytes);
    while (field-- > 0)
        at = value_skip_trusted(at);
    return at;
}

__extension__ typedef __int128 wide;

/* An int plus an int, over the whole range of both signed and unsigned ones. */
static int add_int(struct buffer *out, const struct value *value,
                   const struct template_field *field, struct problem *problem)
{
    const wide sum = (value->negative ? (wide)value->i64 : (wide)value->u64) + field->add;
    msgpack_packer packer = buffer_packer(out);
    if (sum < INT64_MIN || sum > UINT64_MAX)
        return problem_set(problem, TS_INVALID, 0,
                           "field %u of guard %u's tuple (both from 0) plus %" PRId64
                           " is beyond what an int can be",
                           field->field, field->guard, field->add);
    if (sum < 0)
        msgpack_pack_int64(&packer, (int64_t)sum);
    else
        msgpack_pack_uint64(&packer, (uint64_t)sum);
    return 0;
}

static int write_field(const struct engine *engine, struct buffer *out,
                       const struct template_field *field, struct problem *problem)
{
    const uint8_t *from = field_of(engine->guards.chosen[field->guard].tuple, field->field);
    struct value value;
    if (!from)
        return problem_set(problem, TS_INVALID, 0, "guard %u's tuple has no field %u (both from 0)",
                           field->guard, field->field);
    if (!field->adds) {
        buffer_append(out, from, (size_t)(value_skip_trusted(from) - from));
        return 0;
    }
    value_read_trusted(from, &value);
    if (value.type != VALUE_INT)
        return problem_set(problem, TS_INVALID, 0,
                           "field %u of guard %u's tuple (both from 0) is no int to add to",
                           field->field, field->guard);
    return add_int(out, &value, field, problem);
}

/* Lays the tuple out in engine->template and checks it (rule V2). */
static int write_tuple(struct engine *engine, const struct step *step, struct tuple_view *view,
                       struct problem *problem)
{
    struct buffer *out = &engine->template;
    const uint8_t *at = step->template.bytes;
    buffer_clear(out);
    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_array(&packer, step->fields);
    for (uint32_t i = 0; i < step->fields; i++) {
        const struct template_field field = template_next(&at);
        if (field.value)
            buffer_append(out, field.value, field.size);
        else if (write_field(engine, out, &field, problem) < 0) {
            problem_within(problem, "field %u", i + 1);
            return -1;
        }
    }
    if (out->failed)
        return no_memory(problem);
    if (tuple_check(out->bytes, out->bytes + out->size, view, problem) != 0) {
        problem->status = TS_INVALID;
        return -1;
    }
    return 0;
}

static int make_one(struct engine *engine, struct session *session, struct unit *unit,
                    const struct step *step, uint64_t *bytes, struct problem *problem)
{
    struct tuple_view view;
    if (write_tuple(engine, step, &view, problem) < 0)
        return -1;
    *bytes += view.size;
    if (*bytes >
        LIMIT_FRAME_BYTES) /* no request can put more; fields of guards do not change that */
        return problem_set(problem, TS_LIMIT, 0, "the limit on the bytes that one unit puts is %zu",
                           LIMIT_FRAME_BYTES);
    struct space *space = engine_make_space(engine, &step->space, session->owner);
    if (space && puts_add(engine, &unit->puts, session, space, &view, &step->putting) == 0)
        return 0;
    if (space)
        engine_space_left(engine, space);
    return no_memory(problem);
}

/* Fields of guards may be more than the steps said: what these have is charged where it waited. */
static int check_account(const struct engine *engine, const struct session *session,
                         const struct unit *unit, uint64_t bytes, struct problem *problem)
{
    const uint64_t charged = unit->bytes > 0 ? unit->body.size : 0;
    return bytes <= charged ? 0
                            : account_check_put(engine, session_account(engine, session), 0,
                                                bytes - charged, problem);
}

int body_make(struct engine *engine, struct session *session, struct unit *unit,
              struct problem *problem)
{
    const uint8_t *at = unit->body.bytes;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < unit->body_count; i++) {
        const struct step step = step_next(&at, &unit->space);
        if (step.kind != TSD_STEP_OUT)
            continue;
        if (make_one(engine, session, unit, &step, &bytes, problem) < 0) {
            problem_within(problem, "step %u", i + 1);
            puts_drop(engine, &unit->puts);
            return -1;
        }
    }
    if (check_account(engine, session, unit, bytes, problem) == 0)
        return 0;
    puts_drop(engine, &unit->puts);
    return -1;
}
