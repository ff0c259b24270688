/* SPDX-License-Identifier: MIT */
/* spaces: those that its user sees. */
#include "generate.h"
#include "naive_state.h"

enum { ROW_BYTES = 64 }; /* of an answer, beside the names */

static void count(const struct naive *naive, int space, struct trace_space *row)
{
    for (int i = 0; i < naive->tuple_count; i++) {
        const struct tuple *tuple = naive->tuples[i];
        if (tuple->space != space)
            continue;
        row->tuples += tuple->state == TSD_STATE_STORED;
        row->delayed += tuple->state == TSD_STATE_DELAYED;
        row->kept += naive_is_kept(tuple);
    }
    for (int i = 0; i < naive->wait_count; i++)
        row->watches +=
            naive->waits[i]->request.op == TSD_OP_WATCH && naive->waits[i]->request.space == space;
}

void naive_do_spaces(struct naive *naive, const struct wait *wait)
{
    static const int by_name[NAIVE_SPACES] = {3, 1, 0, 2};
    const struct naive_user *user = &naive_session_find(naive, wait->session)->user;
    uint64_t bytes = 0;
    int rows = 0;
    bool more = false;
    naive_say(naive, wait, TS_OK);
    for (int i = 0; i < NAIVE_SPACES; i++) {
        const struct space *space = &naive->spaces[by_name[i]];
        struct trace_space row = {.name = generate_space_name(by_name[i]),
                                  .dead_letter = generate_space_name(space->dead_letter),
                                  .capacity = space->capacity,
                                  .max_returns = space->max_returns,
                                  .owner = space->owner,
                                  .group = space->group,
                                  .mode = space->mode};
        if (!naive_sees(naive, user, by_name[i]))
            continue;
        bytes += strlen(row.name) + strlen(row.dead_letter) + ROW_BYTES;
        more = bytes > naive->reply_bytes && rows > 0;
        if (more)
            break;
        rows++;
        count(naive, by_name[i], &row);
        trace_space(naive->trace, &row);
    }
    trace_text(naive->trace, more ? " more\n" : "\n");
}
