/* SPDX-License-Identifier: MIT */
#include "tsctl/explained.h"

#include <inttypes.h>

#include "protocol/text_write.h"
#include "protocol/value.h"
#include "tsctl/quantity.h"
#include "tsctl/width.h"

/*
 *   index  order of field 3 by field 1: 1,204 tuples of 3 fields
 *   walk   12 tried, none matches
 *   near   ["task",7,99]
 *     1  ok  "task"  "task"
 *     3  no  >=100   99
 */

#define LINE_COLUMNS 80
#define MATCHER_COLUMNS 34
#define WAYS_SHOWN 4

bool explained_matches(const struct explained *explained)
{
    return report_bool(explained->result->report.bytes, TSD_EXPLAIN_MATCHES);
}

/* ---- Words ---- */

/* "1 field", "3 fields", "3 or more fields" */
static void write_fields(struct buffer *out, uint64_t count, bool rest)
{
    buffer_printf(out, "%" PRIu64 "%s field%s", count, rest ? " or more" : "",
                  count == 1 && !rest ? "" : "s");
}

static void write_tuples(struct buffer *out, uint64_t count)
{
    char text[QUANTITY_TUPLES_SIZE];
    buffer_printf(out, "%s", quantity_tuples(count, text));
}

/* A value on what is left of the line that began there. */
static void write_value(struct buffer *out, size_t line, const uint8_t *value)
{
    const unsigned used = width_of((const char *)out->bytes + line, out->size - line);
    const size_t from = out->size;
    text_write_value(value, out);
    width_cut(out, from, used + 10 < LINE_COLUMNS ? LINE_COLUMNS - used : 10);
}

static void end_line(struct output *output)
{
    buffer_append_byte(&output->bytes, '\n');
}

/* ---- Index and walk ---- */

/* "field 1", "fields 1, 3" */
static void write_literals(struct buffer *out, const uint8_t *way)
{
    struct report_list list = report_list(report_find(way, TSD_INDEX_LITERALS));
    buffer_printf(out, list.count == 1 ? "field" : "fields");
    for (const char *comma = " "; list.count > 0; comma = ", ")
        buffer_printf(out, "%s%" PRIu64, comma, report_next_uint(&list) + 1);
}

static void write_way(struct buffer *out, const uint8_t *way)
{
    char number[QUANTITY_NUMBER_SIZE];
    switch (report_uint(way, TSD_INDEX_KIND)) {
    case TSD_KIND_FIRST:
    case TSD_KIND_HASH:
        buffer_printf(out, "%s ",
                      report_uint(way, TSD_INDEX_KIND) == TSD_KIND_HASH ? "hash of" : "by");
        write_literals(out, way);
        buffer_printf(out, ": %s of ", quantity_number(report_uint(way, TSD_INDEX_UNDER), number));
        break;
    case TSD_KIND_ORDER:
        buffer_printf(out, "order of field %" PRIu64, report_uint(way, TSD_INDEX_ORDERED) + 1);
        if (report_list(report_find(way, TSD_INDEX_LITERALS)).count > 0) {
            buffer_printf(out, " by ");
            write_literals(out, way);
        }
        buffer_printf(out, ": ");
        break;
    default:
        buffer_printf(out, "none: all ");
    }
    write_tuples(out, report_uint(way, TSD_INDEX_ENTRIES));
    buffer_printf(out, " of ");
    write_fields(out, report_uint(way, TSD_INDEX_FIELDS), false);
}

static void print_ways(const struct explained *explained, struct output *output)
{
    struct buffer *out = &output->bytes;
    struct report_list list =
        report_list(report_find(explained->result->report.bytes, TSD_EXPLAIN_WAYS));
    const uint8_t *way;
    bool rest;
    const uint32_t fields = explained_size(explained->pattern, &rest);
    if (list.count == 0) {
        buffer_printf(out, "index  no tuple of ");
        write_fields(out, fields, rest);
        end_line(output);
    }
    for (int i = 0; i < WAYS_SHOWN && (way = report_next(&list)) != NULL; i++) {
        buffer_printf(out, "%-7s", i == 0 ? "index" : "");
        write_way(out, way);
        end_line(output);
    }
    if (list.count > 0) {
        buffer_printf(out, "       and so for %u further lengths", list.count);
        end_line(output);
    }
}

static void print_walk(const struct explained *explained, struct output *output)
{
    const uint8_t *report = explained->result->report.bytes;
    const uint64_t tried = report_uint(report, TSD_EXPLAIN_TRIED);
    struct buffer *out = &output->bytes;
    buffer_printf(out, "walk   ");
    if (tried == 0) {
        buffer_printf(out, "nothing to try");
    } else {
        write_tuples(out, tried);
        buffer_printf(out, " tried, %s",
                      !explained_matches(explained) ? "none matches"
                      : tried == 1                  ? "which matches"
                                                    : "the last one matches");
    }
    if (report_bool(report, TSD_EXPLAIN_STOPPED))
        buffer_printf(out, "; there are more");
    end_line(output);
}

/* ---- Field by field ---- */

static void print_field(const struct explained_field *field, unsigned width, struct output *output)
{
    struct buffer *out = &output->bytes;
    const size_t line = out->size;
    buffer_printf(out, "  %2u  %s  ", field->number, field->matches ? "ok" : "no");
    const size_t from = out->size;
    buffer_append(out, field->text.bytes, field->text.size);
    for (unsigned columns = width_cut(out, from, MATCHER_COLUMNS); columns < width + 2; columns++)
        buffer_append_byte(out, ' ');
    if (field->value != NULL)
        write_value(out, line, field->value);
    else
        buffer_printf(out, "(no such field)");
    end_line(output);
}

/* The columns of the widest matcher. */
static unsigned matcher_width(const struct explained *explained)
{
    struct explained_field field;
    unsigned most = 0;
    explained_begin(&field, explained->pattern, NULL, NULL);
    while (explained_next(&field)) {
        const unsigned width = width_of((const char *)field.text.bytes, field.text.size);
        most = width > most ? width : most;
    }
    explained_end(&field);
    return most < MATCHER_COLUMNS ? most : MATCHER_COLUMNS;
}

/* What is wrong with the tuple as a whole. */
static void print_length(const struct explained *explained, const uint8_t *tuple,
                         struct output *output)
{
    const uint32_t has = report_list(tuple).count;
    bool rest;
    const uint32_t wanted = explained_size(explained->pattern, &rest);
    if (rest ? has >= wanted : has == wanted)
        return;
    buffer_printf(&output->bytes, "      no  the tuple has ");
    write_fields(&output->bytes, has, false);
    buffer_printf(&output->bytes, ", the pattern ");
    write_fields(&output->bytes, wanted, rest);
    end_line(output);
}

static void print_fields(const struct explained *explained, const uint8_t *tuple,
                         const uint8_t *verdicts, struct output *output)
{
    const unsigned width = matcher_width(explained);
    struct explained_field field;
    explained_begin(&field, explained->pattern, tuple, verdicts);
    while (explained_next(&field))
        print_field(&field, width, output);
    explained_end(&field);
    print_length(explained, tuple, output);
}

static void print_tuple(const char *what, const uint8_t *tuple, struct output *output)
{
    const size_t line = output->bytes.size;
    buffer_printf(&output->bytes, "%-7s", what);
    write_value(&output->bytes, line, tuple);
    end_line(output);
}

static void print_given(const struct explained *explained, struct report_list verdicts,
                        struct output *output)
{
    print_tuple(explained_matches(explained) ? "match" : "no", explained->tuple, output);
    print_fields(explained, explained->tuple, report_next(&verdicts), output);
}

static void print_stored(const struct explained *explained, struct report_list verdicts,
                         struct output *output)
{
    const ts_tuple *tuple;
    print_walk(explained, output);
    for (size_t i = 0; (tuple = ts_tuple_at(explained->result, i)) != NULL; i++) {
        const bool match = i == 0 && explained_matches(explained);
        const uint8_t *said = report_next(&verdicts);
        print_tuple(match ? "match" : "near", tuple->bytes, output);
        if (!match)
            print_fields(explained, tuple->bytes, said, output);
    }
}

void explained_print(const struct explained *explained, struct output *output)
{
    const struct report_list verdicts =
        report_list(report_find(explained->result->report.bytes, TSD_EXPLAIN_VERDICTS));
    if (explained->tuple != NULL)
        print_given(explained, verdicts, output);
    print_ways(explained, output);
    if (explained->tuple == NULL)
        print_stored(explained, verdicts, output);
}
