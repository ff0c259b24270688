/* SPDX-License-Identifier: MIT */
/*
 * What a check found: nothing, or kinds of error with the operations concerned.
 *
 * Findings after the first may follow from it; at most MOST_FINDINGS are kept, all are counted.
 */
#ifndef TSD_HISTORY_VERDICT_H
#define TSD_HISTORY_VERDICT_H

#include <stdio.h>

#include "history/history.h"

/* X(NAME, "name", "what it means") */
#define FINDINGS(X)                                                                                \
    X(TAKEN_TWICE, "taken twice", "a tuple was taken by two")                                      \
    X(LOST_AT_TIMEOUT, "lost at timeout", "a request timed out, and its tuple is gone")            \
    X(LOST_AT_CANCEL, "lost at cancel", "a request was cancelled, and its tuple is gone")          \
    X(LOST_AT_KILL, "lost at kill", "what a connection kept did not come back at its end")         \
    X(LOST, "lost", "a tuple is gone, and nobody took it")                                         \
    X(NEVER_PUT, "never put", "a tuple was seen that nobody put, or before it was put")            \
    X(YOUNGER, "younger before older", "not the best-placed match was given")                      \
    X(PASSED_OVER, "passed over", "a waiting request was not served when it could be")             \
    X(NO_MATCH, "no match though there", "no match was told, and one was there")                   \
    X(STALE_READ, "stale read", "a tuple was read after it was gone")                              \
    X(HALF_UNIT, "half a unit", "part of a unit was seen without the rest")                        \
    X(INTERLEAVED, "unit interleaved", "something happened within a unit")                         \
    X(WRONG_PLACE, "wrong old place", "a tuple that came back is not at its old place")            \
    X(AFTER_FINAL, "return after final", "a tuple came back that was acknowledged or finished")    \
    X(RETURN_COUNT, "return count", "the count of returns is wrong")                               \
    X(LATE_FINISH, "late finish accepted", "a hold was settled that was over")                     \
    X(EARLY_TIMEOUT, "early timeout", "a request timed out before its time")                       \
    X(KEY_TWICE, "duplicate key accepted", "a key within its window did it twice")                 \
    X(WATCH_GAP, "watch gap", "a watch was not told of something")                                 \
    X(WATCH_DUPLICATE, "watch duplicate", "a watch was told of something twice")                   \
    X(REAL_TIME, "out of real-time order", "answered before what comes earlier was asked")         \
    X(POSITIONS, "wrong position", "positions contradict each other")                              \
    X(MISMATCH, "does not match", "a tuple was given that the pattern does not match")             \
    X(WRONG_ANSWER, "wrong answer", "an answer is not what the rules ask")                         \
    X(REFUSED, "refused though possible", "late, full or waiting where it could be done")          \
    X(OVERFULL, "over capacity", "more was put than there was room for")                           \
    X(TOO_EARLY, "too early", "a delay, a hold or a life ended before its time")                   \
    X(REAPPEARED, "reappeared", "what was refused or over was seen")                               \
    X(UNEXPLAINED, "unexplained event", "an event that nothing known can have caused")             \
    X(LEFT_OVER, "not ended", "something should have gone, and is still there")                    \
    X(UNCHECKED, "cannot be checked", "the history lacks what the check needs")

#define FINDING_ENUM(name, text, meaning) FOUND_##name,
enum finding_kind { FINDINGS(FINDING_ENUM) FINDING_KINDS };
#undef FINDING_ENUM

enum { MOST_FINDINGS = 64 };

struct finding {
    enum finding_kind kind;
    char text[400];
};

struct verdict {
    const struct history *history;
    struct finding findings[MOST_FINDINGS];
    size_t count; /* also those not kept */
    size_t operations;
};

/* `op` and `other` are indices of the operations concerned, or NO_OP. */
void verdict_add(struct verdict *verdict, enum finding_kind kind, int op, int other,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

const char *finding_name(enum finding_kind kind);
bool verdict_has(const struct verdict *verdict, enum finding_kind kind);
void verdict_print(const struct verdict *verdict, FILE *to);

/* "client 3 connection 17 request 5 in main [?int]", for messages. */
void op_text(const struct history *history, int op, char *text, size_t size);

/* Mode 1: replays by positions, exactly; needs a watch of everything on each space from the start.
 */
void check_by_positions(const struct history *history, struct verdict *verdict);

/* Mode 2: what times alone can tell. */
void check_by_times(const struct history *history, struct verdict *verdict);

#endif
