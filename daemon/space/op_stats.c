/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/must.h"
#include "space/operation.h"
#include "space/report.h"
#include "space/state.h"

struct listed {
    const struct space **list;
    uint32_t count, capacity;
};

static int by_name(const void *a, const void *b)
{
    const struct span one = space_name(*(const struct space *const *)a);
    const struct span other = space_name(*(const struct space *const *)b);
    return space_compare_names(&one, &other);
}

/* The spaces after that name, those that are of any use to somebody, by name: no hash shows. */
static void list_spaces(const struct engine *engine, const struct asker *asker,
                        const struct request *request, struct listed *listed)
{
    const bool all = !(request->has & TSD_HAS(AFTER));
    struct table_node *node = NULL;
    while ((node = table_walk(&engine->spaces, node))) {
        const struct space *space = container_of(node, struct space, node);
        const struct span name = space_name(space);
        if (!space_listed(space) || !access_sees(engine, asker, space) ||
            (!all && space_compare_names(&name, &request->after) <= 0))
            continue;
        if (listed->count == listed->capacity)
            listed->list = must_grow((void *)listed->list, &listed->capacity, sizeof *listed->list);
        listed->list[listed->count++] = space;
    }
    if (listed->count > 0)
        qsort((void *)listed->list, listed->count, sizeof *listed->list, by_name);
}

/* Writes the rows that fit an answer; the first does. Returns whether those were all. */
static bool write_rows(const struct listed *listed, struct buffer *text, uint32_t most_bytes)
{
    const size_t begun = text->size;
    struct report rows = report_array(text);
    for (; rows.count < listed->count && rows.count < UINT16_MAX; rows.count++) {
        const size_t before = text->size;
        report_space(text, listed->list[rows.count]);
        if (rows.count > 0 && text->size - begun > most_bytes) {
            text->size = before;
            break;
        }
    }
    report_end(&rows);
    return rows.count == listed->count;
}

void op_stats(struct engine *engine, const struct asker *asker, const struct command *command)
{
    struct listed listed = {0};
    struct buffer *text = &engine->effects->text;
    struct effect *effect = answer(engine, asker, asker->since, TS_OK);
    list_spaces(engine, asker, command->request, &listed);
    effect->text = (uint32_t)text->size;
    effect->more = !write_rows(&listed, text, engine->options.reply_bytes);
    effect->text_size = (uint32_t)(text->size - effect->text);
    mem_free((void *)listed.list);
}
