/* SPDX-License-Identifier: MIT */
/* Actions as text, for whoever looks at a failure. */
#include <inttypes.h>

#include "run.h"

static void describe_value(const struct naive_value *value, struct buffer *text)
{
    static const char *const kinds[] = {"nil", "bool ", "", "float ", "str "};
    buffer_printf(text, "%s", kinds[value->kind]);
    if (value->kind != NAIVE_NIL)
        buffer_printf(text, "%" PRId64, value->number);
}

static void describe_tuple(const struct naive_tuple *tuple, struct buffer *text)
{
    for (int i = 0; i < tuple->fields; i++) {
        buffer_printf(text, i ? ", " : " [");
        describe_value(&tuple->values[i], text);
    }
    buffer_printf(text, "]");
}

static const char *matcher_name(enum tsd_matcher op)
{
    switch (op) {
    case TSD_M_EQ:
        return "";
    case TSD_M_NE:
        return "!=";
    case TSD_M_GE:
        return ">=";
    case TSD_M_RANGE:
        return "range ";
    case TSD_M_INT:
        return "?int";
    case TSD_M_STR:
        return "?str";
    case TSD_M_NUM:
        return "?num";
    default:
        return "?";
    }
}

static void describe_pattern(const struct naive_pattern *pattern, struct buffer *text)
{
    buffer_printf(text, "[");
    for (int i = 0; i < pattern->fields; i++) {
        const struct naive_matcher *matcher = &pattern->matchers[i];
        buffer_printf(text, "%s%s", i ? ", " : "", matcher_name(matcher->op));
        if (matcher->op == TSD_M_EQ || matcher->op == TSD_M_NE || matcher->op == TSD_M_GE ||
            matcher->op == TSD_M_RANGE)
            describe_value(&matcher->value, text);
        if (matcher->op == TSD_M_RANGE) {
            buffer_printf(text, "..");
            describe_value(&matcher->high, text);
        }
    }
    buffer_printf(text, "%s]", pattern->rest ? "..." : "");
}

static void describe_time(const char *name, bool has, uint64_t us, struct buffer *text)
{
    if (has)
        buffer_printf(text, " %s %" PRIu64, name, us);
}

static void describe_putting(const struct naive_putting *putting, struct buffer *text)
{
    if (putting->priority != 0)
        buffer_printf(text, " priority %d", putting->priority);
    describe_time("delay", putting->delay_us > 0, putting->delay_us, text);
    describe_time("ttl", putting->ttl_us > 0, putting->ttl_us, text);
    buffer_printf(text, "%s%s", putting->bound ? " bound" : "", putting->pulse ? " pulse" : "");
}

static void describe_token(const struct naive_token *token, struct buffer *text)
{
    if (token->delivery)
        buffer_printf(text, " delivery %" PRIu64 "#%" PRIu64, token->number, token->id);
    else
        buffer_printf(text, " %stoken %" PRIu64, token->wrong ? "wrong " : "", token->number);
}

static void describe_step(const struct naive_step *step, struct buffer *text)
{
    if (step->finishes) {
        buffer_printf(text, "; finish");
        describe_token(&step->token, text);
        return;
    }
    buffer_printf(text, "; out s%d", step->space);
    for (int i = 0; i < step->fields; i++) {
        const struct naive_field *field = &step->template[i];
        buffer_printf(text, i ? ", " : " [");
        if (!field->takes)
            describe_value(&field->value, text);
        else
            buffer_printf(text, "$%d.%d", field->guard, field->field);
        if (field->takes && field->adds)
            buffer_printf(text, " + %" PRId64, field->add);
    }
    buffer_printf(text, "]");
    describe_putting(&step->putting, text);
}

static void describe_parts(const struct naive_request *request, struct buffer *text)
{
    static const char *const guards[] = {"", "in ", "rd ", "hold ", "absent "};
    for (int i = 0; i < request->part_count; i++) {
        const struct naive_part *part = &request->parts[i];
        buffer_printf(text, "%s %ss%d ", i ? "," : "", guards[part->guard], part->space);
        describe_pattern(&part->pattern, text);
        describe_time("for", part->has_hold_time, part->hold_us, text);
        buffer_printf(text, "%s", part->detached ? " detached" : "");
    }
    for (int i = 0; i < request->step_count; i++)
        describe_step(&request->steps[i], text);
}

static void describe_flags(const struct naive_request *request, struct buffer *text)
{
    const struct {
        bool has;
        const char *name;
    } flags[] = {{request->detached, "detached"}, {request->untried, "untried"},
                 {request->now, "now"},           {request->states, "states"},
                 {request->who, "who"},           {request->force, "force"},
                 {request->reverse, "reverse"},   {request->existing, "existing"}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].has)
            buffer_printf(text, " %s", flags[i].name);
}

static void describe_options(const struct naive_request *request, struct buffer *text)
{
    describe_putting(&request->putting, text);
    if (request->counted)
        buffer_printf(text, " count %u..%u", request->min, request->max);
    describe_time("id", request->by_id, request->id, text);
    describe_time("timeout", request->has_timeout, request->timeout_us, text);
    describe_time("for", request->has_hold_time, request->hold_us, text);
    describe_time("delay", request->delay_us > 0, request->delay_us, text);
    describe_time("exit", request->has_exit, request->exit_status, text);
    describe_time("capacity", request->has_capacity, request->capacity, text);
    describe_time("max-returns", request->has_max_returns, request->max_returns, text);
    describe_time("after", request->has_cursor, request->cursor_id, text);
    describe_time("events", request->events != UINT32_MAX, request->events, text);
    describe_time("target", request->op == TSD_OP_CANCEL, request->target, text);
    describe_time("by", request->op == TSD_OP_RENEW, request->duration_us, text);
    describe_time("owner", request->has_owner, request->owner, text);
    describe_time("group", request->has_group, request->group, text);
    if (request->has_mode)
        buffer_printf(text, " mode %o", request->mode);
    if (request->has_dead_letter)
        buffer_printf(text, " dead-letter s%d", request->dead_letter);
    if (request->to >= 0)
        buffer_printf(text, " to s%d", request->to);
    if (request->key)
        buffer_printf(text, " key %d window %" PRIu64, request->key, request->window_us);
    describe_flags(request, text);
}

static void describe_request(const struct naive_request *request, struct buffer *text)
{
    buffer_printf(text, ".%" PRIu64 " %s s%d", request->number, operation_name(request->op),
                  request->space);
    for (int i = 0; i < request->token_count; i++)
        describe_token(&request->tokens[i], text);
    for (int i = 0; i < request->tuple_count; i++)
        describe_tuple(&request->tuples[i], text);
    describe_parts(request, text);
    describe_options(request, text);
}

void action_describe(const struct action *action, struct buffer *text)
{
    static const char *const kinds[] = {
        [COMMAND_COMES] = "comes", [COMMAND_REQUEST] = "asks", [COMMAND_ACK] = "acks",
        [COMMAND_ENDS] = "ends",   [COMMAND_READS] = "reads",  [COMMAND_GAP] = "does not read",
        [COMMAND_TICK] = "tick"};
    static const char *const ends[] = {" dying", " with a goodbye", " by a stop"};
    buffer_printf(text, "> at %" PRIu64 " us: ", action->now_ns / 1000);
    if (action->kind == COMMAND_REQUEST) {
        buffer_printf(text, "%" PRIu64, action->session);
        describe_request(&action->request, text);
    } else {
        buffer_printf(text, "%" PRIu64 " %s%s", action->session, kinds[action->kind],
                      action->kind == COMMAND_ENDS ? ends[action->end] : "");
    }
    if (action->ack)
        buffer_printf(text, " ack %" PRIu64, action->ack);
    if (action->fault)
        buffer_printf(text, " (allocation %" PRIu64 " fails)", action->fault);
    buffer_printf(text, "\n");
}
