/* SPDX-License-Identifier: MIT */
#include "tsctl/words.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/limits.h"
#include "protocol/text_read.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/input.h"
#include "tsctl/memory.h"
#include "tsctl/requote.h"

enum kind { TUPLE, PATTERN };

static const char *const kind_names[] = {"tuple", "pattern"};

static int read_word(struct call *call, enum kind kind, const char *word, struct buffer *out,
                     struct problem *problem)
{
    if (kind == TUPLE)
        return input_read_tuple(&call->options, word, strlen(word), out, problem);
    struct text_names names = named_for_text(&call->options.named);
    int failed = text_read_pattern(word, strlen(word), &names, out, problem);
    memory_check(!out->failed);
    return failed;
}

/* Whether the corrected text can be read, so that it is right to offer it. */
static bool is_readable(struct call *call, enum kind kind, struct buffer *text)
{
    struct buffer bytes = BUFFER_INIT;
    struct problem problem;
    buffer_append_byte(text, '\0');
    memory_check(!text->failed);
    text->size--;
    bool readable = read_word(call, kind, (const char *)text->bytes, &bytes, &problem) == 0;
    buffer_deinit(&bytes);
    return readable;
}

/*
 * Complains of what the shell did to the words from number `at` on, if it did: a bracket is open
 * that the next words close, or there are names without quotes.
 */
static bool complain_shell(struct call *call, enum kind kind, int at)
{
    char **words = call->arguments + at;
    if (words[0][0] != '[')
        return false;
    bool closed = requote_is_closed(words[0]);
    bool has_quotes = strchr(words[0], '"') != NULL;
    struct buffer text = BUFFER_INIT;
    int taken = requote(words, call->argument_count - at, &text);
    bool readable = is_readable(call, kind, &text);
    bool shell = closed     ? readable && !has_quotes
                 : readable ? taken > 1 || !has_quotes
                            : !has_quotes;
    if (shell) {
        complain("the shell removed the quotes: put the %s in single quotes", kind_names[kind]);
        complain_hint("tsctl %s '%.*s'", call->command->name, (int)text.size,
                      (const char *)text.bytes);
    }
    buffer_deinit(&text);
    return shell;
}

/* `several`: of its kind, so that it has to be said which one. */
static int complain_word(struct call *call, enum kind kind, int at, bool several,
                         const struct problem *problem)
{
    if (complain_shell(call, kind, at))
        return EXIT_USAGE;
    const char *word = call->arguments[at];
    if (several)
        complain("%s %d: %s", kind_names[kind], at + 1, problem->text);
    else
        complain("%s", problem->text);
    complain_at(word, strlen(word), problem->offset);
    if (word[strspn(word, " \t\n")] != '[')
        complain_hint("a %s begins with [, as in '%s'", kind_names[kind],
                      kind == TUPLE ? "[\"task\", 1]" : "[\"task\", ?int]");
    return EXIT_USAGE;
}

/* The words from number `from` on, so many. */
static int read_some(struct call *call, enum kind kind, int from, int count, struct word_list *list)
{
    size_t *sizes = memory_resize(NULL, sizeof(*sizes) * (size_t)count);
    int status = 0;
    for (int i = 0; i < count && status == 0; i++) {
        struct problem problem;
        size_t before = list->bytes.size;
        if (read_word(call, kind, call->arguments[from + i], &list->bytes, &problem) != 0)
            status = complain_word(call, kind, from + i, count > 1, &problem);
        sizes[i] = list->bytes.size - before;
    }
    list->count = status == 0 ? (size_t)count : 0;
    list->values = memory_resize(NULL, sizeof(*list->values) * (list->count + 1));
    const uint8_t *at = list->bytes.bytes;
    for (size_t i = 0; i < list->count; at += sizes[i++])
        list->values[i] = ts_encoded(at, sizes[i]);
    free(sizes);
    return status;
}

static int read_words(struct call *call, enum kind kind, struct word_list *list)
{
    return read_some(call, kind, 0, call->argument_count, list);
}

int words_read_tuples(struct call *call, struct word_list *list)
{
    if (call->options.input == FORMAT_RAW) {
        complain("raw tuples come from standard input");
        complain_hint("tsctl out -i raw - <FILE");
        return EXIT_USAGE;
    }
    return read_words(call, TUPLE, list);
}

int words_read_patterns(struct call *call, struct word_list *list)
{
    if (call->argument_count > LIMIT_ALTERNATIVES)
        return complain_usage("%d patterns: there are at most %d alternatives",
                              call->argument_count, LIMIT_ALTERNATIVES);
    return read_words(call, PATTERN, list);
}

int words_read_one_pattern(struct call *call, struct word_list *list)
{
    if (call->argument_count > 0)
        return words_read_pattern_or_any(call, list);
    if (!words_complain_taken(call, "pattern")) {
        complain("%s needs a pattern", call->command->name);
        complain_hint("such as tsctl %s '[\"task\", ...]'", call->command->name);
    }
    return EXIT_USAGE;
}

int words_read_pattern_or_any(struct call *call, struct word_list *list)
{
    static char any[] = "[...]";
    static char *any_words[] = {any};
    if (call->argument_count == 0) {
        call->arguments = any_words;
        call->argument_count = 1;
    }
    int status = read_words(call, PATTERN, list);
    if (status == 0 && list->count > 1)
        return complain_usage("%s takes one pattern, not %zu", call->command->name, list->count);
    return status;
}

int words_read_pattern_and_tuple(struct call *call, struct word_list *pattern,
                                 struct word_list *tuple)
{
    if (call->argument_count == 0)
        return words_read_one_pattern(call, pattern);
    int status = read_some(call, PATTERN, 0, 1, pattern);
    if (status == 0 && call->argument_count > 2)
        return complain_usage("%s takes a pattern and a tuple, not %d words", call->command->name,
                              call->argument_count);
    if (status == 0 && call->argument_count == 2)
        status = read_some(call, TUPLE, 1, 1, tuple);
    return status;
}

bool words_complain_taken(const struct call *call, const char *what)
{
    if (call->options.last_named.option == NULL)
        return false;
    complain("--%s took the name %s and the value %s: the %s is missing",
             call->options.last_named.option, call->options.last_named.name,
             call->options.last_named.value, what);
    return true;
}

void word_list_deinit(struct word_list *list)
{
    buffer_deinit(&list->bytes);
    free(list->values);
    *list = (struct word_list){0};
}
