/* SPDX-License-Identifier: MIT */
/*
 * A torture run: processes that ask at random, are killed and stopped at random, and write down
 * what they asked and were told; at the end the checker says whether it can have been by the rules.
 */
#ifndef TSD_TORTURE_H
#define TSD_TORTURE_H

#include "history/format.h"
#include "protocol/buffer.h"
#include "protocol/reply.h"
#include "protocol/request.h"

/* The spaces: two for all, one with little room, one whose tuples become dead letters. */
enum torture_space {
    SPACE_MAIN,
    SPACE_OTHER,
    SPACE_SMALL,
    SPACE_JOBS,
    SPACE_DEAD,
    SPACE_COPIES,
    TORTURE_SPACES
};
extern const char *const torture_spaces[TORTURE_SPACES];
enum { SMALL_CAPACITY = 12, JOBS_RETURNS = 2 };

struct dice {
    uint64_t state;
};
uint64_t dice_below(struct dice *dice, uint64_t bound);
bool dice_one_in(struct dice *dice, uint64_t n);

enum { OUTSTANDING = 12, HOLDS = 16, DELIVERIES = 8, SEEN = 32 };

/* A request that has no answer yet. */
struct pending {
    uint64_t number;
    enum tsd_operation op;
    bool timeless; /* waits for ever, or is a watch */
};

/* A connection, and what its client knows. */
struct link {
    int fd;
    uint64_t connection; /* the client's own number of it */
    const struct recorder *recorder;
    struct buffer in, out;
    uint64_t numbers, read_delivery;
    struct pending pending[OUTSTANDING];
    unsigned pending_count;
    struct token holds[HOLDS];
    unsigned hold_count;
    struct token deliveries[DELIVERIES]; /* the last ones, as tokens */
    unsigned delivery_count;
    uint64_t seen[SEEN]; /* ids */
    unsigned seen_count;
};

/* Returns 0, or -1 where the daemon cannot be reached or hangs up. All is recorded. */
int link_open(struct link *link, const char *socket, const struct recorder *recorder,
              uint64_t connection);
void link_close(struct link *link); /* without a goodbye */
/* Records and sends; the request gets its number. */
int link_ask(struct link *link, struct request *request);
/* Reads what has come, waiting at most so long for some of it; each answer is recorded, then told
 * to `answered`. Returns -1 at the end of the connection. */
int link_read(struct link *link, int wait_ms,
              void (*answered)(void *context, struct link *link, const struct reply *reply),
              void *context);
/* Asks and waits for the answer: the status. The reply is valid until the next call. */
enum ts_status link_call(struct link *link, struct request *request, struct reply *reply);

/* A client: what it makes of its dice. */
struct client {
    uint32_t number; /* of this process, never used again */
    struct dice dice;
    uint64_t tuples;     /* put so far */
    struct buffer bytes; /* of the request that is being made */
    char kept_key[32];   /* a keyed `out` without an answer, to be tried again */
    uint8_t kept_tuple[64];
    uint32_t kept_size;
};

/* Fills in a random request that makes sense on this link; everything points into client->bytes. */
void ask_something(struct client *client, struct link *link, struct request *request);
void ask_kept(struct client *client, struct request *request); /* the keyed one again */

/* Processes; they end by themselves only where they are told to, or the daemon is gone. */
_Noreturn void run_client(const char *socket, const char *folder, uint32_t number, uint64_t seed);
_Noreturn void run_watcher(const char *socket, const char *folder, uint32_t number, int ready);

struct span text_span(const char *text);

#endif
