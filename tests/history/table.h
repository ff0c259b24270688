/* SPDX-License-Identifier: MIT */
/* A map from numbers to pointers; nothing is ever taken out. Starts zeroed. */
#ifndef TSD_HISTORY_TABLE_H
#define TSD_HISTORY_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table {
    struct table_slot {
        uint64_t key;
        void *value; /* NULL: free */
    } * slots;
    size_t used, size; /* size: 0 or a power of two */
};

void *table_find(const struct table *table, uint64_t key); /* NULL where there is none */
void **table_slot(struct table *table, uint64_t key);      /* to be set: NULL where it is new */
void table_clear(struct table *table);

uint64_t mix_words(uint64_t a, uint64_t b, uint64_t c);
uint64_t mix_bytes(const void *bytes, size_t size);

#endif
