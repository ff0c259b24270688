/* SPDX-License-Identifier: MIT */
/*
 * What was explained as a record, for programs:
 *   {"matches":false,"indexes":[...],"tried":12,"stopped":false,"match":null,
 *    "nearest":[{"id":"17","tuple":[...],"fields":[{"matches":true,"matcher":"?int","value":7}]}]}
 * and of a tuple that was given {"matches":false,"fields":[...],"indexes":[...]}.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "protocol/value.h"
#include "tsctl/explained.h"
#include "tsctl/record.h"

static void pack_name(struct buffer *out, const char *name)
{
    buffer_pack_str(out, name, strlen(name));
}

static void pack_bool(struct buffer *out, bool value)
{
    buffer_append_byte(out, value ? 0xc3 : 0xc2);
}

static void pack_value(struct buffer *out, const uint8_t *value)
{
    buffer_append(out, value, (size_t)(value_skip_trusted(value) - value));
}

/* A field that is not there has no value. */
static void pack_field(struct buffer *out, const struct explained_field *field)
{
    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_map(&packer, field->value != NULL ? 3 : 2);
    pack_name(out, "matches");
    pack_bool(out, field->matches);
    pack_name(out, "matcher");
    buffer_pack_str(out, field->text.bytes, field->text.size);
    if (field->value == NULL)
        return;
    pack_name(out, "value");
    pack_value(out, field->value);
}

static void pack_fields(struct buffer *out, const struct explained *explained, const uint8_t *tuple,
                        const uint8_t *verdicts)
{
    msgpack_packer packer = buffer_packer(out);
    struct explained_field field;
    explained_begin(&field, explained->pattern, tuple, verdicts);
    msgpack_pack_array(&packer, field.matchers);
    while (explained_next(&field))
        pack_field(out, &field);
    explained_end(&field);
}

static void pack_id(struct buffer *out, uint64_t id)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRIu64, id);
    pack_name(out, text);
}

static void pack_tuple(struct buffer *out, const struct explained *explained, const ts_tuple *tuple,
                       const uint8_t *verdicts)
{
    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_map(&packer, verdicts != NULL ? 3 : 2);
    pack_name(out, "id");
    pack_id(out, tuple->id);
    pack_name(out, "tuple");
    pack_value(out, tuple->bytes);
    if (verdicts == NULL)
        return;
    pack_name(out, "fields");
    pack_fields(out, explained, tuple->bytes, verdicts);
}

static void add_packed(struct record *record, const char *name, struct buffer *value)
{
    record_value(record, name, value->bytes, value->size);
    record->members.failed |= value->failed;
    buffer_clear(value);
}

static void add_stored(struct record *record, const struct explained *explained,
                       struct report_list verdicts, struct buffer *value)
{
    const uint8_t *report = explained->result->report.bytes;
    const bool matches = explained_matches(explained);
    msgpack_packer packer = buffer_packer(value);
    const ts_tuple *tuple;
    size_t at = 0;
    record_uint(record, "tried", report_uint(report, TSD_EXPLAIN_TRIED));
    pack_bool(value, report_bool(report, TSD_EXPLAIN_STOPPED));
    add_packed(record, "stopped", value);
    if (matches && (tuple = ts_tuple_at(explained->result, at)) != NULL) {
        at++;
        report_next(&verdicts);
        pack_tuple(value, explained, tuple, NULL);
    } else {
        msgpack_pack_nil(&packer);
    }
    add_packed(record, "match", value);
    msgpack_pack_array(&packer, explained->result->count - at);
    for (; (tuple = ts_tuple_at(explained->result, at)) != NULL; at++)
        pack_tuple(value, explained, tuple, report_next(&verdicts));
    add_packed(record, "nearest", value);
}

void explained_record(const struct explained *explained, struct output *output)
{
    const uint8_t *report = explained->result->report.bytes;
    const uint8_t *matches = report_find(report, TSD_EXPLAIN_MATCHES);
    struct report_list verdicts = report_list(report_find(report, TSD_EXPLAIN_VERDICTS));
    struct buffer value = BUFFER_INIT;
    struct record record = {0};
    if (matches != NULL)
        pack_value(&value, matches);
    else
        buffer_append_byte(&value, 0xc0); /* not known */
    add_packed(&record, "matches", &value);
    if (explained->tuple != NULL) {
        pack_fields(&value, explained, explained->tuple, report_next(&verdicts));
        add_packed(&record, "fields", &value);
    }
    report_indexes(&value, report_find(report, TSD_EXPLAIN_WAYS));
    add_packed(&record, "indexes", &value);
    if (explained->tuple == NULL)
        add_stored(&record, explained, verdicts, &value);
    record_print(&record, output);
    record_deinit(&record);
    buffer_deinit(&value);
}
