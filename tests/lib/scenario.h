/* SPDX-License-Identifier: MIT */
/*
 * Scenarios: behaviour as text, run against the engine in virtual time and against a real daemon.
 *
 * A line is an action and, after ` -> `, all that it leads to, in order; an indented line goes on
 * with the one above. Blank lines and lines that begin with `#` say why. Sessions (a, b, ...) come
 * when they are first named, and again when they are named after their end; requests of a session
 * are numbered from 1. Tuples are named #1, #2, ... in the order in which they are first told of.
 *
 *     a: out ["t", 1] and ["t", 2]          -> #1 #2
 *     a: out --priority 5 --ttl 2s ["t"]    -> #3      (--delay D, --bound, --pulse)
 *     a: out --key k --window 5s ["t"]      -> repeated #3
 *     b: in ["t", ?]                        -> takes #1
 *     b: rd -s jobs ["x"] or ["y"]          -> waits
 *     b: rd ["x"] or -s jobs ["y"]          -> reads #4 by its 2nd
 *     b: inp ["t", >=7]                     -> none    (rdp likewise; -t 0 for all others)
 *     b: in -n 2..3 -t 50ms ["t", ?]        -> waits
 *     b: in --id #2 [...]                   -> takes #2
 *     a: cancel 2                           -> a cancelled; done
 *     a: ack
 *
 *     b: hold --for 2s --detached ["t", ?]  -> holds #1 returns 2 (hold-over)
 *     b: renew --for 2s #1                  -> done
 *     b: release --untried #1 #2            -> done    (--delay D, --exit N)
 *     b: finish #1 ["r", 1] and ["r", 2]    -> #5 #6   (done where it puts nothing; late)
 *     a: atomic --in ["v", ?] --out ["v", $1.2+1] -> takes #1 puts #7
 *
 *     a: count --states [...]               -> 2
 *     a: scan --reverse -n 1 [...]          -> #1 more
 *     a: scan --states [...]                -> #3 #1 held by b #2 delayed
 *     a: scan --who [...]                   -> #3 by a
 *     a: explain -n 2 ["t", 5]              -> none near #3 #1 (or: #2 near #1)
 *     a: explain ["t", ?] for ["t", 5]      -> matches
 *     a: collect --to jobs -n 5 ["t", ?]    -> 5 more  (copy; discard has no --to)
 *     w: watch --now --events put ["t", ?]  -> put #1; ready
 *     a: drained -t 1s ["t", ?]             -> waits
 *     a: will -s jobs ["lost"]              -> done    (without tuples: takes it back)
 *     a: space --capacity 2 jobs            -> done    (--max-returns N, --dead-letter S)
 *     a: remove --force jobs                -> done; b removed
 *     a: spaces                             -> jobs 0 capacity 2; main 2
 *
 *     +50ms                                 -> b/3 times out; w put #2; c takes #2
 *     a: leaves                             -> b takes #1
 *     a: dies                               -> b takes #1 returns 1 (connection)
 *     z@8: out ["t"]                        -> #8      (a connection of the user 8)
 *
 * -s SPACE holds until the next one. A scan's cursor is --after #N. An atomic has its guards
 * (--in, --rd, --hold, --absent PATTERN) and its body's steps (--out TUPLE, --finish TOKEN) in
 * order; --for and --detached before a --hold, the options of a put before an --out belong to that
 * one. $2.1 in its tuples is the first field of what the second guard found, $2.1+3 that with 3
 * added.
 *
 * A token is named by its tuple: #1 is what this session was given of #1 last, or else what
 * anybody was; t2 is the second token of a hold that was given to anybody, t0 one that was never
 * given; --guess says them with a secret that is wrong. A delivery that a request names is kept
 * back, and so are those after it; else each request acknowledges what its session has read,
 * unless it says --unread.
 *
 * What others get follows `;`: "b takes #2; c/4 reads #2". A request is named c/4 where its
 * session has several under way. The step's own answer comes first, but a cancel's last; the
 * others in the order of positions, in a unit its events, watch by watch, before its answer. That
 * a unit's position is the id of the first tuple that it put, and that one which did not wait took
 * effect where it was taken up (rule S35), is looked at with every answer.
 *
 * Time: against a daemon a step of time waits for what it is to bring, and not at all where it
 * brings nothing. So what is to be seen at an exact time, and what time changes in silence, stands
 * after a line
 *
 *     in virtual time
 *
 * below which only the engine is asked. There are told too: a state's time left (`#1 held by b
 * 2s`) and a tuple's age (`#1 by a 3s`). There alone `w: is cut off` is a watcher that does not
 * read, and `a: is stopped` the end by a stop of the daemon.
 */
#ifndef TSD_TESTS_SCENARIO_H
#define TSD_TESTS_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/scenario_state.h"
#include "protocol/buffer.h"
#include "protocol/request.h"

enum scenario_kind {
    STEP_REQUEST,
    STEP_ACK,
    STEP_LEAVES,
    STEP_DIES,
    STEP_TIME,
    STEP_CUT_OFF,
    STEP_STOPPED,
};

struct scenario_step {
    enum scenario_kind kind;
    int line;
    int session;            /* 0: a, ... */
    uint32_t user;          /* of a session that comes now */
    uint64_t nanoseconds;   /* STEP_TIME */
    bool unread;            /* acknowledges nothing new */
    struct request request; /* STEP_REQUEST; number and ack are the runner's to set */
    char expected[2048];
    char text[2048];
};

struct scenario {
    char path[256];
    char *text;
    char *at;
    int line; /* where the step begins */
    int lines_read;
    bool daemon;       /* ends at the line that only the engine goes beyond */
    bool other_users;  /* whether sessions of others can be had; ends at one where not */
    bool virtual_time; /* past that line */
    struct buffer patterns[LIMIT_GUARDS];
    struct buffer tuples, tokens, body, text_buffer; /* of the step */
};

bool scenario_open(struct scenario *scenario, const char *path);
void scenario_close(struct scenario *scenario);

/* Reads the next step; false at the end. Ends the test program where a line is no good. */
bool scenario_next(struct scenario *scenario, const struct scenario_state *state,
                   struct scenario_step *step);

/* What came, put together in the form of the right side; it is then forgotten. */
void scenario_tell(const struct scenario *scenario, struct scenario_state *state,
                   const struct scenario_step *step, struct buffer *out);

/* Compares what came with what is expected; says where they differ. */
bool scenario_check(const struct scenario *scenario, const struct scenario_step *step,
                    const struct buffer *told);

/* All files of a folder that end in .scn, sorted; returns how many. */
int scenario_files(const char *folder, char paths[][256], int most);

#endif
