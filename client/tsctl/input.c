/* SPDX-License-Identifier: MIT */
#include "tsctl/input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "protocol/limits.h"
#include "protocol/text_read.h"
#include "protocol/tuple.h"
#include "protocol/value.h"
#include "tsctl/complain.h"
#include "tsctl/interrupt.h"
#include "tsctl/json_read.h"
#include "tsctl/memory.h"

#define READ_BYTES KIB(64)

void input_init(struct input *input, int fd, const struct options *options)
{
    *input = (struct input){
        .fd = fd,
        .raw = options->input == FORMAT_RAW,
        .separator = options->null ? '\0' : '\n',
    };
}

void input_deinit(struct input *input)
{
    buffer_deinit(&input->bytes);
}

/* Moves what is left to the front, so that the buffer grows with a record only. */
static void compact(struct input *input)
{
    if (input->at == 0)
        return;
    memmove(input->bytes.bytes, input->bytes.bytes + input->at, input->bytes.size - input->at);
    input->bytes.size -= input->at;
    input->at = 0;
}

static enum input_result fill(struct input *input, int patience_ms)
{
    struct pollfd ready = {.fd = input->fd, .events = POLLIN};
    int polled;
    do
        polled = interrupt_poll(&ready, 1, patience_ms);
    while (polled < 0 && errno == EINTR && interrupt_caught() == 0);
    if (interrupt_caught() != 0)
        return INPUT_INTERRUPTED;
    if (polled == 0)
        return INPUT_IDLE;

    compact(input);
    /* as much again as there is, so that a long record is not looked through again and again */
    size_t room = input->bytes.size > READ_BYTES ? input->bytes.size : READ_BYTES;
    uint8_t *place = buffer_reserve(&input->bytes, room);
    memory_check(place != NULL);
    ssize_t got;
    do
        got = read(input->fd, place, room);
    while (got < 0 && errno == EINTR && interrupt_caught() == 0);
    if (got < 0 && interrupt_caught() != 0)
        return INPUT_INTERRUPTED;
    if (got < 0) {
        complain("cannot read standard input: %s", strerror(errno));
        return INPUT_FAILED;
    }
    input->ended = got == 0;
    input->bytes.size += (size_t)got;
    return INPUT_RECORD;
}

/* The size of the record at the front with its end mark; 0 where it is not all there. */
static size_t find_end(struct input *input)
{
    size_t size = input->bytes.size - input->at;
    if (size == 0) /* there may be no bytes to point to */
        return 0;
    const uint8_t *from = input->bytes.bytes + input->at;
    if (input->raw) {
        const uint8_t *end = value_skip(from, from + size);
        return end != NULL ? (size_t)(end - from) : 0;
    }
    const uint8_t *mark = size > input->looked
                              ? memchr(from + input->looked, input->separator, size - input->looked)
                              : NULL;
    input->looked = mark != NULL ? 0 : size;
    return mark != NULL ? (size_t)(mark - from) + 1 : 0;
}

static enum input_result give(struct input *input, size_t whole, size_t size, const char **record,
                              size_t *record_size)
{
    *record = (const char *)input->bytes.bytes + input->at;
    *record_size = size;
    input->at += whole;
    input->consumed += whole;
    input->looked = 0;
    input->number++;
    return INPUT_RECORD;
}

enum input_result input_next(struct input *input, int patience_ms, const char **record,
                             size_t *size)
{
    for (;;) {
        size_t whole = find_end(input);
        if (whole > 0)
            return give(input, whole, input->raw ? whole : whole - 1, record, size);
        size_t left = input->bytes.size - input->at;
        if (input->ended && left == 0)
            return INPUT_END;
        if (input->ended) /* the last line may lack its end; what is cut off is found when read */
            return give(input, left, left, record, size);
        if (left > (input->raw ? LIMIT_TUPLE_BYTES : INPUT_RECORD_BYTES)) {
            complain("%s %llu has more than %u MiB", input->raw ? "tuple" : "line",
                     (unsigned long long)input->number + 1, input->raw ? 16u : 128u);
            return INPUT_FAILED;
        }
        enum input_result result = fill(input, patience_ms);
        if (result != INPUT_RECORD)
            return result;
    }
}

static int read_raw(const char *record, size_t size, struct buffer *out, struct problem *problem)
{
    struct tuple_view view;
    const uint8_t *bytes = (const uint8_t *)record;
    int failed = tuple_check(bytes, bytes + size, &view, problem);
    if (failed == 0 && view.size != size)
        failed = problem_set(problem, TS_MALFORMED, view.size, "bytes after the tuple");
    if (failed == 0)
        buffer_append(out, record, size);
    return failed;
}

int input_read_tuple(struct options *options, const char *record, size_t size, struct buffer *out,
                     struct problem *problem)
{
    struct text_names names = named_for_text(&options->named);
    int failed;
    if (options->input == FORMAT_RAW)
        failed = read_raw(record, size, out, problem);
    else if (options->input == FORMAT_JSON)
        failed = json_read_tuple(record, size, out, problem);
    else
        failed = text_read_tuple(record, size, &names, out, problem);
    memory_check(!out->failed);
    return failed;
}
