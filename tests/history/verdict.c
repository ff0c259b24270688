/* SPDX-License-Identifier: MIT */
#include "history/verdict.h"

#include <stdarg.h>
#include <string.h>

#include "protocol/text_write.h"

static const struct {
    const char *name, *meaning;
} kinds[] = {
#define FINDING_NAME(name, text, meaning) {text, meaning},
    FINDINGS(FINDING_NAME)
#undef FINDING_NAME
};

const char *finding_name(enum finding_kind kind)
{
    return kinds[kind].name;
}

static void add(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add(char *text, size_t size, const char *format, ...)
{
    const size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

void op_text(const struct history *history, int index, char *text, size_t size)
{
    static const char *const names[] = {
#define OPERATION_NAME(number, name, string, ...) [number] = string,
        TSD_OPERATIONS(OPERATION_NAME)
#undef OPERATION_NAME
    };
    const struct op *op = &history->ops[index];
    const struct session *session = &history->sessions[op->session];
    text[0] = '\0';
    add(text, size, "client %u connection %llu request %llu %s", session->client,
        (unsigned long long)session->number, (unsigned long long)op->number, names[op->kind]);
    if (op->space != NO_SPACE)
        add(text, size, " %.*s", (int)history->spaces[op->space].size,
            (const char *)history->spaces[op->space].bytes);
    if (op->placed)
        add(text, size, " (%llu..%llu)", (unsigned long long)op->since, (unsigned long long)op->at);
}

void verdict_add(struct verdict *verdict, enum finding_kind kind, int op, int other,
                 const char *format, ...)
{
    const size_t index = verdict->count++;
    if (index >= MOST_FINDINGS)
        return;
    struct finding *finding = &verdict->findings[index];
    const size_t size = sizeof finding->text;
    va_list arguments;
    char who[160];
    finding->kind = kind;
    va_start(arguments, format);
    (void)vsnprintf(finding->text, size, format, arguments);
    va_end(arguments);
    if (op != NO_OP) {
        op_text(verdict->history, op, who, sizeof who);
        add(finding->text, size, "; %s", who);
    }
    if (other != NO_OP && other != op) {
        op_text(verdict->history, other, who, sizeof who);
        add(finding->text, size, "; %s", who);
    }
}

bool verdict_has(const struct verdict *verdict, enum finding_kind kind)
{
    for (size_t i = 0; i < verdict->count && i < MOST_FINDINGS; i++)
        if (verdict->findings[i].kind == kind)
            return true;
    return false;
}

void verdict_print(const struct verdict *verdict, FILE *to)
{
    enum { SHOWN = 12 };
    for (size_t i = 0; i < verdict->count && i < SHOWN; i++) {
        const struct finding *finding = &verdict->findings[i];
        (void)fprintf(to, "%s: %s\n", kinds[finding->kind].name, finding->text);
    }
    if (verdict->count > SHOWN)
        (void)fprintf(to, "and %zu more\n", verdict->count - SHOWN);
}
