/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* ppoll */
#include "tsctl/output.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "protocol/text_write.h"
#include "protocol/value.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/interrupt.h"
#include "tsctl/memory.h"

void output_init(struct output *output, const struct options *options)
{
    *output = (struct output){.options = options};
}

void output_deinit(struct output *output)
{
    buffer_deinit(&output->bytes);
}

/* Waits until there is room, with the signals let through, and writes no more than fits it. */
static ssize_t write_some(const uint8_t *bytes, size_t size, const sigset_t *mask)
{
    struct pollfd ready = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (mask == NULL)
        return write(STDOUT_FILENO, bytes, size);
    if (ppoll(&ready, 1, NULL, mask) < 0)
        return -1;
    return write(STDOUT_FILENO, bytes, size < PIPE_BUF ? size : PIPE_BUF);
}

/* Whether what stopped the writing is to be told, and not what ends tsctl anyway. */
static bool is_told(const struct output *output, int error)
{
    return output->mask == NULL || (error != EPIPE && error != EINTR);
}

int output_flush(struct output *output)
{
    memory_check(!output->bytes.failed);
    output->written = output->options->quiet ? output->bytes.size : 0;
    while (output->written < output->bytes.size) {
        ssize_t wrote = write_some(output->bytes.bytes + output->written,
                                   output->bytes.size - output->written, output->mask);
        if (wrote < 0 && errno == EINTR && (output->mask == NULL || interrupt_caught() == 0))
            continue;
        if (wrote < 0) {
            if (is_told(output, errno))
                complain("cannot write to standard output: %s", strerror(errno));
            return EXIT_PARTLY;
        }
        output->written += (size_t)wrote;
    }
    buffer_clear(&output->bytes);
    return 0;
}

void output_end_record(struct output *output)
{
    buffer_append_byte(&output->bytes, output->options->null ? '\0' : '\n');
}

void output_plain(struct buffer *out, const uint8_t *value)
{
    struct value head;
    value_read_trusted(value, &head);
    if (head.type == VALUE_STR)
        buffer_append(out, head.bytes, head.length);
    else
        text_write_value(value, out);
}

/* As output_plain, but what would break a line or a column is escaped: \t \n \r \\. */
void output_tsv(struct buffer *out, const uint8_t *value)
{
    struct value head;
    value_read_trusted(value, &head);
    if (head.type != VALUE_STR) {
        text_write_value(value, out);
        return;
    }
    static const char special[] = "\t\n\r\\", letters[] = "tnr\\";
    for (uint32_t i = 0; i < head.length; i++) {
        const char *found = head.bytes[i] != '\0' ? strchr(special, head.bytes[i]) : NULL;
        if (found != NULL)
            buffer_append_byte(out, '\\');
        buffer_append_byte(out, found != NULL ? (uint8_t)letters[found - special] : head.bytes[i]);
    }
}

/* One word for a shell, in single quotes. A shell has no zero bytes: such a str as its notation. */
void output_sh(struct buffer *out, const uint8_t *value)
{
    struct buffer text = BUFFER_INIT;
    output_plain(&text, value);
    if (text.size > 0 && memchr(text.bytes, '\0', text.size) != NULL) {
        buffer_clear(&text);
        text_write_value(value, &text);
    }
    memory_check(!text.failed);
    buffer_append_byte(out, '\'');
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '\'')
            buffer_append(out, "'\\''", 4);
        else
            buffer_append_byte(out, text.bytes[i]);
    }
    buffer_append_byte(out, '\'');
    buffer_deinit(&text);
}

/* The fields that -f picks, one after the other; all of them without -f. */
struct picked {
    const struct field_list *fields;
    const uint8_t *first;
    uint32_t count;
    int part;      /* of the list */
    uint32_t next; /* field of that part, from 1 */
};

static struct picked pick(const struct field_list *fields, const uint8_t *tuple)
{
    struct value head;
    const uint8_t *first = value_read_trusted(tuple, &head);
    assert(first != NULL && head.type == VALUE_ARRAY);
    return (struct picked){.fields = fields,
                           .first = first,
                           .count = head.length,
                           .next = fields->count > 0 ? fields->parts[0].first : 1};
}

static const uint8_t *field_at(const struct picked *picked, uint32_t number)
{
    const uint8_t *p = picked->first;
    while (--number > 0)
        p = value_skip_trusted(p);
    return p;
}

/*
 * Sets *field to the next one, or to NULL where it is picked but the tuple is too short, so that the
 * columns stay where they are. Returns whether there is a next one. An open end is the tuple's.
 */
static bool pick_next(struct picked *picked, const uint8_t **field)
{
    static const struct field_list all = {.count = 1, .parts = {{1, UINT32_MAX}}};
    const struct field_list *list = picked->fields->count > 0 ? picked->fields : &all;
    while (picked->part < list->count) {
        uint32_t last = list->parts[picked->part].last;
        if (last == UINT32_MAX)
            last = picked->count;
        if (picked->next <= last) {
            *field = picked->next <= picked->count ? field_at(picked, picked->next) : NULL;
            picked->next++;
            return true;
        }
        picked->part++;
        if (picked->part < list->count)
            picked->next = list->parts[picked->part].first;
    }
    return false;
}

static const uint8_t nil_value[] = {0xc0};

static void write_separated(struct output *output, const uint8_t *tuple, char separator,
                            void (*write_field)(struct buffer *, const uint8_t *))
{
    struct picked picked = pick(&output->options->fields, tuple);
    const uint8_t *field;
    for (bool first = true; pick_next(&picked, &field); first = false) {
        if (!first)
            buffer_append_byte(&output->bytes, (uint8_t)separator);
        if (field != NULL)
            write_field(&output->bytes, field);
    }
}

/* The picked fields as an array; null for one that the tuple is too short for. */
static void write_picked_json(struct output *output, const uint8_t *tuple)
{
    struct picked picked = pick(&output->options->fields, tuple);
    const uint8_t *field;
    uint8_t separator = '[';
    while (pick_next(&picked, &field)) {
        buffer_append_byte(&output->bytes, separator);
        text_write_json(field != NULL ? field : nil_value, &output->bytes);
        separator = ',';
    }
    if (separator == '[')
        buffer_append_byte(&output->bytes, '[');
    buffer_append_byte(&output->bytes, ']');
}

static void write_raw(struct output *output, const uint8_t *tuple)
{
    if (output->options->fields.count == 0) {
        buffer_append(&output->bytes, tuple, (size_t)(value_skip_trusted(tuple) - tuple));
        return;
    }
    struct picked picked = pick(&output->options->fields, tuple);
    const uint8_t *field;
    while (pick_next(&picked, &field)) {
        const uint8_t *from = field != NULL ? field : nil_value;
        buffer_append(&output->bytes, from, (size_t)(value_skip_trusted(from) - from));
    }
}

int output_check_tuples(const struct options *options)
{
    if (options->output != FORMAT_TABLE)
        return 0;
    complain("tuples are not written as a table");
    complain_hint("-o tsv gives columns, -f 1,2 picks fields");
    return EXIT_USAGE;
}

void output_tuple(struct output *output, const uint8_t *tuple)
{
    bool some = output->options->fields.count > 0;
    switch (output->options->output) {
    case FORMAT_RAW:
        write_raw(output, tuple);
        return;
    case FORMAT_JSON:
        if (some)
            write_picked_json(output, tuple);
        else
            text_write_json(tuple, &output->bytes);
        break;
    case FORMAT_TSV:
        write_separated(output, tuple, '\t', output_tsv);
        break;
    case FORMAT_SH:
        write_separated(output, tuple, ' ', output_sh);
        break;
    default:
        if (some)
            write_separated(output, tuple, '\t', output_plain);
        else
            text_write_value(tuple, &output->bytes);
    }
    output_end_record(output);
}

void output_number(struct output *output, uint64_t number)
{
    if (output->options->output == FORMAT_RAW) {
        msgpack_packer packer = buffer_packer(&output->bytes);
        msgpack_pack_uint64(&packer, number);
        return;
    }
    buffer_printf(&output->bytes, "%" PRIu64, number);
    output_end_record(output);
}

void output_id(struct output *output, uint64_t id)
{
    if (output->options->output != FORMAT_JSON) {
        output_number(output, id);
        return;
    }
    buffer_printf(&output->bytes, "\"%" PRIu64 "\"", id); /* jq rounds integers above 2^53 */
    output_end_record(output);
}
