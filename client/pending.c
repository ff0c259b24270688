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

void pending_free(struct pending *pending)
{
    free(pending->body);
    free(pending);
}
