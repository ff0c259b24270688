/* SPDX-License-Identifier: MIT */
#include "protocol/text_write.h"

#include <inttypes.h>

#include "protocol/base64.h"
#include "protocol/names.h"
#include "protocol/text_number.h"
#include "protocol/value.h"

static const uint8_t *write_value(const uint8_t *p, struct buffer *out);

static void write_sign(struct buffer *out, const char *sign)
{
    for (; *sign; sign++)
        buffer_append_byte(out, (uint8_t)*sign);
}

/* An int, read from the negative or positive half of its range. */
static void write_int(const struct value *value, struct buffer *out)
{
    if (value->negative)
        buffer_printf(out, "%" PRId64, value->i64);
    else
        buffer_printf(out, "%" PRIu64, value->u64);
}

static void write_base64(const struct value *value, struct buffer *out)
{
    buffer_append_byte(out, '"');
    base64_encode(value->bytes, value->length, out);
    buffer_append_byte(out, '"');
}

static const uint8_t *write_elements(const uint8_t *p, uint32_t count, struct buffer *out)
{
    buffer_append_byte(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        p = write_value(p, out);
    }
    buffer_append_byte(out, ']');
    return p;
}

static const uint8_t *write_pairs(const uint8_t *p, uint32_t count, struct buffer *out)
{
    buffer_append_byte(out, '{');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        p = write_value(p, out);
        buffer_append_byte(out, ':');
        p = write_value(p, out);
    }
    buffer_append_byte(out, '}');
    return p;
}

/* Recursion: a checked value has 32 levels at most. Returns the value's end. */
static const uint8_t *write_value(const uint8_t *p, struct buffer *out)
{
    struct value value;

    p = value_read_trusted(p, &value);
    switch (value.type) {
    case VALUE_NIL:
        write_sign(out, "null");
        break;
    case VALUE_BOOL:
        write_sign(out, value.boolean ? "true" : "false");
        break;
    case VALUE_INT:
        write_int(&value, out);
        break;
    case VALUE_FLOAT:
        number_write_float(value.real, out);
        break;
    case VALUE_STR:
        text_write_string(value.bytes, value.length, out);
        break;
    case VALUE_BIN:
        write_sign(out, "b");
        write_base64(&value, out);
        break;
    case VALUE_EXT:
        buffer_printf(out, "x%d", value.ext_type);
        write_base64(&value, out);
        break;
    case VALUE_ARRAY:
        return write_elements(p, value.length, out);
    case VALUE_MAP:
        return write_pairs(p, value.length, out);
    }
    return p;
}

void text_write_value(const uint8_t *value, struct buffer *out)
{
    write_value(value, out);
}

/* The nodes of a pattern, one after the other. */
struct writer {
    const struct pattern *pattern;
    const struct matcher *node; /* the next one */
    struct buffer *out;
};

static void write_matcher(struct writer *w);

static void write_operand(struct writer *w, uint32_t offset)
{
    write_value(w->pattern->bytes + offset, w->out);
}

static void write_rest(struct writer *w, bool rest, unsigned before)
{
    if (rest)
        write_sign(w->out, before > 0 ? ",..." : "...");
}

static void write_nested_array(struct writer *w, const struct matcher *node)
{
    write_sign(w->out, "[");
    for (unsigned i = 0; i < node->children; i++) {
        if (i > 0)
            write_sign(w->out, ",");
        write_matcher(w);
    }
    write_rest(w, node->rest, node->children);
    write_sign(w->out, "]");
}

static void write_nested_map(struct writer *w, const struct matcher *node)
{
    write_sign(w->out, "{");
    for (unsigned i = 0; i < node->children; i++) {
        if (i > 0)
            write_sign(w->out, ",");
        write_matcher(w); /* the key: an EQ */
        write_sign(w->out, ":");
        write_matcher(w);
    }
    write_rest(w, node->rest, node->children);
    write_sign(w->out, "}");
}

static void write_group(struct writer *w, const struct matcher *node)
{
    write_sign(w->out, "(");
    for (unsigned i = 0; i < node->children; i++) {
        if (i > 0)
            write_sign(w->out, node->op == TSD_M_OR ? " | " : " & ");
        write_matcher(w);
    }
    write_sign(w->out, ")");
}

/* The expression between slashes. Its own escapes stay; control characters are written as \xhh. */
static void write_regex(struct writer *w, const struct matcher *node)
{
    struct value text;
    const uint8_t *p, *end;

    value_read_trusted(w->pattern->bytes + node->a, &text);
    write_sign(w->out, "/");
    for (p = text.bytes, end = p + text.length; p < end; p++) {
        if (*p == '\\' && end - p > 1)
            buffer_append_byte(w->out, *p++);
        else if (*p == '/' || *p == '\\')
            buffer_append_byte(w->out, '\\');
        if (*p < 0x20 || *p == 0x7f)
            buffer_printf(w->out, "\\x%02x", *p);
        else
            buffer_append_byte(w->out, *p);
    }
    write_sign(w->out, node->b ? "/i" : "/");
}

/* What stands before the operand of a matcher of one: "<v" in the table gives "<". */
static void write_operator(struct writer *w, const struct matcher *node)
{
    for (const char *sign = matcher_notation(node->op); *sign != 'v' && *sign != '"'; sign++)
        buffer_append_byte(w->out, (uint8_t)*sign);
    write_operand(w, node->a);
}

static void write_matcher(struct writer *w)
{
    const struct matcher *node = w->node++;

    switch ((enum tsd_matcher)node->op) {
    case TSD_M_EQ:
        write_operand(w, node->a);
        break;
    case TSD_M_LT:
    case TSD_M_LE:
    case TSD_M_GT:
    case TSD_M_GE:
    case TSD_M_NE:
    case TSD_M_PREFIX:
    case TSD_M_SUFFIX:
    case TSD_M_INFIX:
        write_operator(w, node);
        break;
    case TSD_M_RANGE:
        write_operand(w, node->a);
        write_sign(w->out, "..");
        write_operand(w, node->b);
        break;
    case TSD_M_REGEX:
        write_regex(w, node);
        break;
    case TSD_M_LENGTH:
        write_sign(w->out, "#");
        write_matcher(w);
        break;
    case TSD_M_ELEMENTS:
        write_nested_array(w, node);
        break;
    case TSD_M_PAIRS:
        write_nested_map(w, node);
        break;
    case TSD_M_OR:
    case TSD_M_AND:
        write_group(w, node);
        break;
    case TSD_M_NOT:
        write_sign(w->out, "!");
        write_matcher(w);
        break;
    default: /* ANY and the types */
        write_sign(w->out, matcher_notation(node->op));
    }
}

void text_write_pattern(const struct pattern *pattern, struct buffer *out)
{
    struct writer w = {pattern, pattern->nodes, out};

    write_sign(out, "[");
    for (unsigned i = 0; i < pattern->fields; i++) {
        if (i > 0)
            write_sign(out, ",");
        write_matcher(&w);
    }
    write_rest(&w, pattern->rest, pattern->fields);
    write_sign(out, "]");
}
