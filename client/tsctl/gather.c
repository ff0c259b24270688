/* SPDX-License-Identifier: MIT */
#include "tsctl/gather.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/input.h"

bool gather_is_blank(const char *record, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (strchr(" \t\r\n", record[i]) == NULL || record[i] == '\0')
            return false;
    return true;
}

static int add(struct call *call, const struct input *input, const char *record, size_t size,
               struct batch *batch)
{
    struct problem problem;
    size_t before = batch->bytes.size;
    const char *noun = input->raw ? "tuple" : call->options.null ? "record" : "line";
    if (!input->raw && gather_is_blank(record, size))
        return 0;
    if (batch->count == LIMIT_UNIT_TUPLES) {
        complain("%s %" PRIu64 ": a unit has at most %d tuples", noun, input->number,
                 LIMIT_UNIT_TUPLES);
        complain_hint("nothing was done");
        return EXIT_REFUSED;
    }
    if (input_read_tuple(&call->options, record, size, &batch->bytes, &problem) == 0) {
        batch_count(batch, batch->bytes.size - before);
        return 0;
    }
    complain("%s %" PRIu64 ": %s", noun, input->number, problem.text);
    if (!input->raw)
        complain_at(record, size, problem.offset);
    complain_hint("nothing was done");
    return EXIT_USAGE;
}

int gather_unit(struct call *call, struct batch *batch)
{
    struct input input;
    const char *record;
    size_t size;
    int status = 0;
    enum input_result result = INPUT_RECORD;
    input_init(&input, STDIN_FILENO, &call->options);
    while (status == 0 && (result = input_next(&input, -1, &record, &size)) == INPUT_RECORD)
        status = add(call, &input, record, size, batch);
    input_deinit(&input);
    return status == 0 && result == INPUT_FAILED ? EXIT_USAGE : status;
}
