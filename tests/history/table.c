/* SPDX-License-Identifier: MIT */
#include "history/table.h"

#include <stdlib.h>

#include "history/history.h"

static uint64_t scatter(uint64_t z)
{
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t mix_words(uint64_t a, uint64_t b, uint64_t c)
{
    return scatter(scatter(scatter(a + 1) ^ b) + c);
}

uint64_t mix_bytes(const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    uint64_t hash = size;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
    return scatter(hash);
}

static struct table_slot *place(const struct table *table, uint64_t key)
{
    size_t at = scatter(key) & (table->size - 1);
    while (table->slots[at].value && table->slots[at].key != key)
        at = (at + 1) & (table->size - 1);
    return &table->slots[at];
}

void *table_find(const struct table *table, uint64_t key)
{
    return table->size ? place(table, key)->value : NULL;
}

static void widen(struct table *table)
{
    struct table wider = {.used = table->used, .size = table->size ? 2 * table->size : 256};
    wider.slots = calloc(wider.size, sizeof *wider.slots);
    if (!wider.slots)
        exit(2);
    for (size_t i = 0; i < table->size; i++)
        if (table->slots[i].value)
            *place(&wider, table->slots[i].key) = table->slots[i];
    free(table->slots);
    *table = wider;
}

void **table_slot(struct table *table, uint64_t key)
{
    if (2 * table->used >= table->size)
        widen(table);
    struct table_slot *slot = place(table, key);
    if (!slot->value) {
        slot->key = key;
        table->used++; /* whoever asks fills it */
    }
    return &slot->value;
}

void table_clear(struct table *table)
{
    free(table->slots);
    *table = (struct table){0};
}
