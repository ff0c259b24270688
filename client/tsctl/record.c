/* SPDX-License-Identifier: MIT */
#include "tsctl/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "protocol/text_write.h"
#include "protocol/value.h"
#include "tsctl/complain.h"
#include "tsctl/memory.h"
#include "tsctl/quantity.h"

void record_deinit(struct record *record)
{
    buffer_deinit(&record->members);
}

/* The place for the value that comes next. */
static struct buffer *member(struct record *record, const char *name)
{
    record->count++;
    buffer_pack_str(&record->members, name, strlen(name));
    return &record->members;
}

void record_str(struct record *record, const char *name, const char *text)
{
    buffer_pack_str(member(record, name), text, strlen(text));
}

void record_uint(struct record *record, const char *name, uint64_t number)
{
    msgpack_packer packer = buffer_packer(member(record, name));
    msgpack_pack_uint64(&packer, number);
}

void record_int(struct record *record, const char *name, int64_t number)
{
    msgpack_packer packer = buffer_packer(member(record, name));
    msgpack_pack_int64(&packer, number);
}

void record_id(struct record *record, const char *name, uint64_t id)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRIu64, id);
    record_str(record, name, text);
}

void record_seconds(struct record *record, const char *name, double seconds)
{
    msgpack_packer packer = buffer_packer(member(record, name));
    msgpack_pack_double(&packer, quantity_to_ms(seconds));
}

void record_value(struct record *record, const char *name, const uint8_t *value, size_t size)
{
    buffer_append(member(record, name), value, size);
}

static void print_object(const struct record *record, struct output *output,
                         void (*write_value)(const uint8_t *, struct buffer *))
{
    const uint8_t *at = record->members.bytes;
    for (uint32_t i = 0; i < record->count; i++) {
        buffer_append_byte(&output->bytes, i == 0 ? '{' : ',');
        text_write_json(at, &output->bytes);
        at = value_skip_trusted(at);
        buffer_append_byte(&output->bytes, ':');
        write_value(at, &output->bytes);
        at = value_skip_trusted(at);
    }
    buffer_append_byte(&output->bytes, '}');
}

/* A name as a shell's variable. */
static void print_name(const uint8_t *name, struct output *output)
{
    const size_t begun = output->bytes.size;
    output_plain(&output->bytes, name);
    for (size_t i = begun; i < output->bytes.size; i++)
        if (output->bytes.bytes[i] == '-')
            output->bytes.bytes[i] = '_';
    buffer_append_byte(&output->bytes, '=');
}

static void print_words(const struct record *record, struct output *output, bool named)
{
    const uint8_t *at = record->members.bytes;
    for (uint32_t i = 0; i < record->count; i++) {
        if (i > 0)
            buffer_append_byte(&output->bytes, named ? ' ' : '\t');
        if (named)
            print_name(at, output);
        at = value_skip_trusted(at);
        if (named)
            output_sh(&output->bytes, at);
        else
            output_tsv(&output->bytes, at);
        at = value_skip_trusted(at);
    }
}

static void print_raw(const struct record *record, struct output *output)
{
    msgpack_packer packer = buffer_packer(&output->bytes);
    msgpack_pack_map(&packer, record->count);
    buffer_append(&output->bytes, record->members.bytes, record->members.size);
}

void record_print(struct record *record, struct output *output)
{
    memory_check(!record->members.failed);
    switch (output->options->output) {
    case FORMAT_RAW:
        print_raw(record, output);
        break;
    case FORMAT_TSV:
    case FORMAT_SH:
        print_words(record, output, output->options->output == FORMAT_SH);
        break;
    case FORMAT_JSON:
        print_object(record, output, text_write_json);
        break;
    default:
        print_object(record, output, text_write_value);
    }
    if (output->options->output != FORMAT_RAW)
        output_end_record(output);
    buffer_clear(&record->members);
    record->count = 0;
}

int record_check(const struct options *options)
{
    if (options->output != FORMAT_TABLE)
        return 0;
    complain("this is not written as a table");
    complain_hint("-o tsv gives columns");
    return EXIT_USAGE;
}
