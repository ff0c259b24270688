/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <string.h>

#include "protocol/request.h"

void trace_text(struct buffer *trace, const char *text)
{
    buffer_append(trace, text, strlen(text));
}

/* By hand: millions of lines are written, and most of what they cost would be printf. */
void trace_word(struct buffer *trace, const char *word, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    trace_text(trace, word);
    buffer_append(trace, digits + at, sizeof digits - at);
}

void trace_head(struct buffer *trace, const struct trace_head *head)
{
    trace_word(trace, "", head->session);
    trace_word(trace, ".", head->number);
    trace_text(trace, " ");
    trace_text(trace, operation_name(head->op));
    if (head->event)
        trace_word(trace, " event ", head->event);
    else
        trace_word(trace, " status ", head->status);
    trace_word(trace, " since ", head->since);
    trace_word(trace, " at ", head->at);
}

static void trace_where(struct buffer *trace, const struct trace_item *item)
{
    trace_word(trace, "/state ", item->state);
    trace_word(trace, " of ", item->holder);
    if (item->has_left)
        trace_word(trace, " left ", item->left_us);
}

static void trace_who(struct buffer *trace, const struct trace_item *item)
{
    trace_word(trace, "/by ", item->uid);
    trace_word(trace, " ", item->pid);
    trace_text(trace, " ");
    buffer_append(trace, item->program, item->program_size);
    trace_word(trace, " age ", item->age_us);
}

void trace_item(struct buffer *trace, const struct trace_item *item)
{
    trace_word(trace, " #", item->id);
    trace_word(trace, "/", item->of);
    trace_word(trace, "/", item->returns);
    if (item->priority != 0) {
        trace_text(trace, item->priority < 0 ? "/priority -" : "/priority ");
        trace_word(trace, "", (uint64_t)(item->priority < 0 ? -item->priority : item->priority));
    }
    if (item->reason)
        trace_word(trace, "/reason ", item->reason);
    if (item->has_exit)
        trace_word(trace, "/exit ", item->exit_status);
    if (item->token)
        trace_word(trace, "/token ", item->token);
    if (item->state)
        trace_where(trace, item);
    if (item->who)
        trace_who(trace, item);
}

void trace_space(struct buffer *trace, const struct trace_space *space)
{
    trace_text(trace, " ");
    trace_text(trace, space->name);
    trace_word(trace, "/tuples ", space->tuples);
    trace_word(trace, " kept ", space->kept);
    trace_word(trace, " delayed ", space->delayed);
    trace_word(trace, " watches ", space->watches);
    trace_word(trace, " capacity ", space->capacity);
    trace_word(trace, " max-returns ", space->max_returns);
    trace_word(trace, " owner ", space->owner);
    trace_word(trace, " group ", space->group);
    trace_word(trace, " mode ", space->mode);
    trace_text(trace, " dead-letter ");
    trace_text(trace, space->dead_letter);
}
