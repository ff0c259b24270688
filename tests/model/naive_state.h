/* SPDX-License-Identifier: MIT */
/*
 * What the naive reference is made of, for its own files: one list of tuples in the order of place,
 * one of waiting requests in the order of since.
 */
#ifndef TSD_TESTS_NAIVE_STATE_H
#define TSD_TESTS_NAIVE_STATE_H

#include "naive.h"
#include "trace.h"

#define NEVER UINT64_MAX

struct tuple {
    uint64_t id;
    int8_t priority;
    int space;
    struct naive_tuple is;
    uint32_t bytes; /* as encoded */
    enum tsd_state state;
    uint64_t wake; /* delayed: until then */
    bool was_kept; /* delayed: by a release */
    uint64_t session, delivery;
    uint64_t hold, hold_end; /* held */
    bool detached;
    uint32_t hold_user;
    uint64_t life_end;
    uint64_t bound; /* session; 0: none */
    bool orphan;    /* the session that it was bound to has ended */
    bool pulse;
    uint32_t returns, reason, exit_status;
    bool has_exit;
    uint32_t uid, pid;
    const char *program;
    uint64_t put_at;
};

struct wait {
    uint64_t session, since, deadline;
    bool in_line; /* it stood in the line for room when it was looked at last, and needs so much */
    int need[NAIVE_SPACES];
    struct naive_request request;
};

struct key {
    uint32_t user;
    int space, key;
    uint64_t end, value, since;
};

/* A delivery of a removed space: nobody has it, but its user is charged until it is acknowledged. */
struct unread {
    uint32_t user;
    uint64_t session, delivery;
};

struct space {
    bool explicit;
    uint64_t capacity; /* 0: no bound */
    uint32_t max_returns;
    int dead_letter;                    /* -1: none */
    struct naive_user dead_letter_user; /* whoever set it */
    uint32_t owner, group, mode;        /* of one that is there */
    uint32_t maker;                     /* the user to whom it is charged */
};

struct session {
    uint64_t number, delivered;
    struct naive_user user;
    uint32_t pid;
    const char *program;
    int will_count;
    struct naive_request *wills[NAIVE_SPACES]; /* in the order in which they were named */
};

enum { SESSIONS_MOST = 64, GOT_MOST = 320 };

struct naive {
    uint64_t now, position, reply_bytes, holds;
    uint64_t at;  /* of the unit under way */
    bool at_used; /* by the id of a tuple */
    struct tuple **tuples;
    int tuple_count, tuple_room;
    struct wait **waits;
    int wait_count, wait_room;
    struct key *keys;
    int key_count, key_room;
    struct unread *unread;
    int unread_count;
    struct space spaces[NAIVE_SPACES];
    bool has_rules;
    struct naive_rule rules[NAIVE_SPACES];
    struct naive_quotas quotas;
    struct session sessions[SESSIONS_MOST];
    int session_count;
    struct buffer *trace;
    uint64_t no_memory_session, no_memory_number, no_memory_at;
    size_t no_memory_told;
};

/* What a request gets. */
struct got {
    struct tuple *tuples[GOT_MOST];
    int of[GOT_MOST];
    int count;
    bool more;
};

/* naive.c: values, the lists */
bool naive_pattern_matches(const struct naive_pattern *pattern, const struct naive_tuple *tuple);
bool naive_part_matches(const struct naive_part *part, const struct tuple *tuple); /* any state */
void naive_list_put(struct naive *naive, struct tuple *tuple);
void naive_list_take(struct naive *naive, struct tuple *tuple);
void naive_wait_add(struct naive *naive, struct wait *wait);
void naive_wait_end(struct naive *naive, struct wait *wait);                    /* frees it */
struct session *naive_session_find(const struct naive *naive, uint64_t number); /* NULL: ended */

/* naive_say.c: lines of the trace */
void naive_say(struct naive *naive, const struct wait *wait, enum ts_status status);
void naive_say_end(struct naive *naive, const struct wait *wait,
                   enum ts_status status); /* whole line */
struct trace_item naive_item_of(const struct naive *naive, const struct tuple *tuple, int of,
                                const struct naive_request *request);
void naive_say_event(struct naive *naive, const struct wait *watch, enum tsd_event event,
                     const struct tuple *tuple); /* NULL: about none */
void naive_tell_watches(struct naive *naive, enum tsd_event event, const struct tuple *tuple);

/* naive_tuple.c: what happens to one tuple */
uint64_t naive_unit_begin(struct naive *naive); /* its `at` */
uint64_t naive_tuple_put(struct naive *naive, const struct session *by, int space,
                         const struct naive_tuple *is,
                         const struct naive_putting *putting); /* id */
void naive_tuple_move(struct naive *naive, struct tuple *tuple, int to);
void naive_tuple_copy(struct naive *naive, const struct tuple *tuple, int to,
                      const struct session *by);
void naive_tuple_deliver(struct naive *naive, struct tuple *tuple, const struct session *to);
void naive_tuple_hold(struct naive *naive, struct tuple *tuple, const struct session *to,
                      bool has_hold_time, uint64_t hold_us, bool detached);
void naive_tuple_gone(struct naive *naive, struct tuple *tuple);    /* without a word */
void naive_tuple_removed(struct naive *naive, struct tuple *tuple); /* with its space */
struct comes_back {
    enum tsd_reason reason;
    bool uncounted, has_exit;
    uint32_t exit_status;
    uint64_t delay_us;
};
void naive_tuple_back(struct naive *naive, struct tuple *tuple, const struct comes_back *how);
bool naive_is_kept(const struct tuple *tuple);
void naive_session_lets_go(struct naive *naive, const struct session *session, enum naive_end end);
void naive_session_puts_wills(struct naive *naive, const struct session *session);

/* naive_token.c */
struct tuple *naive_token_find(const struct naive *naive, uint64_t session,
                               const struct naive_token *token); /* NULL: late */
bool naive_tokens_hold(const struct naive *naive, uint64_t session,
                       const struct naive_token *tokens,
                       int count); /* all of them, none named twice */
bool naive_wait_tokens_hold(const struct naive *naive, const struct wait *wait);
void naive_do_release(struct naive *naive, const struct wait *wait);
void naive_do_renew(struct naive *naive, const struct wait *wait);

/* naive_rights.c: who may do what (rules S31, S32) */
/* OK, DENIED, or LIMIT where it would make one space too many: when it is taken up. */
enum ts_status naive_may_ask(const struct naive *naive, const struct wait *wait);
bool naive_is_there(const struct naive *naive, int space);
bool naive_sees(const struct naive *naive, const struct naive_user *user, int space);
bool naive_may_write(const struct naive *naive, const struct naive_user *user, int space);
/* What it asks for where there is nothing for it, it asks for nowhere. */
void naive_hide(const struct naive *naive, struct wait *wait);
/* From now on there is the space: its user's, if there was none. */
void naive_make(struct naive *naive, const struct naive_user *user, int space);
void naive_make_named(struct naive *naive, const struct wait *wait);   /* by one that waits */
void naive_make_targets(struct naive *naive, const struct wait *wait); /* by one that is done */
void naive_end_denied(struct naive *naive, int space);

/* naive_quota.c: whether the user may have so much more */
bool naive_quota_puts(const struct naive *naive, const struct wait *wait); /* what it may put */
bool naive_quota_will(const struct naive *naive, const struct wait *wait);
bool naive_quota_tuples(const struct naive *naive, const struct wait *wait, uint64_t more);
bool naive_quota_waits(const struct naive *naive, const struct wait *wait);
bool naive_quota_key(const struct naive *naive, const struct wait *wait);
bool naive_quota_space(const struct naive *naive, uint32_t user);

/* naive_time.c: does what is due by now */
void naive_step_begin(struct naive *naive, uint64_t now, struct buffer *trace);

/* naive_serve.c: requests that may wait, and what follows a unit */
void naive_take_up(struct naive *naive, struct wait *wait); /* answers it, or keeps it waiting */
bool naive_lacks_memory(const struct naive *naive, const struct wait *wait, uint64_t at);
void naive_settle(struct naive *naive);
void naive_look_at_drained(struct naive *naive);

/* naive_room.c: keys and room */
const struct key *naive_key_find(const struct naive *naive, const struct wait *wait);
void naive_key_remember(struct naive *naive, const struct wait *wait, uint64_t value);
void naive_say_repeated(struct naive *naive, const struct wait *wait, uint64_t value);
bool naive_may_put(const struct wait *wait); /* out, finish, atomic */
void naive_room_needed(const struct naive *naive, const struct wait *wait, struct tuple *const *got,
                       int need[NAIVE_SPACES]);
bool naive_room_never(const struct naive *naive, const int need[NAIVE_SPACES]);
bool naive_room_fits(const struct naive *naive, const int need[NAIVE_SPACES],
                     const bool blocked[NAIVE_SPACES]);
void naive_room_block(const struct naive *naive, const int need[NAIVE_SPACES],
                      bool blocked[NAIVE_SPACES]);
uint64_t naive_room_used(const struct naive *naive, int space);

/* naive_atomic.c */
bool naive_guards_hold(const struct naive *naive, const struct wait *wait,
                       struct tuple *got[NAIVE_PARTS]);
enum ts_status naive_atomic_check(const struct naive *naive, const struct wait *wait,
                                  struct tuple *const got[NAIVE_PARTS],
                                  struct naive_tuple puts[NAIVE_STEPS]);
void naive_atomic_do(struct naive *naive, const struct wait *wait,
                     struct tuple *const got[NAIVE_PARTS],
                     const struct naive_tuple puts[NAIVE_STEPS]);

/* naive_take.c: in, rd, hold */
bool naive_gather(const struct naive *naive, const struct naive_request *request, struct got *got);
void naive_give(struct naive *naive, const struct wait *wait, const struct got *got);

/* naive_look.c, naive_space.c: operations that never wait */
int naive_first_part(const struct naive_request *request, const struct tuple *tuple); /* -1: none */
void naive_do_watch(struct naive *naive, const struct wait *wait); /* what it tells first */
void naive_do_count(struct naive *naive, const struct wait *wait);
void naive_do_scan(struct naive *naive, const struct wait *wait);
void naive_do_collect(struct naive *naive, const struct wait *wait);
void naive_do_cancel(struct naive *naive, const struct wait *wait);
void naive_do_will(struct naive *naive, const struct wait *wait);
void naive_do_space(struct naive *naive, const struct wait *wait);
void naive_do_remove(struct naive *naive, const struct wait *wait);
void naive_do_spaces(struct naive *naive, const struct wait *wait);
bool naive_names(const struct naive_request *request, int space); /* one that waits */
bool naive_in_use(const struct naive *naive, int space, bool keys);

#endif
