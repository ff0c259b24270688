/* SPDX-License-Identifier: MIT */
#include "contrib/bench/ledger.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "contrib/bench/check.h"

void ledger_deinit(struct ledger *ledger)
{
    free(ledger->taken_bits);
    *ledger = (struct ledger){0};
}

static void ledger_grow(struct ledger *ledger)
{
    uint64_t capacity = ledger->capacity ? ledger->capacity * 2 : 1 << 20;
    uint64_t *bits = allocate(capacity / 8);

    if (ledger->capacity)
        memcpy(bits, ledger->taken_bits, ledger->capacity / 8);
    free(ledger->taken_bits);
    ledger->taken_bits = bits;
    ledger->capacity = capacity;
}

uint64_t ledger_issue(struct ledger *ledger)
{
    if (ledger->issued == ledger->capacity)
        ledger_grow(ledger);
    return ledger->issued++;
}

bool ledger_take(struct ledger *ledger, uint64_t number, const char *server)
{
    uint64_t bit = UINT64_C(1) << (number % 64);

    if (number >= ledger->issued)
        return check_failed("%s gave tuple %" PRIu64 ", which nobody has put", server, number);
    if (ledger->taken_bits[number / 64] & bit)
        return check_failed("%s gave tuple %" PRIu64 " twice", server, number);
    ledger->taken_bits[number / 64] |= bit;
    ledger->taken++;
    return true;
}

bool ledger_settled(const struct ledger *ledger, const char *server)
{
    if (ledger->put == ledger->issued && ledger->taken == ledger->issued)
        return true;
    return check_failed("%s: %" PRIu64 " tuples sent, %" PRIu64 " answered, %" PRIu64 " taken",
                        server, ledger->issued, ledger->put, ledger->taken);
}
