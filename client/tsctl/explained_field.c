/* SPDX-License-Identifier: MIT */
/*
 * Field by field: matchers as text, the fields that they look at, and what they say.
 */
#include <stdlib.h>
#include <string.h>

#include "protocol/value.h"
#include "tsctl/explained.h"
#include "tsctl/memory.h"
#include "tsctl/report.h"

/* A matcher is an array that begins with its number. */
static bool is_rest(const uint8_t *matcher)
{
    struct report_list list = report_list(matcher);
    return report_next_uint(&list) == TSD_M_REST;
}

uint32_t explained_size(const uint8_t *pattern, bool *rest)
{
    struct report_list list = report_list(pattern);
    const uint32_t count = list.count;
    const uint8_t *matcher, *last = NULL;
    while ((matcher = report_next(&list)) != NULL)
        last = matcher;
    *rest = last != NULL && is_rest(last);
    return count - *rest;
}

void explained_begin(struct explained_field *field, const uint8_t *pattern, const uint8_t *tuple,
                     const uint8_t *verdicts)
{
    bool rest;
    *field = (struct explained_field){.matchers = explained_size(pattern, &rest)};
    field->pattern = report_list(pattern);
    field->tuple = report_list(tuple);
    field->verdicts = report_list(verdicts);
}

/* A matcher alone is written as a pattern of one, without the brackets. */
static void write_matcher(struct buffer *text, const uint8_t *matcher)
{
    struct buffer one = BUFFER_INIT;
    buffer_append_byte(&one, 0x91);
    buffer_append(&one, matcher, (size_t)(value_skip_trusted(matcher) - matcher));
    memory_check(!one.failed);
    char *written = ts_print_pattern(one.bytes, one.size);
    const size_t size = written != NULL ? strlen(written) : 0;
    memory_check(size > 0);
    buffer_clear(text);
    buffer_append(text, written + 1, size - 2);
    memory_check(!text->failed);
    buffer_deinit(&one);
    free(written);
}

bool explained_next(struct explained_field *field)
{
    struct value verdict = {.type = VALUE_NIL};
    if (field->number == field->matchers)
        return false;
    field->number++;
    write_matcher(&field->text, report_next(&field->pattern));
    field->value = report_next(&field->tuple);
    const uint8_t *at = report_next(&field->verdicts);
    if (at != NULL)
        value_read_trusted(at, &verdict);
    field->matches = verdict.type == VALUE_BOOL && verdict.boolean;
    return true;
}

void explained_end(struct explained_field *field)
{
    buffer_deinit(&field->text);
}
