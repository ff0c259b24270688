/* SPDX-License-Identifier: MIT */
#include "history/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/limits.h"

struct chunk {
    struct chunk *next;
    size_t used, size;
    _Alignas(16) uint8_t bytes[];
};

static void *or_end(void *memory)
{
    if (!memory) {
        (void)fputs("out of memory\n", stderr);
        exit(2);
    }
    return memory;
}

void *array_new(size_t count, size_t size)
{
    return or_end(calloc(count + 1, size));
}

void *grow(void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity ? 2 * *capacity : 64;
    return or_end(realloc(array, *capacity * size));
}

struct history *history_new(void)
{
    struct history *history = or_end(calloc(1, sizeof *history));
    history->last_scan = NO_OP;
    return history;
}

struct history *history_free(struct history *history)
{
    if (!history)
        return NULL;
    while (history->arena) {
        struct chunk *chunk = history->arena;
        history->arena = chunk->next;
        free(chunk);
    }
    free(history->ops);
    free(history->events);
    free(history->sessions);
    free(history->spaces);
    free(history);
    return NULL;
}

void *history_alloc(struct history *history, size_t size)
{
    struct chunk *chunk = history->arena;
    size = (size + 15) & ~(size_t)15;
    if (!chunk || chunk->size - chunk->used < size) {
        const size_t room = size > 65536 ? size : 65536;
        chunk = or_end(calloc(1, sizeof *chunk + room));
        chunk->size = room;
        chunk->next = history->arena;
        history->arena = chunk;
    }
    void *memory = chunk->bytes + chunk->used;
    chunk->used += size;
    return memory;
}

struct span history_copy(struct history *history, const void *bytes, size_t size)
{
    uint8_t *copy = history_alloc(history, size);
    if (size)
        memcpy(copy, bytes, size);
    return (struct span){copy, (uint32_t)size};
}

int history_space(struct history *history, const void *name, size_t size)
{
    for (size_t i = 0; i < history->space_count; i++)
        if (history->spaces[i].size == size && memcmp(history->spaces[i].bytes, name, size) == 0)
            return (int)i;
    history->spaces = grow(history->spaces, history->space_count, &history->space_capacity,
                           sizeof *history->spaces);
    history->spaces[history->space_count] = history_copy(history, name, size);
    return (int)history->space_count++;
}

int history_session(struct history *history, struct session session)
{
    history->sessions = grow(history->sessions, history->session_count, &history->session_capacity,
                             sizeof *history->sessions);
    history->sessions[history->session_count] = session;
    return (int)history->session_count++;
}

struct op *history_op(struct history *history, int session, enum tsd_operation kind)
{
    history->ops =
        grow(history->ops, history->op_count, &history->op_capacity, sizeof *history->ops);
    struct op *op = &history->ops[history->op_count++];
    *op = (struct op){.session = session,
                      .kind = kind,
                      .space = NO_SPACE,
                      .to = NO_SPACE,
                      .dead_letter = NO_SPACE,
                      .min = 1,
                      .max = 1,
                      .window_us = LIMIT_WINDOW_US};
    return op;
}

struct happening *history_event(struct history *history)
{
    history->events = grow(history->events, history->event_count, &history->event_capacity,
                           sizeof *history->events);
    struct happening *event = &history->events[history->event_count++];
    *event = (struct happening){.watch = NO_OP};
    return event;
}
