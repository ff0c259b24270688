/* SPDX-License-Identifier: MIT */
/*
 * What every target has: libFuzzer's entry point, a check that ends the process, and bytes taken off
 * the front of an input.
 *
 * A target is one file that defines LLVMFuzzerTestOneInput and fuzz_replays. It keeps nothing from
 * one input to the next, and frees all that it takes.
 */
#ifndef TSD_FUZZ_H
#define TSD_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* How many changed inputs a replay tries beside the corpus (replay.c): some seconds' worth. */
extern const unsigned fuzz_replays;

/* The condition holds, or this input is a finding: says what was expected, printf-like, and aborts. */
#define FUZZ_CHECK(condition, ...)                                                                 \
    ((condition) ? (void)0                                                                         \
                 : (fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition),                \
                    fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), abort()))

struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

/* The next byte; 0 where there is none. */
static inline uint8_t fuzz_byte(struct fuzz_input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

/* Bytes in a block of exactly their size, so that a sanitizer sees whoever reads past them. */
static inline uint8_t *fuzz_copy(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = (uint8_t *)malloc(size ? size : 1);
    if (size)
        memcpy(copy, bytes, size);
    return copy;
}

#endif
