/* SPDX-License-Identifier: MIT */
#include "environment.h"

#include <stdio.h>
#include <stdlib.h>

uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 0) : otherwise;
}

void runs_from_environment(uint64_t *seed, uint64_t *steps, uint64_t *runs)
{
    *steps = from_environment("TEST_STEPS", *steps);
    *seed = from_environment("TEST_SEED", *seed);
    *runs = from_environment("TEST_RUNS", getenv("TEST_SEED") ? 1 : *runs);
    printf("TEST_SEED=%llu TEST_STEPS=%llu TEST_RUNS=%llu\n", (unsigned long long)*seed,
           (unsigned long long)*steps, (unsigned long long)*runs);
    fflush(stdout);
}
