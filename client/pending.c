/* SPDX-License-Identifier: MIT */
#include "client/pending.h"

#include <stdlib.h>

enum { FIRST_SIZE = 16 };

/* Numbers grow one by one, so their low bits spread them evenly. */
static struct pending **chain_of(const struct pending_table *table, uint64_t number)
{
    return &table->chains[number & (table->size - 1)];
}

void pending_init(struct pending_table *table)
{
    *table = (struct pending_table){0};
    TAILQ_INIT(&table->all);
}

void pending_deinit(struct pending_table *table)
{
    free(table->chains);
    pending_init(table);
}

/* Doubles the table and links everything anew. */
static bool grow(struct pending_table *table)
{
    size_t size = table->size ? table->size * 2 : FIRST_SIZE;
    struct pending **chains = calloc(size, sizeof(struct pending *));

    if (!chains)
        return false;
    free(table->chains);
    table->chains = chains;
    table->size = size;
    for (struct pending *pending = TAILQ_FIRST(&table->all); pending;
         pending = TAILQ_NEXT(pending, all)) {
        struct pending **chain = chain_of(table, pending->number);
        pending->next = *chain;
        *chain = pending;
    }
    return true;
}

bool pending_add(struct pending_table *table, struct pending *pending)
{
    struct pending **chain;

    if (table->count == table->size && !grow(table))
        return false;
    chain = chain_of(table, pending->number);
    pending->next = *chain;
    *chain = pending;
    TAILQ_INSERT_TAIL(&table->all, pending, all);
    table->count++;
    return true;
}

struct pending *pending_find(const struct pending_table *table, uint64_t number)
{
    struct pending *pending = table->size ? *chain_of(table, number) : NULL;

    while (pending && pending->number != number)
        pending = pending->next;
    return pending;
}

struct pending *pending_take(struct pending_table *table, uint64_t number)
{
    if (table->size == 0)
        return NULL;
    for (struct pending **at = chain_of(table, number); *at; at = &(*at)->next) {
        struct pending *pending = *at;
        if (pending->number == number) {
            *at = pending->next;
            TAILQ_REMOVE(&table->all, pending, all);
            table->count--;
            return pending;
        }
    }
    return NULL;
}

struct pending *pending_take_first(struct pending_table *table)
{
    struct pending *first = TAILQ_FIRST(&table->all);

    return first ? pending_take(table, first->number) : NULL;
}

void pending_free_all(struct pending_queue *queue)
{
    struct pending *pending;

    while ((pending = STAILQ_FIRST(queue))) {
        STAILQ_REMOVE_HEAD(queue, ready);
        pending_free(pending);
    }
}

void pending_free(struct pending *pending)
{
    if (pending->asked.op == TSD_OP_WATCH && !pending->events)
        pending_free_all(&pending->kept);
    free(pending->body);
    free(pending->frame);
    free(pending);
}
