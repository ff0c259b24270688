/* SPDX-License-Identifier: MIT */
/*
 * Regular expressions: PCRE2 behind three functions, bounded (rule P3).
 *
 * The interpreter alone, never its JIT compiler, which counts steps otherwise: what matches would
 * depend on the build. Line ends and classes are set, not left to the library's defaults, for the
 * same reason. An expression and what it is tried on are UTF-8.
 *
 * An engine owns what all its expressions work with and outlives them; it is used by one thread.
 */
#ifndef TSD_SPACE_REGEX_H
#define TSD_SPACE_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/table.h"
#include "protocol/problem.h"

struct regex_engine;

struct regex_engine *regex_engine_new(void); /* NULL without memory */
struct regex_engine *regex_engine_free(struct regex_engine *engine);

enum regex_result {
    REGEX_NO,
    REGEX_YES,
    REGEX_LIMIT, /* ran into a limit of steps, heap or work: not known, so it does not match */
};

/* One result remembered: the value at `offset` of tuple `tuple`. */
struct regex_seen {
    uint64_t tuple; /* 0: none */
    uint32_t offset;
    uint8_t result;
};
#define REGEX_SEEN 16 /* a power of two */

struct regex {
    struct regex_engine *engine;
    void *code; /* PCRE2's */
    struct regex_seen seen[REGEX_SEEN];

    struct table_node node; /* these three are the cache's, see regex_cache.h */
    TAILQ_ENTRY(regex) idle;
    uint32_t refs;

    bool ignore_case;
    uint32_t size;     /* bytes of the expression */
    char expression[]; /* NUL-terminated: some releases of PCRE2 read one past the end */
};

/*
 * Compiles. NULL with the problem set: TS_MALFORMED where it does not compile or begins with `(*`,
 * which would set options; TS_LIMIT where it is too long or has ranges of too many characters to
 * ignore case in; TS_NO_MEMORY. The problem's offset counts from `expression`.
 */
struct regex *regex_new(struct regex_engine *engine, const uint8_t *expression, size_t size,
                        bool ignore_case, struct problem *problem);
struct regex *regex_free(struct regex *regex); /* NULL is fine; returns NULL */

/*
 * Whether the expression is found in the subject: valid UTF-8 of at most LIMIT_REGEX_SUBJECT bytes.
 * Ends the process where there is no memory: answers do not depend on that.
 */
enum regex_result regex_find(struct regex *regex, const uint8_t *subject, size_t size);

/* Units of work, some 20 ns each, that the last one took (regex_bound.h). */
size_t regex_work(const struct regex *regex);

/*
 * The same, remembered: a tuple's id (not 0) and where in it the subject is stand for its bytes, so
 * that an expression which many requests wait with is tried once a value; *tried tells whether this
 * was the time.
 */
enum regex_result regex_find_once(struct regex *regex, uint64_t tuple, uint32_t offset,
                                  const uint8_t *subject, size_t size, bool *tried);

#endif
