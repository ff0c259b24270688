/* SPDX-License-Identifier: MIT */
/*
 * libtsclient: tuple spaces from C and C++. This header is the manual.
 *
 * A whole program; build it with: cc -o sum sum.c $(pkg-config --cflags --libs tsclient)
 *
 *     #include <stdio.h>
 *     #include <tsclient.h>
 *
 *     int main(void)
 *     {
 *         ts_client *ts = ts_connect(NULL, NULL);          // $TSD_SOCKET, else the default path
 *         int id;
 *         double x;
 *
 *         if (ts_out(ts, TS("task", 42, 3.14)) != TS_OK) {     // puts a tuple of three fields
 *             fprintf(stderr, "%s\n", ts_error_text(ts));
 *             return 1;
 *         }
 *         if (ts_in(ts, TS("task", &id, &x), TS_FOREVER) == TS_OK)  // a pointer is a formal
 *             ts_out(ts, TS("done", id, x * 2));
 *         if (ts_rd(ts, TS("config", "limit", &id), 2.5) == TS_TIMEOUT)      // seconds
 *             puts("no limit is set");
 *         if (ts_inp(ts, TS("task", TS_ANY, ts_ge(0.5))) == TS_NOMATCH)      // does not wait
 *             puts("no more tasks");
 *         ts_disconnect(ts);
 *         return 0;
 *     }
 *
 * Tuples and patterns. TS(...) takes 1 to 32 plain C values, and for patterns formals and matchers.
 * Values: bool, integers, float and double, char * (a str, ended by NUL, in UTF-8), ts_bytes (a str)
 * and ts_value. `true` and `false` are ints in C: write TS_TRUE and TS_FALSE. A formal is a pointer;
 * it matches only what fits the type that it points to, and is set when the call returns TS_OK (rule
 * P10): an integer pointer matches ints that fit it; double * floats, and ints up to 2^53 either
 * way; bool * bools; const char ** strs without NUL; ts_bytes * any str. There is no float *, and no
 * char *. Matchers: see TS_ANY and what follows it. TS(...) lives as long as the block around it; in
 * C++ as long as the expression around it, so use it there inside the call itself.
 *
 * Status. Nearly every function returns a ts_status (<tsd/numbers.h>); TS_OK is 0. For everything
 * else ts_error_text(client) is a whole sentence with the limit, the field or the path in it. The
 * library prints nothing, raises and catches no signals and leaves nothing to read in errno.
 * TS_TIMEOUT, TS_NOMATCH and TS_CANCELLED are promises that nothing was taken. TS_LOST: the
 * connection ended, and whether the request was done is unknown (rule S37); see ts_options.reconnect.
 *
 * Lifetimes. What a call gives (bound strings and bytes, ts_last and all it leads to) lives until
 * the next call on that client or on any handle of the same connection; it may be an argument of
 * that next call. A callback's result lives until the callback returns or makes a call that waits.
 * ts_last, ts_tuple_at, ts_space_at, ts_field_..., ts_bind and ts_error_text are no calls in this
 * sense. Arguments are copied: nothing that is passed need outlive the call.
 *
 * Nothing is lost. What ts_in takes is acknowledged by this client's next request: if the program
 * dies before, or exits without ts_disconnect, the tuple goes back to its place (rule S8). So
 * "ts_in, work, ts_out the result" is exactly-once. ts_disconnect acknowledges all that was read;
 * ts_client_ack does it without another request; ts_abandon lets all of it go back. For longer work
 * ts_hold takes a tuple until ts_finish consumes it and puts the results, in one unit. ts_release
 * gives back what was taken either way, as long as it is not acknowledged.
 *
 * Threads. A client, with all its handles, belongs to one thread at a time. Threads that work at the
 * same time use a connection each. The library keeps no global state.
 *
 * Fork. After a fork the child's copy of a client is dead: its calls return TS_LOST, it never writes
 * and never acknowledges, its callbacks never run. The child connects anew, by ts_connect, or by
 * ts_reconnect of the copy. Until it does that, or ts_disconnect, or exec, it keeps the parent's
 * connection open: were the parent killed, the daemon would not notice. So best fork before you
 * connect.
 *
 * Event loops. ts_submit sends a request and returns at once; the answer goes to a callback, which
 * only ts_client_dispatch (and ts_disconnect) runs. Any number may wait at a time. The descriptor is
 * for level-triggered polling.
 *
 *     for (;;) {
 *         struct pollfd p = {ts_client_fd(ts), ts_client_events(ts), 0};
 *         poll(&p, 1, ts_client_poll_timeout(ts));
 *         if (ts_client_dispatch(ts) != TS_OK)
 *             break;                               // no daemon, or lost: ts_error_text, ts_reconnect
 *     }
 */
#ifndef TSCLIENT_H
#define TSCLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <tsd/numbers.h>

#define TSCLIENT_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Connecting ---------------------------------------------------------------------------- */

/* A connection with a space that its calls go to. */
typedef struct ts_client ts_client;

/* Zeroes are the defaults. */
typedef struct ts_options {
    const char *name;  /* what the client calls itself; NULL: the program's name */
    const char *space; /* the space of the client that ts_connect returns; NULL: "main" */
    bool positions;    /* answers carry `since` and `at` (rule S35) */
    /*
     * Called when the descriptor changes: from inside the call that ended the connection or found it
     * lost (new_fd is -1; old_fd is closed after the callback: take it out of the event loop), and
     * from inside ts_reconnect (old_fd is -1: put new_fd into it). May be NULL.
     */
    void (*descriptor)(ts_client *client, int old_fd, int new_fd, void *arg);
    void *descriptor_arg;
    double reconnect; /* seconds to go on trying after a loss; TS_FOREVER; 0: not (see below) */
} ts_options;

/*
 * Reconnecting. With ts_options.reconnect a lost connection, or a daemon that is not there, is no end:
 * calls that wait, and ts_client_dispatch, connect anew to the same path for so many seconds after
 * the loss. Only then do they return TS_LOST (TS_NO_DAEMON where there never was a connection), and
 * all that waits gets that status. Meanwhile ts_client_status is TS_OK, ts_client_fd is -1,
 * ts_client_timeout says when to dispatch for the next try, and ts_submit queues; in, rd, hold,
 * drained and an atomic without a body time out (TS_TIMEOUT), connected or not. ts_reconnect is the
 * end of trying, and sends nothing again.
 *
 * What the loss itself did (rule S10): tuples taken and not acknowledged, and holds but detached ones,
 * went back; what was bound to the connection went; its wills were put, and are to be left anew.
 * Whether the daemon is the same one tells its `run` (ts_client_daemon): of another run, all ids,
 * tokens, keys and what was in memory are void (rule S3).
 *
 * A request whose answer had not come is sent again where that can do nothing twice and lose nothing,
 * with the time that is left of its timeout, under the same number, to the same callback:
 *   - one of which the last byte had not been sent; but TS_LOST where it acknowledged tuples (they
 *     went back, see below), TS_LATE where it names tokens of the lost connection;
 *   - in, rd, hold, drained, count, scan, spaces, stats, explain, clients, users, ping, and an atomic
 *     without a body: what they may have taken was not acknowledged, and went back (a detached hold that was served and
 *     not told does so when its time is over); one that was answered, but not told yet, is asked again,
 *     too. With an `id` or a cursor: to the same run only; in another one no tuple has the id
 *     (TS_NOMATCH);
 *   - out, finish and atomic with a `key` that acknowledged no tuples: to the same run only, and only
 *     before half of the key's window has passed since it was sent first. One that had been done is
 *     answered `repeated`;
 *   - a watch with `now`: its next event is TSD_EVENT_GAP, then it begins anew with what is stored.
 *
 * Every other one gets TS_UNKNOWN: connected anew, but whether it was done is not known (an out, a
 * finish, an atomic with a body without a key; collect, copy, discard, release, renew, ack, will,
 * space, remove, kill). A watch without `now` ends with TS_LOST: what happened meanwhile was not seen. A
 * cancel is sent again after its request where that is, else answered TS_NOMATCH.
 *
 * Where tuples were in hand (taken by a call, not yet acknowledged) when the connection was lost, the
 * next request is not sent but returns TS_LOST, once: the tuples went back, and somebody else may be
 * doing the work whose result that call would put. Callbacks that are running are in the same place:
 * the first ts_submit or call of each returns TS_LOST. Tokens of the lost connection are TS_LATE, but
 * for those of detached holds, which the same run still knows.
 */

/*
 * Connects to the daemon at `path`; NULL: $TSD_SOCKET, else $XDG_RUNTIME_DIR/tsd/socket if it is
 * there, else /run/tsd/socket. `options` may be NULL.
 *
 * Returns a client also where no daemon is there: its calls then return TS_NO_DAEMON, and
 * ts_error_text names the path. So the first call's status is all that need be looked at; or
 * ts_client_status. NULL only without memory; every function takes a NULL client and returns
 * TS_NO_MEMORY. Does not wait for the daemon's answer: the opening goes with the first request.
 */
ts_client *ts_connect(const char *path, const ts_options *options);

/*
 * Says goodbye: all that was read is acknowledged, and the daemon has it when this returns. Callbacks
 * that still wait run with TS_CANCELLED. Frees the client and all its handles (also when it is called
 * with a handle); inside a callback they are freed when the dispatch returns. NULL is fine.
 */
void ts_disconnect(ts_client *client);

/* The same without a goodbye, as if the process had died: what was not acknowledged goes back. */
void ts_abandon(ts_client *client);

/*
 * After a loss, or in the child after a fork: connects anew to the same path with the same options.
 * Handles stay valid. What the old connection had not acknowledged has gone back to its place.
 */
ts_status ts_reconnect(ts_client *client);

/*
 * A handle for another space of the same connection, freed with it; the same name gives the same
 * handle. NULL where the name is no good (1 to 255 bytes of UTF-8 without control characters) or
 * without memory: ts_error_text(client).
 */
ts_client *ts_space(ts_client *client, const char *name);

/* TS_OK while connected, else what every call would return: TS_NO_DAEMON, TS_LOST, ... */
ts_status ts_client_status(ts_client *client);

const char *ts_client_path(const ts_client *client);       /* of the socket */
const char *ts_client_space_name(const ts_client *client); /* of the space of this handle */

/* What the daemon said when it opened; NULL before its first answer. */
typedef struct ts_daemon {
    uint64_t run;         /* a random number of the daemon's run: another one voids all ids */
    uint64_t session;     /* the number of this connection */
    uint64_t tuple_bytes; /* the limits */
    uint64_t frame_bytes;
    uint64_t reply_bytes;
    const char *release;
} ts_daemon;
const ts_daemon *ts_client_daemon(const ts_client *client);

/* Why the last call on this connection did not return TS_OK: a sentence, never NULL. */
const char *ts_error_text(const ts_client *client);

/* A status' name ("TIMEOUT"), text ("timed out"), and hint what to do, "" where there is none. */
const char *ts_status_name(ts_status status);
const char *ts_status_text(ts_status status);
const char *ts_status_hint(ts_status status);

/* The release of the library in use; TSCLIENT_VERSION is that of this header. */
const char *ts_version(void);

/*
 * Starts a daemon for this program alone, as `tsctl run` does, with a socket that nobody else may open,
 * and connects to it. It ends with ts_shutdown, or when this process has ended, however that ends.
 * The program is $TSD_DAEMON, else tsd beside this program, in ../sbin, in $PATH or in /usr/sbin; what
 * it has to say goes to this process' standard error. Never NULL but without memory; where it did not
 * start, every call says why (TS_NO_DAEMON). Workers of ts_eval connect to it, too.
 */
ts_client *ts_connect_private(const ts_options *options);

/* ---- Tuples and patterns as data ------------------------------------------------------------ */

/* Bytes of somebody else's. */
typedef struct ts_bytes {
    const void *bytes;
    size_t size;
} ts_bytes;

/* What a ts_value is. TO_ is a formal that is set from the field that it matches. */
typedef enum ts_kind {
    TS_KIND_NOTHING, /* the matchers without operand */
    TS_KIND_INVALID, /* a matcher where a value belongs, a NULL string: refused as TS_INVALID */
    TS_KIND_NIL,
    TS_KIND_BOOL,
    TS_KIND_INT,
    TS_KIND_UINT,
    TS_KIND_FLOAT,
    TS_KIND_STR,
    TS_KIND_BIN,
    TS_KIND_EXT,
    TS_KIND_RAW,   /* one value as MessagePack */
    TS_KIND_ARRAY, /* items: its elements */
    TS_KIND_MAP,   /* items: key, value, key, value, ... and perhaps a rest */
    TS_KIND_GROUP, /* items: operands of `matcher` */
    TS_KIND_TO_BOOL,
    TS_KIND_TO_INT8,
    TS_KIND_TO_UINT8,
    TS_KIND_TO_INT16,
    TS_KIND_TO_UINT16,
    TS_KIND_TO_INT32,
    TS_KIND_TO_UINT32,
    TS_KIND_TO_INT64,
    TS_KIND_TO_UINT64,
    TS_KIND_TO_DOUBLE,
    TS_KIND_TO_TEXT, /* const char ** */
    TS_KIND_TO_STR,  /* ts_bytes * */
    TS_KIND_TO_BIN,  /* ts_bytes * */
    TS_KIND_TO_RAW,  /* ts_bytes *: any value, as MessagePack */
    TS_KIND_FROM     /* in a step of an atomic: a field of a guard's tuple, see ts_from */
} ts_kind;

/* A value, a formal or a matcher: what TS(...) is made of. Built by the functions below. */
typedef struct ts_value {
    uint8_t kind;    /* ts_kind */
    uint8_t matcher; /* TSD_M_EQ (0): an equal value; else how the value, or the group, matches */
    int8_t ext_type; /* TS_KIND_EXT; TS_KIND_FROM: the guard */
    uint8_t flags;   /* TSD_M_REGEX: 1 to ignore case; TS_KIND_FROM: 1 to add as.i64 */
    uint32_t size;   /* bytes of a str, bin, ext, raw; number of items; TS_KIND_FROM: the field */
    union {
        bool boolean;
        int64_t i64;
        uint64_t u64;
        double real;
        const void *bytes;
        const struct ts_value *items;
        void *target;
    } as;
} ts_value;

/* A tuple or a pattern: values, or bytes that are encoded already. What TS(...) is. */
typedef struct ts_values {
    const ts_value *items;
    size_t count;
    ts_bytes encoded; /* used instead where its bytes are not NULL */
} ts_values;

/* Of an array of values: for bindings, generators, and more than 32 fields. */
static inline ts_values ts_list(const ts_value *items, size_t count)
{
    ts_values list = {items, count, {NULL, 0}};
    return list;
}

/* A tuple as MessagePack, or a pattern as on the wire (ts_parse_...). Checked when it is used. */
static inline ts_values ts_encoded(const void *bytes, size_t size)
{
    ts_values list = {NULL, 0, {bytes, size}};
    return list;
}

/* ---- Putting, taking, reading ---------------------------------------------------------------- */

/* Waits for ever. Other timeouts are seconds, 0 does not wait; below 0 and NaN are TS_INVALID. */
#define TS_FOREVER (__builtin_inf())

/* Puts a tuple; once it has returned, everybody sees it. The id: ts_last(client)->id. Where the space
 * has a capacity it waits for room, for ever; TS_FULL where there can never be enough (rule S30). */
ts_status ts_out(ts_client *client, ts_values tuple);

/* Puts 1 to 16,384 tuples as one unit, in this order. ts_last(client)->id is the first one's id, the
 * others' follow it one by one. */
ts_status ts_out_many(ts_client *client, const ts_values *tuples, size_t count);

/* ts_out that may be repeated: within a minute the same key (1 to 255 bytes) puts nothing again, and
 * gives the first one's id with ts_last(client)->repeated (rule S28). */
ts_status ts_out_keyed(ts_client *client, ts_values tuple, const char *key);

/* Takes the oldest tuple that matches, sets the formals. TS_TIMEOUT, or TS_NOMATCH with timeout 0. */
ts_status ts_in(ts_client *client, ts_values pattern, double timeout);
ts_status ts_inp(ts_client *client, ts_values pattern); /* ts_in with timeout 0 */

/* The same without taking it. */
ts_status ts_rd(ts_client *client, ts_values pattern, double timeout);
ts_status ts_rdp(ts_client *client, ts_values pattern);

/*
 * Waits until no tuple that matches is there or may come back: stored, delayed, held, taken and not
 * acknowledged, by anybody (rules S16, S20). TS_TIMEOUT, or TS_NOMATCH with timeout 0.
 */
ts_status ts_drained(ts_client *client, ts_values pattern, double timeout);

/* How many stored tuples match. */
ts_status ts_count(ts_client *client, ts_values pattern, uint64_t *count);

/* Where a scan stands; zeroes start one. */
typedef struct ts_cursor {
    uint32_t max; /* at most so many tuples a piece; 0: as many as fit an answer */
    bool reverse; /* the youngest first */
    bool started; /* the rest is the library's: */
    bool ended;
    int8_t priority;
    uint64_t id;
} ts_cursor;

/*
 * Reads all stored tuples that match, oldest first, a piece a call: TS_OK with a piece of at least one
 * tuple (ts_tuple_at(ts_last(client), i)), TS_NOMATCH when there are no more.
 *
 *     ts_cursor cursor = {0};
 *     const ts_tuple *t;
 *     while (ts_scan(ts, TS("task", TS_REST), &cursor) == TS_OK)
 *         for (size_t i = 0; (t = ts_tuple_at(ts_last(ts), i)); i++)
 *             ...
 */
ts_status ts_scan(ts_client *client, ts_values pattern, ts_cursor *cursor);

/*
 * Lists the spaces by name: ts_space_at(ts_last(client), i). The daemon tells of a great many in
 * several answers, which this asks for one after the other: a space that comes or goes meanwhile may
 * be missing or there.
 */
ts_status ts_spaces(ts_client *client);

/*
 * Tells how matching goes in the spaces whose names come after this one (NULL: in all), as far as they
 * fit an answer; ts_last(client)->more: in further ones, too. ts_last(client)->report is an array of
 * ts_last(client)->count rows as tsd-protocol(7) has them: tuples, indexes, walks, what waits.
 */
ts_status ts_stats(ts_client *client, const char *after);

/*
 * Tells why the pattern matches the tuple or not or, where `tuple` is NULL, how it is looked for among
 * those stored, and why the nearest ones do not match: ts_last(client)->report is a map as
 * tsd-protocol(7) has it, the tuples that it speaks of are ts_tuple_at(ts_last(client), i). Nothing is
 * taken, no formal is set. TS_OK whether or not something matches.
 */
ts_status ts_explain(ts_client *client, ts_values pattern, const ts_values *tuple);
ts_status ts_ping(ts_client *client);

/* ---- For administrators ------------------------------------------------------------------------ */

/*
 * Lists the clients whose numbers are greater than *beyond (NULL: all), as far as they fit an answer,
 * ordered by number; ts_last(client)->more: there are more. ts_last(client)->report is an array of
 * ts_last(client)->count rows as tsd-protocol(7) has them: user, process, name, how long it has been
 * there and idle, what it waits for, keeps and has not read. Everybody sees the clients of its own
 * user, administrators all.
 */
ts_status ts_clients(ts_client *client, const uint64_t *beyond);

/* The same of users, by their uids: what their clients have of what they may have. Whoever asks sees
 * its own user, administrators all that have something. */
ts_status ts_users(ts_client *client, const uint64_t *beyond);

/*
 * Disconnects the client of that number, which gets TS_LOST with a text that says by whom: what it had
 * taken and not acknowledged, and what it held, goes back, its wills are put. ts_last(client)->total is
 * how many tuples went back. TS_NOMATCH: there is no such client, or none that this one may see.
 * TS_INVALID: it is this connection's own.
 */
ts_status ts_kill(ts_client *client, uint64_t number);

/* Acknowledges all that was read, and returns when the daemon has it. */
ts_status ts_client_ack(ts_client *client);

/* Ends a submitted request that waits, or a watch. TS_OK: it took nothing, its callback gets TS_CANCELLED.
 * TS_NOMATCH: it had been answered before. */
ts_status ts_cancel(ts_client *client, uint64_t number);

/* ---- Holding: work that takes longer than until the next request ------------------------------ */

/*
 * What names a tuple that was taken: ts_tuple.token of what a hold gave, or an in (or a guard of an
 * atomic). It is the same as long as the tuple is kept, and may be copied and kept as you like.
 */
typedef struct ts_token {
    uint64_t number;     /* a hold's; delivery: the delivery's number on its connection */
    uint64_t secret;     /* of a detached hold; delivery: the tuple's id; else 0 */
    bool delivery;       /* taken by an in: for ts_release alone, until it is acknowledged */
    uint32_t connection; /* which of the client's connections it came by; 0: it was parsed */
} ts_token;

/* Takes as ts_in does, but the tuple stays this client's until ts_finish, ts_release, the end of
 * hold_time seconds (0 or TS_FOREVER: no end) or of the connection. */
ts_status ts_hold(ts_client *client, ts_values pattern, double timeout, double hold_time);

/*
 * Consumes 1 to 16,384 held tuples and puts 0 to 16,384 results, all as one unit: done once, or not at
 * all. TS_LATE: one of the holds was over, nothing was put (rule S14). Waits for room as ts_out.
 */
ts_status ts_finish(ts_client *client, const ts_token *tokens, size_t token_count,
                    const ts_values *results, size_t result_count);

/*
 * Gives a tuple back to its old place, to be seen after `delay` seconds; its return count is raised
 * (ts_request.untried: not). It may be a held one, or one that this client's last ts_in took: this
 * call does not acknowledge that one, nor what was taken after it. TS_LATE: it was kept no longer.
 */
ts_status ts_release(ts_client *client, ts_token token, double delay);

/* Lets the hold end hold_time seconds from now. TS_LATE: it was over before. */
ts_status ts_renew(ts_client *client, ts_token token, double hold_time);

/* A hold's token as 32 hex digits and a NUL, and back; whoever may read the text of a detached one may
 * settle it. TS_INVALID: a delivery's token, another text. */
#define TS_TOKEN_TEXT 33
ts_status ts_token_text(const ts_token *token, char text[TS_TOKEN_TEXT]);
ts_status ts_token_parse(const char *text, ts_token *token);

/* ---- Several operations as one unit ------------------------------------------------------------ */

/* A guard: what must hold for the unit to be done. Zeroes are the defaults. */
typedef struct ts_guard {
    enum tsd_guard kind; /* TSD_GUARD_IN, RD, HOLD, ABSENT */
    const char *space;   /* NULL: the client's own */
    ts_values pattern;
    double hold_time; /* HOLD: seconds; 0: no end */
    bool detached;    /* HOLD: it survives the connection; needs a hold_time */
} ts_guard;

/* A step: what the unit does. */
typedef struct ts_step {
    enum tsd_step kind; /* TSD_STEP_OUT, FINISH */
    const char *space;  /* OUT: NULL: the client's own */
    ts_values tuple;    /* OUT; its fields may be ts_from of a guard */
    ts_token token;     /* FINISH */
    int priority;       /* OUT: as in ts_request */
    double ttl, delay;
    bool bound, pulse;
} ts_step;

/*
 * Waits until all guards (1 to 16) hold at once, then takes what `in` and `hold` guards match and does
 * the steps, all as one unit (rules S22-S24). Different guards take different tuples; formals of
 * guards are set, but in no guard's pattern is another's looked at. What an `in` guard takes is
 * final where there are steps, else it is acknowledged as what ts_in takes.
 *
 *     ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("v", 1))), TS_STEPS(ts_step_out(TS("v", 2))), TS_FOREVER);
 *     ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("n", &n))),
 *               TS_STEPS(ts_step_out(TS("n", ts_from_plus(0, 1, 1)))), TS_FOREVER);
 *     ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("fork", 1)), ts_guard_in(TS("fork", 2))), NULL, 0, 5);
 *
 * TS_OK: ts_tuple_at(ts_last(client), i) are the tuples of the `in`, `rd` and `hold` guards in the
 * order of the guards, `alternative` is the guard's index; ts_last(client)->first is the id of the
 * first tuple put. Nothing done: TS_TIMEOUT; with timeout 0 TS_NOMATCH where the guards did not hold,
 * TS_FULL where only room was missing; TS_LATE where a step's hold was over; TS_INVALID where ts_from
 * names a field that is not there, or adds to what is no int or out of its range.
 */
ts_status ts_atomic(ts_client *client, const ts_guard *guards, size_t guard_count,
                    const ts_step *steps, size_t step_count, double timeout);

static inline ts_guard ts_guard_make(enum tsd_guard kind, ts_values pattern)
{
    ts_guard guard;
    memset(&guard, 0, sizeof(guard));
    guard.kind = kind;
    guard.pattern = pattern;
    return guard;
}

/* A tuple matches, and is taken. */
static inline ts_guard ts_guard_in(ts_values pattern)
{
    return ts_guard_make(TSD_GUARD_IN, pattern);
}
/* A tuple matches; it may be one that another guard takes. */
static inline ts_guard ts_guard_rd(ts_values pattern)
{
    return ts_guard_make(TSD_GUARD_RD, pattern);
}
/* A tuple matches, and is held. */
static inline ts_guard ts_guard_hold(ts_values pattern, double hold_time)
{
    ts_guard guard = ts_guard_make(TSD_GUARD_HOLD, pattern);
    guard.hold_time = hold_time;
    return guard;
}
/* No tuple matches that is there or may come back. */
static inline ts_guard ts_guard_absent(ts_values pattern)
{
    return ts_guard_make(TSD_GUARD_ABSENT, pattern);
}

static inline ts_step ts_step_make(enum tsd_step kind)
{
    ts_step step;
    memset(&step, 0, sizeof(step));
    step.kind = kind;
    return step;
}

/* Puts a tuple, whose fields may be ts_from and ts_from_plus. */
static inline ts_step ts_step_out(ts_values tuple)
{
    ts_step step = ts_step_make(TSD_STEP_OUT);
    step.tuple = tuple;
    return step;
}
/* Consumes a held tuple. */
static inline ts_step ts_step_finish(ts_token token)
{
    ts_step step = ts_step_make(TSD_STEP_FINISH);
    step.token = token;
    return step;
}

/* ---- All that match ---------------------------------------------------------------------------- */

/*
 * Moves all that match to the space `to`, or deletes them. Each request does at most 16,384 as one
 * unit; these repeat it until no more match. *count (may be NULL) is how many it was in all, also where
 * a later request failed (TS_FULL: no room in the target; it does not wait).
 */
ts_status ts_collect(ts_client *client, ts_values pattern, const char *to, uint64_t *count);
ts_status ts_discard(ts_client *client, ts_values pattern, uint64_t *count);

/* Copies all that match, the oldest first, each once; the same, but what was copied stays. */
ts_status ts_copy(ts_client *client, ts_values pattern, const char *to, uint64_t *count);

/* ---- Spaces and last wills --------------------------------------------------------------------- */

/* What a space is set to; zeroes leave everything as it is. */
typedef struct ts_attributes {
    bool set_capacity;
    uint64_t capacity; /* tuples that it has room for; 0: no bound */
    bool set_max_returns;
    uint32_t max_returns;    /* a tuple that comes back more often goes to dead_letter;
                                UINT32_MAX: no bound */
    const char *dead_letter; /* the space for those; NULL: as it is; "": none */
    bool set_owner;
    uint32_t owner; /* uid; only administrators give a space to somebody else */
    bool set_group;
    uint32_t group; /* gid; the owner's own ones, for administrators any */
    bool set_mode;
    uint32_t mode; /* 9 bits as of a file: read 4, write 2, take 1 of owner, group, others */
    bool existing; /* only where the space is there, else TS_NOMATCH: nothing is made */
} ts_attributes;

/* Makes the client's space one that stays when it is empty, and sets what is to be set. `attributes`
 * may be NULL. TS_INVALID: dead_letter is the space itself. TS_DENIED: only the owner and
 * administrators may (rule S32). */
ts_status ts_space_set(ts_client *client, const ts_attributes *attributes);

/* Removes the client's space. TS_NOMATCH: there is none. TS_INVALID: there are tuples, requests that
 * wait, or watches in it; by force those get TS_REMOVED, and the tuples are gone. */
ts_status ts_space_remove(ts_client *client, bool force);

/* Tuples that the daemon puts into the client's space when this connection ends without a goodbye
 * (ts_disconnect); they replace those left before, none (count 0) takes them back. */
ts_status ts_will(ts_client *client, const ts_values *tuples, size_t count);

/* ---- The general request --------------------------------------------------------------------- */

/* A further space and pattern of a request. */
typedef struct ts_alternative {
    const char *space; /* NULL: the client's own */
    ts_values pattern;
} ts_alternative;

/*
 * Every request, whole; zeroes are the defaults. Times are in seconds.
 *
 * `timeout` is how long to wait; 0 does not wait, TS_FOREVER waits for ever. Only out and finish, which
 * wait for nothing but room, wait for ever where it is 0: with `no_wait` they do not wait at all
 * (TS_FULL). Nothing else takes no_wait.
 *
 *     ts_request r = {.operation = TSD_OP_IN, .pattern = TS("task", TS_REST),
 *                     .timeout = TS_FOREVER, .min = 1, .max = 100};
 *     if (ts_call(ts, &r) == TS_OK) ... ts_last(ts)->count
 */
typedef struct ts_request {
    enum tsd_operation operation; /* TSD_OP_...; but CLOSE, and WATCH (ts_watch) */
    /* out, finish (the results), will, explain (at most one) */
    const ts_values *tuples;
    size_t tuple_count;
    int priority; /* -128 to 127, the higher first */
    /* in, rd, hold, count, scan, collect, copy, drained, explain */
    ts_values pattern;
    /* in, rd, hold, atomic, drained, out, finish */
    double timeout; /* see above */
    uint32_t min;   /* in, rd, hold: wait until so many match; 0: 1 */
    uint32_t max; /* in, rd, hold: at most so many; 0: 1, or min. scan, collect, copy: 0: no bound.
                       explain: of the nearest; 0: 3 */
    const ts_alternative *alternatives; /* up to 7 more; the best-placed match of all is taken */
    size_t alternative_count;
    uint64_t id; /* not 0: only the tuple with this id */
    /* scan, copy */
    const ts_cursor *cursor; /* go on there; NULL: from the start. Of it only the place is read. */
    bool reverse;            /* scan */
    /* cancel: of the request; kill: of the client */
    uint64_t number;
    /* spaces, stats */
    const char *after; /* only those whose names come after this one, bytewise; NULL: all */
    /* clients, users */
    const uint64_t *beyond; /* only those whose numbers are greater; NULL: all */
    /* out, finish */
    bool no_wait; /* for room */
    double ttl;   /* it lives so long; 0 or TS_FOREVER: no end. Also will. */
    double delay; /* until it can be seen. Also will, release. */
    bool bound;   /* it goes with this connection */
    bool pulse;   /* only for those who wait now */
    /* out, finish, atomic */
    const char
        *key;      /* done once, however often repeated within the window (rule S28); NULL: none */
    double window; /* that the key is remembered; 0: 60 */
    /* hold, renew */
    double hold_time; /* until it goes back by itself; 0 or TS_FOREVER: never. renew: from now,
                         with an end. */
    bool detached;    /* hold: it survives the connection (rule S7); needs a hold_time */
    /* finish, release, renew */
    const ts_token *tokens; /* 1 to 16,384 */
    size_t token_count;
    /* release */
    bool untried;         /* the return is not counted */
    bool has_exit;        /* exit_status is told to whoever takes it next */
    uint32_t exit_status; /* an exit status, or 256 + a signal */
    /* collect, copy */
    const char *to; /* the space that they go to; NULL: collect deletes them */
    /* in, rd, hold, scan */
    bool who; /* tuples tell uid, pid, program, age */
    /* count, scan */
    bool states; /* delayed, delivered and held ones, too */
    /* atomic */
    const ts_guard *guards;
    size_t guard_count;
    const ts_step *steps;
    size_t step_count;
    /* space */
    const ts_attributes *attributes; /* NULL: none is set */
    /* remove */
    bool force;
} ts_request;

/* A tuple of a result. */
typedef struct ts_tuple {
    const uint8_t *bytes; /* the MessagePack array, byte for byte as it was put */
    size_t size;
    size_t fields;
    uint64_t id;
    uint32_t returns;     /* how often it has come back */
    uint32_t alternative; /* which one it matched: 0 the pattern, 1 the first alternative, ...;
                             atomic: which guard */
    int priority;         /* scan, watch */
    ts_token token;      /* in, hold, atomic: for ts_release, ts_finish, ts_renew. number 0: none */
    uint32_t reason;     /* why it came back the last time: enum tsd_reason; 0: it never did */
    int exit_status;     /* that it came back with, or 256 + the signal; -1: none told */
    uint32_t uid, pid;   /* who: of whoever put it */
    const char *program; /* who: what that client called itself; never NULL */
    double age;          /* who: seconds since it was put, to a tenth */
    uint32_t state;      /* states: enum tsd_state (TSD_STATE_STORED...); else 0 */
    uint64_t holder;     /* states: the number of the connection that keeps it; 0: none */
    double left;         /* states: seconds until its hold ends or its delay is over; 0: no end */
    uint32_t holder_pid; /* states: the process of that connection; 0: none, or it has ended */
    const char *holder_program; /* states: what that client calls itself; never NULL */
} ts_tuple;

/* A row of ts_spaces. */
typedef struct ts_space_row {
    const char *name;
    uint64_t tuples, bytes, waiting, kept, delayed, watches;
    uint64_t capacity;       /* 0: no bound */
    uint64_t max_returns;    /* UINT32_MAX: no bound */
    const char *dead_letter; /* "": none */
    uint32_t owner, group;   /* uid, gid */
    uint32_t mode;           /* 9 bits: read, write, take of owner, group, others */
} ts_space_row;

/* An answer. The library makes it; later releases may add to its end. */
typedef struct ts_result {
    ts_status status;
    uint64_t request; /* the number of the request */
    size_t count;     /* tuples or rows in it */
    uint64_t id;      /* out, finish: of the first tuple put; in, rd, hold, atomic: in it */
    uint64_t total;   /* count: how many match; collect, copy: were done; kill: went back */
    bool more;        /* more matched than are here, or were done; of rows: there are more */
    uint32_t alternative;
    uint64_t since, at; /* with ts_options.positions */
    ts_cursor next;     /* scan, copy: where to go on; `ended` where there is no more */
    const char *text;   /* why, where the status is not TS_OK */
    bool repeated;      /* its key was known: what the first one was told (rule S28) */
    uint64_t first;     /* atomic: the id of the first tuple that its steps put; 0: none */
    ts_bytes report;    /* stats, explain, clients, users: MessagePack, as tsd-protocol(7) has it */
} ts_result;

/* Tuple or row number i, from 0; NULL past the last. */
const ts_tuple *ts_tuple_at(const ts_result *result, size_t i);
const ts_space_row *ts_space_at(const ts_result *result, size_t i);

/* Sends the request and waits for its answer. Sets the formals where exactly one tuple came, and those
 * of an atomic's guards. */
ts_status ts_call(ts_client *client, const ts_request *request);

/* The answer to the last call on this connection that waited for one; never NULL for a client. */
const ts_result *ts_last(const ts_client *client);

/* Fields of a tuple, from 0. false, and nothing set, where it is not that type or does not fit. */
bool ts_field_int(const ts_tuple *tuple, size_t field, int64_t *value);
bool ts_field_uint(const ts_tuple *tuple, size_t field, uint64_t *value);
bool ts_field_double(const ts_tuple *tuple, size_t field, double *value);
bool ts_field_bool(const ts_tuple *tuple, size_t field, bool *value);
bool ts_field_str(const ts_tuple *tuple, size_t field, ts_bytes *value);
bool ts_field_bin(const ts_tuple *tuple, size_t field, ts_bytes *value);
bool ts_field_raw(const ts_tuple *tuple, size_t field, ts_bytes *value); /* as MessagePack */

/* Sets the formals of the pattern from a tuple that matches it: for callbacks and several tuples.
 * false, some perhaps set, where a formal does not fit its field. Other matchers are not looked at. */
bool ts_bind(ts_client *client, const ts_tuple *tuple, ts_values pattern);

/* ---- Without waiting: event loops ------------------------------------------------------------ */

/*
 * Gets the answer to a submitted request, exactly once: its own status, TS_LOST when the connection is
 * lost, TS_CANCELLED on ts_disconnect. Every function of this library may be called from it. A
 * request made in it acknowledges the tuples that it was given.
 */
typedef void (*ts_callback)(ts_client *client, uint64_t number, ts_status status,
                            const ts_result *result, void *arg);

/*
 * Submits a request: queued, and sent at the next dispatch, flush or call. Only where this returns
 * TS_OK is the callback run (it may be NULL), and never from inside this call. *number (NULL is fine)
 * is for ts_cancel. Formals match by their types, but are not set: see ts_bind.
 */
ts_status ts_submit(ts_client *client, const ts_request *request, ts_callback callback, void *arg,
                    uint64_t *number);
ts_status ts_submit_out(ts_client *client, ts_values tuple, ts_callback callback, void *arg);
ts_status ts_submit_in(ts_client *client, ts_values pattern, double timeout, ts_callback callback,
                       void *arg, uint64_t *number);
ts_status ts_submit_rd(ts_client *client, ts_values pattern, double timeout, ts_callback callback,
                       void *arg, uint64_t *number);

/* To be asked for before each poll: the descriptor (-1 without connection), poll's events... */
int ts_client_fd(const ts_client *client);
short ts_client_events(const ts_client *client);

/* ...and when to call ts_client_dispatch at the latest: nanoseconds of CLOCK_MONOTONIC, 0 at once
 * (answers are there already, or ts_client_status is not TS_OK), TS_NEVER only when the descriptor is
 * ready. */
#define TS_NEVER INT64_MAX
int64_t ts_client_timeout(const ts_client *client);

/* The same as poll(2) takes it: milliseconds from now, rounded up; -1 for TS_NEVER. */
int ts_client_poll_timeout(const ts_client *client);

/*
 * Sends and reads what can be without blocking, runs the callbacks of all answers that are there, and
 * acknowledges the tuples of those that returned (rule S9). At any time, as often as you like; inside
 * a callback it does nothing. TS_OK, or what ended the connection.
 */
ts_status ts_client_dispatch(ts_client *client);

/* Sends what can be sent without blocking, runs no callback. */
ts_status ts_client_flush(ts_client *client);

/* ---- Watching ---------------------------------------------------------------------------------- */

/* What happened to a tuple. It lives as a result does. */
typedef struct ts_event {
    enum tsd_event kind;   /* TSD_EVENT_PUT, TAKEN, RETURNED, EXPIRED, READY, GAP */
    const ts_tuple *tuple; /* NULL: READY, GAP */
    uint64_t at;           /* with ts_options.positions; 0 for what was stored before the watch */
} ts_event;

/* Zeroes are the defaults. */
typedef struct ts_watch_options {
    bool now;        /* first a PUT of all that is stored and matches */
    uint32_t events; /* which of PUT, TAKEN, RETURNED, EXPIRED, each as 1u << its number; 0: all */
} ts_watch_options;

/*
 * Called for each event, with TS_OK and the event; and exactly once at the end, with another status
 * and event NULL: TS_CANCELLED (ts_cancel, ts_disconnect), TS_LIMIT (after the event GAP, or it was
 * refused), TS_REMOVED, TS_LOST, whatever the request was refused with. ts_error_text(client) is then
 * the sentence to it. After ts_cancel has returned TS_OK, events that had come already may still be
 * told before the end. Every function of this library may be called from it.
 */
typedef void (*ts_watch_callback)(ts_client *client, uint64_t number, ts_status status,
                                  const ts_event *event, void *arg);

/*
 * Follows what happens to tuples that match (rule S19): from the event READY on, which is always told,
 * puts and returns less takes and expiries are exactly what is stored. `options` may be NULL. Submits
 * as ts_submit does. Where the callback is NULL, ts_watch_next waits for the events. *number is for
 * that and for ts_cancel. Watching takes nothing, and has nothing to acknowledge.
 *
 * Never a silent loss: events that are not read fill the daemon's queue (1 MiB for all watches of a
 * connection), those that come while a call waits for something else the client's (4 MiB); past that
 * the watch ends with the event GAP and TS_LIMIT. Start it again, with `now`.
 */
ts_status ts_watch(ts_client *client, ts_values pattern, const ts_watch_options *options,
                   ts_watch_callback callback, void *arg, uint64_t *number);

/*
 * Waits for the next event of a watch without callback. TS_OK: *event. TS_TIMEOUT, or TS_NOMATCH with
 * timeout 0: none yet. Another status: it has ended so, and is forgotten; asked once more it is
 * TS_INVALID. This is no request: it acknowledges nothing. The event lives until the next call.
 */
ts_status ts_watch_next(ts_client *client, uint64_t number, double timeout, const ts_event **event);

/*
 * ts_in with a function that says which tuple: that of the first event of a watch that it accepts and
 * nobody else takes before (rule S33). No tuple is locked while it runs, none is skipped. The
 * function gets tuples that match the pattern, and makes no calls on this connection. Sets the formals.
 */
ts_status ts_in_if(ts_client *client, ts_values pattern,
                   bool (*function)(const ts_tuple *tuple, void *arg), void *arg, double timeout);

/* ---- Workers ----------------------------------------------------------------------------------- */

/*
 * What a worker runs, in a process of its own, with a connection of its own to the same daemon and
 * space: anything but 0 is a failure. `client` is disconnected when it returns.
 */
typedef int (*ts_function)(ts_client *client, void *arg);

/*
 * Forks a worker and returns, in the parent, at once; in the child it never returns: the process ends
 * with what the function returned (255 for what is not 0 to 255), without running exit handlers or
 * flushing stdio: a function that prints calls fflush. SIGTERM has its default action there. The
 * worker does not outlive whoever started it: it is killed when the thread that called ts_eval ends.
 *
 * A worker that fails leaves, exactly once, the tuple ["error", worker, kind, detail, trace] in the
 * client's space (rule S34): kind "exit" with the status (what the function returned, or gave to exit;
 * not 0), "signal" with the signal's number, "lost" where it was not seen to end, as when this
 * process is killed first, with nil. The trace is a str, empty where there is none: where the worker
 * was at a SIGSEGV, SIGABRT, SIGBUS, SIGFPE or SIGILL that it did not catch. What it had taken and not
 * acknowledged goes back to its place.
 *
 * Each worker takes two connections while it runs: its own, and one of the parent's whose last will
 * tells of it. ts_will is left to you. ts_disconnect kills the workers that still run, which is no
 * failure; ts_abandon kills them too, and they are told as lost.
 *
 * The library looks after its workers in calls, in ts_client_dispatch (ts_client_timeout tells)
 * and in ts_shutdown; to tell of a failure takes it a round trip to the daemon. It waits for them
 * by their process ids alone, and leaves other children and SIGCHLD alone. TS_LIMIT, TS_NO_MEMORY:
 * the fork failed. TS_NO_DAEMON also with ts_options.reconnect: it does not wait for a daemon.
 */
ts_status ts_eval(ts_client *client, const char *worker, ts_function function, void *arg);

/*
 * Ends this client's workers: SIGTERM, after `grace` seconds SIGKILL (0: at once; TS_FOREVER: it
 * only waits for them to end). Returns when all have ended and their failures are told; ends by
 * these signals are no failures. TS_NO_DAEMON: a failure could not be told. Where
 * ts_connect_private made the client, ends its daemon, too; the client is then without one
 * (TS_NO_DAEMON), and is still to be freed by ts_disconnect.
 */
ts_status ts_shutdown(ts_client *client, double grace);

/* ---- The notation ---------------------------------------------------------------------------- */

/* What is wrong with a text, and where. */
typedef struct ts_problem {
    ts_status status;
    size_t offset; /* the byte of the text where a caret goes */
    char text[256];
} ts_problem;

/* Values for $name in a text: find returns the value's MessagePack, or NULL for no such name. */
typedef struct ts_names {
    const void *(*find)(void *context, const char *name, size_t length, size_t *size);
    void *context;
} ts_names;

/*
 * The notation of ts-notation(7) to bytes for ts_encoded (a value: for TS_RAW). *bytes is to be freed
 * with free(). `names` and `problem` may be NULL.
 */
ts_status ts_parse_tuple(const char *text, size_t length, const ts_names *names, void **bytes,
                         size_t *size, ts_problem *problem);
ts_status ts_parse_pattern(const char *text, size_t length, const ts_names *names, void **bytes,
                           size_t *size, ts_problem *problem);
ts_status ts_parse_value(const char *text, size_t length, void **bytes, size_t *size,
                         ts_problem *problem);

/* A tuple or value, or a pattern, as text, ended by NUL, to be freed with free(). NULL where the bytes
 * are no good, or without memory. ts_print_json is strict JSON, with {"$bin": ...} and its kin. */
char *ts_print(const void *bytes, size_t size);
char *ts_print_json(const void *bytes, size_t size);
char *ts_print_pattern(const void *bytes, size_t size);

/* ---- Values, formals and matchers ------------------------------------------------------------ */

static inline ts_value ts_value_make(ts_kind kind, size_t size)
{
    ts_value value;
    memset(&value, 0, sizeof(value));
    value.kind = (uint8_t)kind;
    value.size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
    return value;
}

static inline ts_value ts_value_bool(bool boolean)
{
    ts_value value = ts_value_make(TS_KIND_BOOL, 0);
    value.as.boolean = boolean;
    return value;
}

static inline ts_value ts_value_int(long long number)
{
    ts_value value = ts_value_make(TS_KIND_INT, 0);
    value.as.i64 = number;
    return value;
}

static inline ts_value ts_value_uint(unsigned long long number)
{
    ts_value value = ts_value_make(TS_KIND_UINT, 0);
    value.as.u64 = number;
    return value;
}

static inline ts_value ts_value_float(double number)
{
    ts_value value = ts_value_make(TS_KIND_FLOAT, 0);
    value.as.real = number;
    return value;
}

/* kind: STR, BIN, RAW */
static inline ts_value ts_value_bytes(ts_kind kind, const void *bytes, size_t size)
{
    ts_value value = ts_value_make(bytes || !size ? kind : TS_KIND_INVALID, size);
    value.as.bytes = bytes;
    return value;
}

static inline ts_value ts_value_text(const char *text)
{
    return text ? ts_value_bytes(TS_KIND_STR, text, strlen(text))
                : ts_value_make(TS_KIND_INVALID, 0);
}

static inline ts_value ts_value_str(ts_bytes str)
{
    return ts_value_bytes(TS_KIND_STR, str.bytes, str.size);
}

static inline ts_value ts_value_ext(int8_t type, const void *bytes, size_t size)
{
    ts_value value = ts_value_bytes(TS_KIND_EXT, bytes, size);
    value.ext_type = type;
    return value;
}

/* kind: ARRAY, MAP, GROUP (then with a matcher) */
static inline ts_value ts_value_items(ts_kind kind, int matcher, const ts_value *items,
                                      size_t count)
{
    ts_value value = ts_value_make(kind, count);
    value.matcher = (uint8_t)matcher;
    value.as.items = items;
    return value;
}

static inline ts_value ts_value_target(ts_kind kind, void *target)
{
    ts_value value = ts_value_make(target ? kind : TS_KIND_INVALID, 0);
    value.as.target = target;
    return value;
}

/*
 * In the tuple of an atomic's step, as a field of its own: field number `field` of the tuple that
 * guard number `guard` (in, rd, hold) matched, both from 0; ts_from_plus: that int with so much added.
 */
static inline ts_value ts_from(unsigned guard, unsigned field)
{
    ts_value value = ts_value_make(guard <= INT8_MAX ? TS_KIND_FROM : TS_KIND_INVALID, field);
    value.ext_type = (int8_t)(guard <= INT8_MAX ? guard : 0);
    return value;
}

static inline ts_value ts_from_plus(unsigned guard, unsigned field, int64_t add)
{
    ts_value value = ts_from(guard, field);
    value.flags = 1;
    value.as.i64 = add;
    return value;
}

/* A matcher without operand. */
static inline ts_value ts_value_any(int matcher)
{
    ts_value value = ts_value_make(TS_KIND_NOTHING, 0);
    value.matcher = (uint8_t)matcher;
    return value;
}

/* A matcher of one operand, which is a plain value. */
static inline ts_value ts_value_matched(int matcher, ts_value operand)
{
    if (operand.matcher != TSD_M_EQ || operand.kind >= TS_KIND_GROUP) /* TS_KIND_FROM, too */
        return ts_value_make(TS_KIND_INVALID, 0);
    operand.matcher = (uint8_t)matcher;
    return operand;
}

static inline ts_value ts_value_regex(const char *expression, bool ignore_case)
{
    ts_value value = ts_value_matched(TSD_M_REGEX, ts_value_text(expression));
    value.flags = ignore_case;
    return value;
}

static inline ts_value ts_value_same(ts_value value)
{
    return value;
}

#define TS_TRUE ts_value_bool(true)
#define TS_FALSE ts_value_bool(false)
#define TS_NIL ts_value_make(TS_KIND_NIL, 0)
#define TS_STR(bytes, size) ts_value_bytes(TS_KIND_STR, bytes, size)
#define TS_BIN(bytes, size) ts_value_bytes(TS_KIND_BIN, bytes, size)
#define TS_EXT(type, bytes, size) ts_value_ext(type, bytes, size)
#define TS_RAW(bytes, size) ts_value_bytes(TS_KIND_RAW, bytes, size) /* MessagePack of one value */

/* Formals that a pointer's type does not tell; both take a ts_bytes *. */
static inline ts_value ts_bin(ts_bytes *target)
{
    return ts_value_target(TS_KIND_TO_BIN, target);
}
static inline ts_value ts_raw(ts_bytes *target) /* any value, as MessagePack */
{
    return ts_value_target(TS_KIND_TO_RAW, target);
}

#define TS_ANY ts_value_any(TSD_M_ANY)   /* any value */
#define TS_REST ts_value_any(TSD_M_REST) /* last: any further fields, elements or pairs */
#define TS_ANY_NIL ts_value_any(TSD_M_NIL)
#define TS_ANY_BOOL ts_value_any(TSD_M_BOOL)
#define TS_ANY_INT ts_value_any(TSD_M_INT)
#define TS_ANY_FLOAT ts_value_any(TSD_M_FLOAT)
#define TS_ANY_NUM ts_value_any(TSD_M_NUM) /* an int or float */
#define TS_ANY_STR ts_value_any(TSD_M_STR)
#define TS_ANY_BIN ts_value_any(TSD_M_BIN)
#define TS_ANY_ARRAY ts_value_any(TSD_M_ARRAY)
#define TS_ANY_MAP ts_value_any(TSD_M_MAP)
#define TS_ANY_EXT ts_value_any(TSD_M_EXT)

/*
 * Matchers and values with operands. An operand is anything that TS takes.
 *
 *   ts_lt(v) ts_le(v) ts_gt(v) ts_ge(v)   by order, within numbers, strs and bins
 *   ts_ne(v)                              any value that is not equal
 *   ts_range(lo, hi)                      lo <= value <= hi
 *   ts_prefix(s) ts_suffix(s) ts_infix(s) a str (or bin) that starts with, ends with, contains s
 *   ts_regex(re) ts_regex_i(re)           a str that the expression finds; _i ignores case
 *   ts_length(n)                          a str, bin, array or map of length n: a number, ts_lt, ts_le,
 *                                         ts_gt, ts_ge or ts_range of numbers
 *   ts_not(m) ts_or(m, ...) ts_and(m, ...)  not; any of; all of. ts_and(&n, ts_ge(5)) binds what is
 *                                         at least 5; no formals in ts_or and ts_not
 *   TS_ARRAY(...)                         an array; in a pattern its elements are matchers, too
 *   TS_MAP(key, value, ...)               a map; in a pattern its values are matchers, too
 */
#define ts_regex(expression) ts_value_regex(expression, false)
#define ts_regex_i(expression) ts_value_regex(expression, true)

#ifdef __cplusplus
} /* extern "C" */

namespace tsclient
{
/* Operands with the storage that a ts_value points to; alive until the expression around it ends. */
template <size_t N> struct group {
    ts_value items[N];
    ts_kind kind;
    int matcher;
    operator ts_value() const
    {
        return ts_value_items(kind, matcher, items, N);
    }
};

template <size_t N> struct list {
    ts_value items[N];
    operator ts_values() const
    {
        return ts_list(items, N);
    }
};

inline ts_value value(bool v)
{
    return ts_value_bool(v);
}
inline ts_value value(signed char v)
{
    return ts_value_int(v);
}
inline ts_value value(unsigned char v)
{
    return ts_value_uint(v);
}
inline ts_value value(short v)
{
    return ts_value_int(v);
}
inline ts_value value(unsigned short v)
{
    return ts_value_uint(v);
}
inline ts_value value(int v)
{
    return ts_value_int(v);
}
inline ts_value value(unsigned v)
{
    return ts_value_uint(v);
}
inline ts_value value(long v)
{
    return ts_value_int(v);
}
inline ts_value value(unsigned long v)
{
    return ts_value_uint(v);
}
inline ts_value value(long long v)
{
    return ts_value_int(v);
}
inline ts_value value(unsigned long long v)
{
    return ts_value_uint(v);
}
inline ts_value value(float v)
{
    return ts_value_float(v);
}
inline ts_value value(double v)
{
    return ts_value_float(v);
}
inline ts_value value(const char *v)
{
    return ts_value_text(v);
}
inline ts_value value(char *v)
{
    return ts_value_text(v);
}
inline ts_value value(ts_bytes v)
{
    return ts_value_str(v);
}
inline ts_value value(const ts_value &v)
{
    return v;
}
inline ts_value value(bool *v)
{
    return ts_value_target(TS_KIND_TO_BOOL, v);
}
inline ts_value value(double *v)
{
    return ts_value_target(TS_KIND_TO_DOUBLE, v);
}
inline ts_value value(const char **v)
{
    return ts_value_target(TS_KIND_TO_TEXT, v);
}
inline ts_value value(ts_bytes *v)
{
    return ts_value_target(TS_KIND_TO_STR, v);
}
inline ts_value value(signed char *v)
{
    return ts_value_target(TS_KIND_TO_INT8, v);
}
inline ts_value value(unsigned char *v)
{
    return ts_value_target(TS_KIND_TO_UINT8, v);
}
inline ts_value value(short *v)
{
    return ts_value_target(TS_KIND_TO_INT16, v);
}
inline ts_value value(unsigned short *v)
{
    return ts_value_target(TS_KIND_TO_UINT16, v);
}
inline ts_value value(int *v)
{
    return ts_value_target(TS_KIND_TO_INT32, v);
}
inline ts_value value(unsigned *v)
{
    return ts_value_target(TS_KIND_TO_UINT32, v);
}
inline ts_value value(long *v)
{
    return ts_value_target(sizeof(long) == 8 ? TS_KIND_TO_INT64 : TS_KIND_TO_INT32, v);
}
inline ts_value value(unsigned long *v)
{
    return ts_value_target(sizeof(long) == 8 ? TS_KIND_TO_UINT64 : TS_KIND_TO_UINT32, v);
}
inline ts_value value(long long *v)
{
    return ts_value_target(TS_KIND_TO_INT64, v);
}
inline ts_value value(unsigned long long *v)
{
    return ts_value_target(TS_KIND_TO_UINT64, v);
}
template <size_t N> ts_value value(const group<N> &v)
{
    return v;
}
/* std::string and its kin */
template <class S> auto value(const S &s) -> decltype(s.length(), ts_value_text(s.data()))
{
    return TS_STR(s.data(), s.length());
}
ts_value value(char) = delete;
template <class T> ts_value value(T *) = delete; /* or it would become a bool */

template <class... A> list<sizeof...(A)> make_list(const A &...a)
{
    return list<sizeof...(A)>{{value(a)...}};
}
template <class... A> group<sizeof...(A)> make_group(ts_kind kind, int matcher, const A &...a)
{
    return group<sizeof...(A)>{{value(a)...}, kind, matcher};
}

template <class T, size_t N> struct items {
    T all[N];
    static constexpr size_t count = N;
    const T *data() const
    {
        return all;
    }
};
template <class T, class... A> items<T, sizeof...(A)> make_items(const A &...a)
{
    return items<T, sizeof...(A)>{{a...}};
}
} /* namespace tsclient */

#define TS_ITEMS_(type, ...)                                                                       \
    tsclient::make_items<type>(__VA_ARGS__).data(),                                                \
        decltype(tsclient::make_items<type>(__VA_ARGS__))::count
#define TS(...) (tsclient::make_list(__VA_ARGS__))
#define TS_VALUE(v) (tsclient::value(v))
#define TS_GROUP_(kind, matcher, ...) (tsclient::make_group(kind, matcher, __VA_ARGS__))

extern "C" {
#else

#define TS(...)                                                                                    \
    ((ts_values){(const ts_value[]){TS_EACH_(__VA_ARGS__)}, TS_COUNT_(__VA_ARGS__), {NULL, 0}})

#define TS_ITEMS_(type, ...)                                                                       \
    (const type[]){__VA_ARGS__}, sizeof((const type[]){__VA_ARGS__}) / sizeof(type)

#define TS_GROUP_(kind, matcher, ...)                                                              \
    ts_value_items(kind, matcher, (const ts_value[]){TS_EACH_(__VA_ARGS__)}, TS_COUNT_(__VA_ARGS__))

#define TS_TARGET_(type, name, kind)                                                               \
    static inline ts_value ts_value_to_##name(type *target)                                        \
    {                                                                                              \
        return ts_value_target(kind, target);                                                      \
    }
TS_TARGET_(bool, bool, TS_KIND_TO_BOOL)
TS_TARGET_(double, double, TS_KIND_TO_DOUBLE)
TS_TARGET_(const char *, text, TS_KIND_TO_TEXT)
TS_TARGET_(ts_bytes, str, TS_KIND_TO_STR)
TS_TARGET_(signed char, schar, TS_KIND_TO_INT8)
TS_TARGET_(unsigned char, uchar, TS_KIND_TO_UINT8)
TS_TARGET_(short, short, TS_KIND_TO_INT16)
TS_TARGET_(unsigned short, ushort, TS_KIND_TO_UINT16)
TS_TARGET_(int, int, TS_KIND_TO_INT32)
TS_TARGET_(unsigned, uint, TS_KIND_TO_UINT32)
TS_TARGET_(long, long, sizeof(long) == 8 ? TS_KIND_TO_INT64 : TS_KIND_TO_INT32)
TS_TARGET_(unsigned long, ulong, sizeof(long) == 8 ? TS_KIND_TO_UINT64 : TS_KIND_TO_UINT32)
TS_TARGET_(long long, llong, TS_KIND_TO_INT64)
TS_TARGET_(unsigned long long, ullong, TS_KIND_TO_UINT64)
#undef TS_TARGET_

/* One C value, formal or matcher as a ts_value. An error here: a type that TS does not take. */
#define TS_VALUE(v)                                                                                \
    _Generic((v),                                                                                  \
        bool: ts_value_bool,                                                                       \
        signed char: ts_value_int,                                                                 \
        short: ts_value_int,                                                                       \
        int: ts_value_int,                                                                         \
        long: ts_value_int,                                                                        \
        long long: ts_value_int,                                                                   \
        unsigned char: ts_value_uint,                                                              \
        unsigned short: ts_value_uint,                                                             \
        unsigned: ts_value_uint,                                                                   \
        unsigned long: ts_value_uint,                                                              \
        unsigned long long: ts_value_uint,                                                         \
        float: ts_value_float,                                                                     \
        double: ts_value_float,                                                                    \
        char *: ts_value_text,                                                                     \
        const char *: ts_value_text,                                                               \
        ts_bytes: ts_value_str,                                                                    \
        ts_value: ts_value_same,                                                                   \
        bool *: ts_value_to_bool,                                                                  \
        double *: ts_value_to_double,                                                              \
        const char **: ts_value_to_text,                                                           \
        ts_bytes *: ts_value_to_str,                                                               \
        signed char *: ts_value_to_schar,                                                          \
        unsigned char *: ts_value_to_uchar,                                                        \
        short *: ts_value_to_short,                                                                \
        unsigned short *: ts_value_to_ushort,                                                      \
        int *: ts_value_to_int,                                                                    \
        unsigned *: ts_value_to_uint,                                                              \
        long *: ts_value_to_long,                                                                  \
        unsigned long *: ts_value_to_ulong,                                                        \
        long long *: ts_value_to_llong,                                                            \
        unsigned long long *: ts_value_to_ullong)(v)

#define TS_COUNT_(...)                                                                             \
    TS_PICK_(__VA_ARGS__, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15,  \
             14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define TS_PICK_(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, _15, _16, _17, _18,  \
                 _19, _20, _21, _22, _23, _24, _25, _26, _27, _28, _29, _30, _31, _32, n, ...)     \
    n
#define TS_JOIN_(a, b) TS_JOIN2_(a, b)
#define TS_JOIN2_(a, b) a##b
#define TS_EACH_(...) TS_JOIN_(TS_E, TS_COUNT_(__VA_ARGS__))(__VA_ARGS__)
#define TS_E1(v) TS_VALUE(v)
#define TS_E2(v, ...) TS_VALUE(v), TS_E1(__VA_ARGS__)
#define TS_E3(v, ...) TS_VALUE(v), TS_E2(__VA_ARGS__)
#define TS_E4(v, ...) TS_VALUE(v), TS_E3(__VA_ARGS__)
#define TS_E5(v, ...) TS_VALUE(v), TS_E4(__VA_ARGS__)
#define TS_E6(v, ...) TS_VALUE(v), TS_E5(__VA_ARGS__)
#define TS_E7(v, ...) TS_VALUE(v), TS_E6(__VA_ARGS__)
#define TS_E8(v, ...) TS_VALUE(v), TS_E7(__VA_ARGS__)
#define TS_E9(v, ...) TS_VALUE(v), TS_E8(__VA_ARGS__)
#define TS_E10(v, ...) TS_VALUE(v), TS_E9(__VA_ARGS__)
#define TS_E11(v, ...) TS_VALUE(v), TS_E10(__VA_ARGS__)
#define TS_E12(v, ...) TS_VALUE(v), TS_E11(__VA_ARGS__)
#define TS_E13(v, ...) TS_VALUE(v), TS_E12(__VA_ARGS__)
#define TS_E14(v, ...) TS_VALUE(v), TS_E13(__VA_ARGS__)
#define TS_E15(v, ...) TS_VALUE(v), TS_E14(__VA_ARGS__)
#define TS_E16(v, ...) TS_VALUE(v), TS_E15(__VA_ARGS__)
#define TS_E17(v, ...) TS_VALUE(v), TS_E16(__VA_ARGS__)
#define TS_E18(v, ...) TS_VALUE(v), TS_E17(__VA_ARGS__)
#define TS_E19(v, ...) TS_VALUE(v), TS_E18(__VA_ARGS__)
#define TS_E20(v, ...) TS_VALUE(v), TS_E19(__VA_ARGS__)
#define TS_E21(v, ...) TS_VALUE(v), TS_E20(__VA_ARGS__)
#define TS_E22(v, ...) TS_VALUE(v), TS_E21(__VA_ARGS__)
#define TS_E23(v, ...) TS_VALUE(v), TS_E22(__VA_ARGS__)
#define TS_E24(v, ...) TS_VALUE(v), TS_E23(__VA_ARGS__)
#define TS_E25(v, ...) TS_VALUE(v), TS_E24(__VA_ARGS__)
#define TS_E26(v, ...) TS_VALUE(v), TS_E25(__VA_ARGS__)
#define TS_E27(v, ...) TS_VALUE(v), TS_E26(__VA_ARGS__)
#define TS_E28(v, ...) TS_VALUE(v), TS_E27(__VA_ARGS__)
#define TS_E29(v, ...) TS_VALUE(v), TS_E28(__VA_ARGS__)
#define TS_E30(v, ...) TS_VALUE(v), TS_E29(__VA_ARGS__)
#define TS_E31(v, ...) TS_VALUE(v), TS_E30(__VA_ARGS__)
#define TS_E32(v, ...) TS_VALUE(v), TS_E31(__VA_ARGS__)
#endif

/* The two arguments "array, count" of ts_atomic; lives as TS(...) does. For no steps: NULL, 0. */
#define TS_GUARDS(...) TS_ITEMS_(ts_guard, __VA_ARGS__)
#define TS_STEPS(...) TS_ITEMS_(ts_step, __VA_ARGS__)

#define ts_lt(v) ts_value_matched(TSD_M_LT, TS_VALUE(v))
#define ts_le(v) ts_value_matched(TSD_M_LE, TS_VALUE(v))
#define ts_gt(v) ts_value_matched(TSD_M_GT, TS_VALUE(v))
#define ts_ge(v) ts_value_matched(TSD_M_GE, TS_VALUE(v))
#define ts_ne(v) ts_value_matched(TSD_M_NE, TS_VALUE(v))
#define ts_prefix(v) ts_value_matched(TSD_M_PREFIX, TS_VALUE(v))
#define ts_suffix(v) ts_value_matched(TSD_M_SUFFIX, TS_VALUE(v))
#define ts_infix(v) ts_value_matched(TSD_M_INFIX, TS_VALUE(v))
#define ts_range(lo, hi) TS_GROUP_(TS_KIND_GROUP, TSD_M_RANGE, lo, hi)
#define ts_length(m) TS_GROUP_(TS_KIND_GROUP, TSD_M_LENGTH, m)
#define ts_not(m) TS_GROUP_(TS_KIND_GROUP, TSD_M_NOT, m)
#define ts_or(...) TS_GROUP_(TS_KIND_GROUP, TSD_M_OR, __VA_ARGS__)
#define ts_and(...) TS_GROUP_(TS_KIND_GROUP, TSD_M_AND, __VA_ARGS__)
#define TS_ARRAY(...) TS_GROUP_(TS_KIND_ARRAY, TSD_M_EQ, __VA_ARGS__)
#define TS_MAP(...) TS_GROUP_(TS_KIND_MAP, TSD_M_EQ, __VA_ARGS__)

#ifdef __cplusplus
}
#endif
#endif
