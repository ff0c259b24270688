/* SPDX-License-Identifier: MIT */
#include "space/regex.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/must.h"
#include "protocol/limits.h"
#include "space/regex_bound.h"

struct regex_engine {
    pcre2_general_context *general;
    pcre2_compile_context *compile;
    pcre2_match_context *match;
    pcre2_match_data *data;
    struct regex_bound bound; /* of the match under way */
};

static void *engine_alloc(size_t size, void *unused)
{
    (void)unused;
    return mem_alloc(size);
}

static void engine_release(void *block, void *unused)
{
    (void)unused;
    mem_free(block);
}

struct regex_engine *regex_engine_free(struct regex_engine *engine)
{
    if (!engine)
        return NULL;
    pcre2_match_data_free(engine->data);
    pcre2_match_context_free(engine->match);
    pcre2_compile_context_free(engine->compile);
    pcre2_general_context_free(engine->general);
    mem_free(engine);
    return NULL;
}
CLEANUP_DEFINE(regex_engine_free, struct regex_engine *)

struct regex_engine *regex_engine_new(void)
{
    CLEANUP(regex_engine_free) struct regex_engine *engine = mem_zalloc(sizeof(*engine));

    if (!engine)
        return NULL;
    engine->general = pcre2_general_context_create(engine_alloc, engine_release, NULL);
    if (!engine->general)
        return NULL;
    engine->compile = pcre2_compile_context_create(engine->general);
    engine->match = pcre2_match_context_create(engine->general);
    engine->data = pcre2_match_data_create(1, engine->general);
    if (!engine->compile || !engine->match || !engine->data)
        return NULL;
    /* Both have defaults that are chosen when PCRE2 is built. */
    pcre2_set_newline(engine->compile, PCRE2_NEWLINE_LF);
    pcre2_set_bsr(engine->compile, PCRE2_BSR_UNICODE);
    pcre2_set_match_limit(engine->match, LIMIT_REGEX_STEPS); /* rule P3 */
    pcre2_set_heap_limit(engine->match, LIMIT_REGEX_HEAP / 1024);
    pcre2_set_callout(engine->match, regex_bound_charge, &engine->bound);
    return STEAL(engine);
}

struct regex *regex_free(struct regex *regex)
{
    if (!regex)
        return NULL;
    pcre2_code_free(regex->code);
    mem_free(regex);
    return NULL;
}
CLEANUP_DEFINE(regex_free, struct regex *)

static void compile_problem(int code, size_t offset, struct problem *problem)
{
    PCRE2_UCHAR text[160];

    if (code == PCRE2_ERROR_HEAP_FAILED) {
        problem_set(problem, TS_NO_MEMORY, offset, "no memory for a regular expression");
        return;
    }
    /* What is too long for the room is cut: it ends in a NUL all the same. */
    pcre2_get_error_message(code, text, sizeof(text));
    problem_set(problem, TS_MALFORMED, offset,
                "the regular expression does not compile: %s, at byte %zu", (const char *)text,
                offset);
}

/* What is refused before PCRE2 sees it. */
static int check_expression(const struct regex *regex, struct problem *problem)
{
    if (strncmp(regex->expression, "(*", 2) == 0)
        return problem_set(problem, TS_MALFORMED, 0, "a regular expression that begins with (*");
    if (!regex_ranges_fit(regex->expression, regex->size, regex->ignore_case))
        return problem_set(problem, TS_LIMIT, 0,
                           "a regular expression that ignores case in ranges of too many "
                           "characters");
    return 0;
}

static int compile(struct regex *regex, struct problem *problem)
{
    /* Bytes by \C would cut characters. */
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;
    PCRE2_SIZE offset = 0;
    int code;

    if (regex->ignore_case)
        options |= PCRE2_CASELESS;
    regex->code = pcre2_compile((PCRE2_SPTR)regex->expression, regex->size, options, &code, &offset,
                                regex->engine->compile);
    if (!regex->code) {
        compile_problem(code, offset, problem);
        return -1;
    }
    return 0;
}

struct regex *regex_new(struct regex_engine *engine, const uint8_t *expression, size_t size,
                        bool ignore_case, struct problem *problem)
{
    CLEANUP(regex_free) struct regex *regex = NULL;

    if (size > LIMIT_REGEX_BYTES) {
        problem_set(problem, TS_LIMIT, 0, "a regular expression of %zu bytes: the limit is %zu",
                    size, LIMIT_REGEX_BYTES);
        return NULL;
    }
    regex = mem_zalloc(sizeof(*regex) + size + 1);
    if (!regex) {
        problem_set(problem, TS_NO_MEMORY, 0, "no memory for a regular expression");
        return NULL;
    }
    regex->engine = engine;
    regex->ignore_case = ignore_case;
    regex->size = (uint32_t)size;
    memcpy(regex->expression, expression, size);
    if (check_expression(regex, problem) < 0 || compile(regex, problem) < 0)
        return NULL;
    return STEAL(regex);
}

enum regex_result regex_find(struct regex *regex, const uint8_t *subject, size_t size)
{
    struct regex_engine *engine = regex->engine;
    int code;

    assert(size <= LIMIT_REGEX_SUBJECT);
    regex_bound_begin(&engine->bound, regex->expression, regex->code, size);
    /* What is a str is UTF-8 (rule V2). */
    code =
        pcre2_match(regex->code, subject, size, 0, PCRE2_NO_UTF_CHECK, engine->data, engine->match);
    if (code >= 0) /* 0: found, with more groups than there is room to tell where */
        return REGEX_YES;
    if (code == PCRE2_ERROR_NOMATCH)
        return REGEX_NO;
    if (code == PCRE2_ERROR_NOMEMORY)
        must_fail();
    return REGEX_LIMIT; /* steps, heap, work, or an expression that recurses without end */
}

size_t regex_work(const struct regex *regex)
{
    return regex->engine->bound.used;
}

enum regex_result regex_find_once(struct regex *regex, uint64_t tuple, uint32_t offset,
                                  const uint8_t *subject, size_t size, bool *tried)
{
    struct regex_seen *seen = &regex->seen[(offset ^ offset >> 4) & (REGEX_SEEN - 1)];

    assert(tuple != 0);
    *tried = seen->tuple != tuple || seen->offset != offset;
    if (*tried) {
        seen->result = (uint8_t)regex_find(regex, subject, size);
        seen->tuple = tuple;
        seen->offset = offset;
    }
    return (enum regex_result)seen->result;
}
