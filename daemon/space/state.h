/* SPDX-License-Identifier: MIT */
/*
 * What an engine is made of. Only the files of daemon/space look in here.
 *
 *   engine -> spaces    -> stored tuples, shapes -> chains -> waits
 *          -> sessions  -> interests (waiting requests), deliveries and holds (kept tuples)
 *          -> absences  -> a witness each, waits
 */
#ifndef TSD_SPACE_STATE_H
#define TSD_SPACE_STATE_H

#include <sys/queue.h>

#include "base/heap.h"
#include "base/slab.h"
#include "base/table.h"
#include "protocol/limits.h"
#include "space/absence.h"
#include "space/account.h"
#include "space/atomic.h"
#include "space/attributes.h"
#include "space/engine.h"
#include "space/expressions.h"
#include "space/gather.h"
#include "space/interest.h"
#include "space/leave.h"
#include "space/life.h"
#include "space/look.h"
#include "space/owner.h"
#include "space/put.h"
#include "space/query.h"
#include "space/room.h"
#include "space/session.h"
#include "space/settings.h"
#include "space/settle.h"
#include "space/space.h"
#include "space/walk.h"

struct engine {
    struct engine_options options;
    struct slab slab;
    uint64_t now_ns;
    uint64_t position; /* the last one given out (rule S35) */
    uint64_t unit_at;  /* that of the unit under way */
    uint64_t unit_ids; /* tuples that it has put or moved so far */

    struct table sessions; /* by number */
    TAILQ_HEAD(session_list, session) all_sessions;
    struct session *last_session; /* the one found last, or NULL */
    struct table interests;       /* by session and number of the request */
    struct table spaces;          /* by name */
    struct space *last_space;     /* the one found last, or NULL */
    struct {
        const uint8_t *bytes; /* the name in the request that is taken up, */
        struct space *space;  /* which whoever asks sees; NULL: none was looked for yet */
    } asked;
    TAILQ_HEAD(space_list, space) idle_spaces;
    uint32_t idle_count;
    struct space_list gone, gone_idle; /* removed ones: with something in them, with nothing */
    struct space
        *nowhere; /* always empty: where requests look that may not look where they asked */

    struct heap timers;               /* all that becomes due */
    TAILQ_HEAD(work_list, work) work; /* what goes on at the next ticks, the next piece first */
    struct work_list own_work;        /* what the engine sees to itself */

    LIST_HEAD(away_walk_list, away_walk) away_walks;
    TAILQ_HEAD(leave_list, leave) leaving; /* sessions that have ended, with units to come */

    struct owners owners;
    struct table accounts; /* by uid */
    struct quotas quotas;
    uint64_t charged_bytes; /* of all accounts: tuples, and what may come of requests and wills */
    struct rule *rules;     /* whose spaces of some names are */
    uint32_t rule_count;
    struct table attributes;               /* of the few tuples that have some, by id */
    struct table holds;                    /* by number */
    uint64_t hold_count;                   /* the number of the last hold */
    struct table absences;                 /* by pattern */
    struct table witnesses;                /* absences by their witness's id */
    struct table keys;                     /* remembered ones */
    struct table waiting_keys;             /* those of requests that wait */
    LIST_HEAD(lined_list, interest) lined; /* atomics that wait for room */
    SLIST_HEAD(gap_list, session) gaps;    /* that could not be told of all that happened */
    uint64_t steps;
    uint64_t budget;       /* that looks of this step may still walk past */
    uint64_t indexes_made; /* grows with each that can be used, */
    uint64_t indexes_gone; /* and with each that goes */

    struct settle settle;           /* what has become visible in this unit */
    struct expressions expressions; /* compiled ones, and who waits with which */

    /* Room that requests work in, one at a time. */
    struct gather gather;
    struct query_part parts[LIMIT_GUARDS];
    struct look looks[LIMIT_ALTERNATIVES];
    struct guards guards;
    struct puts puts;
    struct needs needs;
    struct claim *claims;
    uint32_t claims_capacity;
    struct interest **watchers;
    uint32_t watchers_capacity;
    struct buffer template;
    struct effects *effects; /* of the step under way */
};

/* What a piece of long work may cost; UINT64_MAX where none is cut. */
static inline uint64_t engine_piece(const struct engine *engine)
{
    return engine->options.piece ? engine->options.piece : UINT64_MAX;
}

/* A unit begins: it takes the next position (rule S35). */
static inline void unit_begin(struct engine *engine)
{
    engine->unit_at = ++engine->position;
    engine->unit_ids = 0;
}

/* The id of the next tuple that the unit puts or moves: the first is its position. */
static inline uint64_t unit_id(struct engine *engine)
{
    return engine->unit_ids++ == 0 ? engine->unit_at : ++engine->position;
}

/* Takes back all ids but the first so many of the unit. */
static inline void unit_forget_ids(struct engine *engine, uint64_t ids)
{
    engine->unit_ids = ids;
    engine->position = engine->unit_at + (ids > 0 ? ids - 1 : 0);
}

/* The space that the request asked for before, if this is its name in the request; else NULL. */
static inline struct space *engine_asked(const struct engine *engine, const struct span *name)
{
    struct space *space = engine->asked.space;
    return space && name->bytes == engine->asked.bytes && name->size == space->name_size ? space
                                                                                         : NULL;
}

/* The space of this name: NULL where there is none; _make: made, NULL only without memory. */
struct space *engine_find_space(struct engine *engine, const struct span *name);
/* The same, but it leaves no trace: what one user asks must not make another one's requests faster. */
struct space *engine_look_up_space(const struct engine *engine, const struct span *name);
/* For whoever this is an owner's number of: it is made its own (access.h). */
struct space *engine_make_space(struct engine *engine, const struct span *name, uint32_t owner);
struct space *engine_make_space_of(struct engine *engine, const struct span *name,
                                   const struct access *access, struct account *account);

/* Takes it out of the table: nobody finds it by its name any more. */
void engine_forget_space(struct engine *engine, struct space *space);

/* To be called after anything left a space: it may be idle now (rule S31). */
void engine_space_left(struct engine *engine, struct space *space);

/* At the end of a step, when nobody looks at one: frees idle spaces but the last few. */
void engine_forget_idle(struct engine *engine);

#endif
