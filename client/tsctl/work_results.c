/* SPDX-License-Identifier: MIT */
#include "tsctl/work_results.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/limits.h"
#include "protocol/text_lex.h"
#include "protocol/text_read.h"
#include "protocol/utf8.h"
#include "protocol/value.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/input.h"
#include "tsctl/memory.h"

#define OUTPUT_NAME "output"
#define FIELD_NAME "TSD_"

/* What names in --result are looked for in. */
struct names {
    struct text_names given; /* --arg and its kin */
    const uint8_t *tuple;    /* NULL: any field is nil, to check the text */
    struct buffer output;    /* a str, as MessagePack */
};

static const uint8_t nil_value[] = {0xc0};

static bool is_name(const char *wanted, const char *name, size_t length)
{
    return strlen(wanted) == length && memcmp(wanted, name, length) == 0;
}

/* N of TSD_N, 1 to 255; 0 where it is another name. */
static unsigned field_number(const char *name, size_t length)
{
    size_t prefix = strlen(FIELD_NAME);
    unsigned number = 0;
    if (length <= prefix || length > prefix + 3 || memcmp(name, FIELD_NAME, prefix) != 0 ||
        name[prefix] == '0')
        return 0;
    for (size_t i = prefix; i < length; i++) {
        if (name[i] < '0' || name[i] > '9')
            return 0;
        number = number * 10 + (unsigned)(name[i] - '0');
    }
    return number <= LIMIT_TUPLE_FIELDS ? number : 0;
}

static const uint8_t *find_field(const struct names *names, unsigned number, size_t *size)
{
    struct value head;
    *size = 1;
    if (names->tuple == NULL)
        return nil_value;
    const uint8_t *field = value_read_trusted(names->tuple, &head);
    if (number > head.length)
        return NULL;
    while (--number > 0)
        field = value_skip_trusted(field);
    *size = (size_t)(value_skip_trusted(field) - field);
    return field;
}

static const uint8_t *find(void *context, const char *name, size_t length, size_t *size)
{
    struct names *names = context;
    unsigned number = field_number(name, length);
    if (number > 0)
        return find_field(names, number, size);
    if (is_name(OUTPUT_NAME, name, length)) {
        *size = names->output.size;
        return names->output.bytes;
    }
    return names->given.find(names->given.context, name, length, size);
}

/* One more tuple, the last `size` bytes. */
static bool add(struct work_results *results, size_t size, char *problem)
{
    if (results->count == LIMIT_UNIT_TUPLES) {
        (void)snprintf(problem, WORK_PROBLEM_BYTES, "it printed more than %d tuples",
                       LIMIT_UNIT_TUPLES);
        return false;
    }
    results->sizes = memory_resize(results->sizes, (results->count + 1) * sizeof(*results->sizes));
    results->sizes[results->count++] = size;
    return true;
}

static bool is_blank(const struct input *input, const char *record, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (record[i] == '\0' || strchr(" \t\r\n", record[i]) == NULL)
            return false;
    return !input->raw;
}

static bool read_record(struct work_results *results, struct options *options,
                        const struct input *input, const char *record, size_t size, char *problem)
{
    struct problem wrong;
    size_t before = results->bytes.size;
    if (is_blank(input, record, size))
        return true;
    if (input_read_tuple(options, record, size, &results->bytes, &wrong) == 0)
        return add(results, results->bytes.size - before, problem);
    (void)snprintf(problem, WORK_PROBLEM_BYTES, "%s %" PRIu64 " of what it printed: %s",
                   input->raw ? "tuple" : "line", input->number, wrong.text);
    return false;
}

static bool read_put(struct work_results *results, struct options *options, int output,
                     char *problem)
{
    struct input input;
    const char *record;
    size_t size;
    bool good = true;
    enum input_result got = INPUT_END;
    input_init(&input, output, options);
    while (good && (got = input_next(&input, -1, &record, &size)) == INPUT_RECORD)
        good = read_record(results, options, &input, record, size, problem);
    input_deinit(&input);
    if (!good || got == INPUT_END)
        return good;
    (void)snprintf(problem, WORK_PROBLEM_BYTES, "what it printed cannot be read");
    return false;
}

/* All of it without newlines at the end, as $(...) in a shell. */
static bool read_output(struct buffer *value, int output, char *problem)
{
    struct buffer text = BUFFER_INIT;
    ssize_t got;
    do {
        uint8_t *place = buffer_reserve(&text, KIB(64));
        memory_check(place != NULL);
        got = read(output, place, KIB(64));
        text.size += got > 0 ? (size_t)got : 0;
    } while (got > 0 && text.size <= LIMIT_TUPLE_BYTES);
    while (text.size > 0 && text.bytes[text.size - 1] == '\n')
        text.size--;
    const char *wrong = got < 0                                 ? strerror(errno)
                        : text.size > LIMIT_TUPLE_BYTES         ? "more than 16 MiB"
                        : !utf8_is_valid(text.bytes, text.size) ? "not valid UTF-8"
                                                                : NULL;
    if (wrong != NULL)
        (void)snprintf(problem, WORK_PROBLEM_BYTES, "what it printed is no str: %s", wrong);
    else
        buffer_pack_str(value, text.bytes, text.size);
    buffer_deinit(&text);
    memory_check(!value->failed);
    return wrong == NULL;
}

static bool read_result(struct work_results *results, struct options *options, int output,
                        const uint8_t *tuple, char *problem)
{
    const char *text = options->work.result;
    struct names names = {named_for_text(&options->named), tuple, BUFFER_INIT};
    struct text_names lookup = {.find = find, .context = &names};
    struct problem wrong;
    size_t before = results->bytes.size;
    bool good = true;
    if (work_results_take_output(options))
        good = read_output(&names.output, output, problem);
    if (good && text_read_tuple(text, strlen(text), &lookup, &results->bytes, &wrong) != 0) {
        (void)snprintf(problem, WORK_PROBLEM_BYTES, "--result: %s", wrong.text);
        good = false;
    }
    memory_check(!results->bytes.failed);
    buffer_deinit(&names.output);
    return good && add(results, results->bytes.size - before, problem);
}

bool work_results_read(struct work_results *results, struct options *options, int output,
                       const uint8_t *tuple, char problem[static WORK_PROBLEM_BYTES])
{
    *results = (struct work_results){0};
    if (options->work.put && !read_put(results, options, output, problem))
        return false;
    if (options->work.result != NULL && !read_result(results, options, output, tuple, problem))
        return false;
    const uint8_t *at = results->bytes.bytes;
    results->values = memory_resize(NULL, (results->count + 1) * sizeof(*results->values));
    for (size_t i = 0; i < results->count; at += results->sizes[i++])
        results->values[i] = ts_encoded(at, results->sizes[i]);
    return true;
}

void work_results_deinit(struct work_results *results)
{
    buffer_deinit(&results->bytes);
    free(results->sizes);
    free(results->values);
    *results = (struct work_results){0};
}

bool work_results_take_output(const struct options *options)
{
    struct problem problem;
    struct token token;
    const char *text = options->work.result;
    if (text == NULL)
        return false;
    struct lexer lexer = {.text = text, .size = strlen(text), .problem = &problem};
    while (lexer_next(&lexer, &token) == 0 && token.kind != TOKEN_END)
        if (token.kind == TOKEN_NAME && is_name(OUTPUT_NAME, text + token.body, token.body_size))
            return true;
    return false;
}

int work_results_check(struct options *options)
{
    const char *text = options->work.result;
    struct names names = {named_for_text(&options->named), NULL, BUFFER_INIT};
    struct text_names lookup = {.find = find, .context = &names};
    struct buffer bytes = BUFFER_INIT;
    struct problem problem;
    if (text == NULL)
        return 0;
    buffer_pack_str(&names.output, "", 0);
    int failed = text_read_tuple(text, strlen(text), &lookup, &bytes, &problem);
    buffer_deinit(&bytes);
    buffer_deinit(&names.output);
    if (failed != 0) {
        complain("--result: %s", problem.text);
        complain_at(text, strlen(text), problem.offset);
        complain_hint("such as --result '[\"done\", $TSD_2]'; $TSD_2 is the task's second field");
        return EXIT_USAGE;
    }
    if (!options->work.put || !work_results_take_output(options))
        return 0;
    complain("--put and $output in --result: what CMD prints is either tuples or a str");
    return EXIT_USAGE;
}
