/* SPDX-License-Identifier: MIT */
#include "tsctl/template.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/limits.h"
#include "protocol/value.h"
#include "tsctl/input.h"
#include "tsctl/memory.h"

#define DIGITS "0123456789"

/* A guard's field in the text. */
struct place {
    unsigned long guard, field; /* from 1 */
    bool adds;
    long long add;
};

/* Where the reading of the text stands. */
struct scan {
    char *text; /* a copy, in which null stands for each place that was read */
    size_t at;
    int depth;
    unsigned field; /* of the tuple, from 0 */
    const ts_guard *guards;
    size_t guard_count;
    struct place places[LIMIT_TUPLE_FIELDS]; /* by the field that they are; guard 0: none */
    struct problem *problem;
};

static void skip_string(struct scan *scan)
{
    const char *text = scan->text;
    for (scan->at++; text[scan->at] != '\0' && text[scan->at] != '"'; scan->at++)
        if (text[scan->at] == '\\' && text[scan->at + 1] != '\0')
            scan->at++;
    if (text[scan->at] == '"')
        scan->at++;
}

/* The number at the text, from 1 to `most`, else 0. */
static unsigned long read_number(const char *text, size_t digits, unsigned long most)
{
    unsigned long number = digits > 0 && digits <= 9 ? strtoul(text, NULL, 10) : 0;
    return number <= most ? number : 0;
}

/* The length of what is added, 0 for nothing, or -status. */
static int read_add(struct scan *scan, const char *text, struct place *place)
{
    if (*text != '+' && *text != '-')
        return 0;
    size_t digits = strspn(text + 1, DIGITS);
    char *end;
    errno = 0;
    place->add = strtoll(text, &end, 10);
    place->adds = true;
    if (digits == 0 || errno != 0 || digits > 30)
        return problem_set(scan->problem, TS_MALFORMED, scan->at,
                           "what is added is an integer of 64 bits, as in $1.2+1");
    return (int)(1 + digits);
}

static int check_place(const struct scan *scan, const struct place *place)
{
    if (scan->depth != 1)
        return problem_set(scan->problem, TS_MALFORMED, scan->at,
                           "a guard's field cannot stand inside another value, only as a field");
    if (place->guard == 0)
        return problem_set(scan->problem, TS_MALFORMED, scan->at,
                           "no such guard: they are counted from 1 to %zu", scan->guard_count);
    if (place->field == 0)
        return problem_set(scan->problem, TS_MALFORMED, scan->at,
                           "no such field: $1.2 is field 2 of guard 1, and %d is the last",
                           LIMIT_TUPLE_FIELDS);
    if (scan->guards[place->guard - 1].kind == TSD_GUARD_ABSENT)
        return problem_set(scan->problem, TS_MALFORMED, scan->at,
                           "guard %lu is --absent: it has no tuple", place->guard);
    return 0;
}

/* `$1.2+3`, from the $ on. */
static int read_place(struct scan *scan)
{
    const char *text = scan->text + scan->at;
    struct place place = {0};
    size_t guard = strspn(text + 1, DIGITS), size = 1 + guard;
    size_t field = text[size] == '.' ? strspn(text + size + 1, DIGITS) : 0;
    place.guard = read_number(text + 1, guard, scan->guard_count);
    place.field = read_number(text + size + (field > 0), field, LIMIT_TUPLE_FIELDS);
    size += field > 0 ? 1 + field : 0;
    int add = field > 0 ? read_add(scan, text + size, &place) : 0;
    int failed = add < 0 ? add : check_place(scan, &place);
    if (failed != 0)
        return failed;
    size += (size_t)add;
    if (strchr(" \t\r\n,]", text[size]) == NULL)
        return problem_set(scan->problem, TS_MALFORMED, scan->at + size,
                           "after a guard's field there can be +N or -N, then a comma or ]");
    if (scan->field < LIMIT_TUPLE_FIELDS) /* else the tuple is refused for its length */
        scan->places[scan->field] = place;
    memset(scan->text + scan->at, ' ', size);
    memcpy(scan->text + scan->at, "null", 4); /* a place has four characters at least */
    scan->at += size;
    return 0;
}

/* Finds the places, and makes the text that of a tuple. Everything keeps its offset. */
static int scan_text(struct scan *scan)
{
    for (;;) {
        char c = scan->text[scan->at];
        if (c == '\0')
            return 0;
        if (c == '"') {
            skip_string(scan);
            continue;
        }
        if (c == '$' && scan->text[scan->at + 1] != '\0' &&
            strchr(DIGITS, scan->text[scan->at + 1]) != NULL) {
            int failed = read_place(scan);
            if (failed != 0)
                return failed;
            continue;
        }
        scan->depth += (c == '[' || c == '{') - (c == ']' || c == '}');
        scan->field += c == ',' && scan->depth == 1;
        scan->at++;
    }
}

static ts_value value_of(const struct place *place, const uint8_t *bytes, size_t size)
{
    if (place->guard == 0)
        return ts_value_bytes(TS_KIND_RAW, bytes, size);
    unsigned guard = (unsigned)place->guard - 1, field = (unsigned)place->field - 1;
    return place->adds ? ts_from_plus(guard, field, place->add) : ts_from(guard, field);
}

/* The fields of the tuple that was read, and the guards' in their places. */
static void set_fields(struct template *template, const struct scan *scan)
{
    struct value head;
    const uint8_t *at = value_read_trusted(template->bytes.bytes, &head);
    template->count = head.length;
    template->fields = memory_resize(NULL, head.length * sizeof(*template->fields));
    for (size_t i = 0; i < template->count; i++) {
        const uint8_t *next = value_skip_trusted(at);
        template->fields[i] = value_of(&scan->places[i], at, (size_t)(next - at));
        at = next;
    }
}

int template_read(struct options *options, const char *text, const ts_guard *guards,
                  size_t guard_count, struct template *template, struct problem *problem)
{
    struct scan scan = {.guards = guards, .guard_count = guard_count, .problem = problem};
    size_t size = strlen(text);
    *template = (struct template){0};
    scan.text = memory_resize(NULL, size + 1);
    memcpy(scan.text, text, size + 1);
    int failed = scan_text(&scan);
    if (failed == 0)
        failed = input_read_tuple(options, scan.text, size, &template->bytes, problem);
    if (failed == 0)
        set_fields(template, &scan);
    free(scan.text);
    return failed;
}

void template_deinit(struct template *template)
{
    buffer_deinit(&template->bytes);
    free(template->fields);
    *template = (struct template){0};
}
