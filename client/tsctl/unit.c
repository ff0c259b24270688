/* SPDX-License-Identifier: MIT */
#include "tsctl/unit.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/text_read.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/memory.h"
#include "tsctl/quantity.h"
#include "tsctl/requote.h"
#include "tsctl/tokens.h"

static const struct {
    const char *name, *what;
    enum tsd_guard guard; /* 0: a step */
} kinds[] = {
    [PART_IN] = {"in", "pattern", TSD_GUARD_IN},
    [PART_HOLD] = {"hold", "pattern", TSD_GUARD_HOLD},
    [PART_RD] = {"rd", "pattern", TSD_GUARD_RD},
    [PART_ABSENT] = {"absent", "pattern", TSD_GUARD_ABSENT},
    [PART_OUT] = {"out", "tuple", 0},
    [PART_FINISH] = {"finish", "token", 0},
};

/* What the shell did to a word that opens a bracket which it does not close. */
static void complain_shell(const struct call *call, const struct part *part)
{
    char **words = memory_resize(NULL, (size_t)(call->argument_count + 2) * sizeof(*words));
    words[0] = (char *)part->word;
    for (int i = 0; i <= call->argument_count; i++)
        words[i + 1] = i < call->argument_count ? call->arguments[i] : NULL;
    struct buffer text = BUFFER_INIT;
    requote(words, call->argument_count + 1, &text);
    memory_check(!text.failed);
    complain("the shell removed the quotes: put the %s in single quotes", kinds[part->kind].what);
    complain_hint("tsctl atomic --%s '%.*s'", kinds[part->kind].name, (int)text.size,
                  (const char *)text.bytes);
    buffer_deinit(&text);
    free(words);
}

static int complain_part(const struct call *call, const struct part *part,
                         const struct problem *problem)
{
    const char *what = kinds[part->kind].what, *word = part->word;
    if (word[0] == '[' && !requote_is_closed(word) && strchr(word, '"') == NULL) {
        complain_shell(call, part);
        return EXIT_USAGE;
    }
    complain("--%s: %s", kinds[part->kind].name, problem->text);
    complain_at(word, strlen(word), problem->offset);
    if (word[strspn(word, " \t\n")] != '[')
        complain_hint("a %s begins with [, as in '%s'", what,
                      part->kind == PART_OUT ? "[\"task\", 1]" : "[\"task\", ?int]");
    return EXIT_USAGE;
}

static int read_guard(struct call *call, const struct part *part, struct unit *unit)
{
    struct problem problem;
    if (unit->guard_count == LIMIT_GUARDS)
        return complain_usage("atomic has at most %d guards", LIMIT_GUARDS);
    struct text_names names = named_for_text(&call->options.named);
    struct buffer *pattern = &unit->patterns[unit->guard_count];
    int failed = text_read_pattern(part->word, strlen(part->word), &names, pattern, &problem);
    memory_check(!pattern->failed);
    if (failed != 0)
        return complain_part(call, part, &problem);
    const bool detached = part->kind == PART_HOLD && call->options.hold_us != 0;
    unit->guards[unit->guard_count++] = (ts_guard){
        .kind = kinds[part->kind].guard,
        .pattern = ts_encoded(pattern->bytes, pattern->size),
        .hold_time = detached ? quantity_seconds(call->options.hold_us) : 0,
        .detached = detached,
    };
    return 0;
}

static int read_step(struct call *call, const struct part *part, struct unit *unit)
{
    struct problem problem;
    struct template *template = &unit->templates[unit->step_count];
    ts_step *step = &unit->steps[unit->step_count++];
    *template = (struct template){0};
    *step = ts_step_make(part->kind == PART_OUT ? TSD_STEP_OUT : TSD_STEP_FINISH);
    if (part->kind == PART_FINISH)
        return tokens_read_word(part->word, &step->token);
    if (template_read(&call->options, part->word, unit->guards, unit->guard_count, template,
                      &problem) != 0)
        return complain_part(call, part, &problem);
    step->tuple = ts_list(template->fields, template->count);
    return 0;
}

int unit_read(struct call *call, struct unit *unit)
{
    const struct options *options = &call->options;
    *unit = (struct unit){0};
    unit->steps = memory_resize(NULL, (options->part_count + 1) * sizeof(*unit->steps));
    unit->templates = memory_resize(NULL, (options->part_count + 1) * sizeof(*unit->templates));
    int status = 0;
    /* guards first: a step may name one that is given after it */
    for (size_t i = 0; i < options->part_count && status == 0; i++)
        if (kinds[options->parts[i].kind].guard != 0)
            status = read_guard(call, &options->parts[i], unit);
    for (size_t i = 0; i < options->part_count && status == 0; i++)
        if (kinds[options->parts[i].kind].guard == 0)
            status = read_step(call, &options->parts[i], unit);
    return status;
}

void unit_deinit(struct unit *unit)
{
    for (size_t i = 0; i < LIMIT_GUARDS; i++) /* also of one that was not read to its end */
        buffer_deinit(&unit->patterns[i]);
    for (size_t i = 0; i < unit->step_count; i++)
        template_deinit(&unit->templates[i]);
    free(unit->steps);
    free(unit->templates);
}
