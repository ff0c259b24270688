/* SPDX-License-Identifier: MIT */
/*
 * Strict JSON. What JSON has not is an object of one pair whose key begins with $.
 */
#include <inttypes.h>
#include <math.h>

#include "protocol/base64.h"
#include "protocol/text_number.h"
#include "protocol/text_write.h"
#include "protocol/value.h"

static const uint8_t *write_json(const uint8_t *p, struct buffer *out);

static void write_float(double real, struct buffer *out)
{
    if (isfinite(real)) {
        number_write_float(real, out);
        return;
    }
    buffer_printf(out, "{\"$float\":\"");
    number_write_float(real, out);
    buffer_printf(out, "\"}");
}

static void write_base64(const struct value *value, struct buffer *out)
{
    buffer_append_byte(out, '"');
    base64_encode(value->bytes, value->length, out);
    buffer_append_byte(out, '"');
}

static const uint8_t *write_array(const uint8_t *p, uint32_t count, struct buffer *out)
{
    buffer_append_byte(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        p = write_json(p, out);
    }
    buffer_append_byte(out, ']');
    return p;
}

/* Whether all keys are strs, so that it can be an object. */
static bool is_object(const uint8_t *p, uint32_t pairs)
{
    for (; pairs > 0; pairs--) {
        if (value_type_of(p) != VALUE_STR)
            return false;
        p = value_skip_trusted(value_skip_trusted(p));
    }
    return true;
}

/* A key that would be read as one of ours has its $ doubled. */
static const uint8_t *write_key(const uint8_t *p, bool only, struct buffer *out)
{
    struct value key;
    struct buffer text = BUFFER_INIT;

    p = value_read_trusted(p, &key);
    if (!only || key.length == 0 || key.bytes[0] != '$') {
        text_write_string(key.bytes, key.length, out);
        return p;
    }
    buffer_append_byte(&text, '$');
    buffer_append(&text, key.bytes, key.length);
    text_write_string(text.bytes, text.size, out);
    out->failed = out->failed || text.failed;
    buffer_deinit(&text);
    return p;
}

static const uint8_t *write_object(const uint8_t *p, uint32_t pairs, struct buffer *out)
{
    buffer_append_byte(out, '{');
    for (uint32_t i = 0; i < pairs; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        p = write_key(p, pairs == 1, out);
        buffer_append_byte(out, ':');
        p = write_json(p, out);
    }
    buffer_append_byte(out, '}');
    return p;
}

/* {"$map":[[key,value],...]} */
static const uint8_t *write_map(const uint8_t *p, uint32_t pairs, struct buffer *out)
{
    buffer_printf(out, "{\"$map\":[");
    for (uint32_t i = 0; i < pairs; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        p = write_array(p, 2, out);
    }
    buffer_printf(out, "]}");
    return p;
}

static const uint8_t *write_json(const uint8_t *p, struct buffer *out)
{
    const uint8_t *start = p;
    struct value value;

    p = value_read_trusted(p, &value);
    switch (value.type) {
    case VALUE_FLOAT:
        write_float(value.real, out);
        return p;
    case VALUE_BIN:
        buffer_printf(out, "{\"$bin\":");
        write_base64(&value, out);
        buffer_append_byte(out, '}');
        return p;
    case VALUE_EXT:
        buffer_printf(out, "{\"$ext\":[%d,", value.ext_type);
        write_base64(&value, out);
        buffer_printf(out, "]}");
        return p;
    case VALUE_ARRAY:
        return write_array(p, value.length, out);
    case VALUE_MAP:
        return is_object(p, value.length) ? write_object(p, value.length, out)
                                          : write_map(p, value.length, out);
    default: /* the notation is JSON */
        text_write_value(start, out);
        return p;
    }
}

void text_write_json(const uint8_t *value, struct buffer *out)
{
    write_json(value, out);
}
