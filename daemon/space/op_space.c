/* SPDX-License-Identifier: MIT */
/*
 * Spaces made on purpose, with attributes, and removed (rules S12, S30, S31).
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "space/gone.h"
#include "space/hide.h"
#include "space/hold.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/unit.h"

/* ---- space ---- */

/* The request's dead-letter space, a copy of the name. Returns 0, or -1 without memory. */
static int copy_dead_letter(const struct request *request, struct span *copy)
{
    uint8_t *name = NULL;
    *copy = (struct span){NULL, 0};
    if (!(request->has & TSD_HAS(DEAD_LETTER)) || request->dead_letter.size == 0)
        return 0;
    name = mem_alloc(request->dead_letter.size);
    if (!name)
        return -1;
    memcpy(name, request->dead_letter.bytes, request->dead_letter.size);
    *copy = (struct span){name, request->dead_letter.size};
    return 0;
}

/* Whoever sets it answers for what goes there (rule S32). */
static void set_dead_letter(struct engine *engine, const struct asker *asker, struct space *space,
                            const struct span *name)
{
    if (space->dead_letter.bytes)
        owner_unref(engine, space->dead_letter_owner);
    mem_free((void *)space->dead_letter.bytes);
    space->dead_letter = *name;
    space->dead_letter_owner = asker->session->owner;
    if (name->bytes)
        owner_ref(engine, space->dead_letter_owner);
}

static void set_access(struct space *space, const struct request *request)
{
    if (request->has & TSD_HAS(OWNER))
        space->access.owner = request->owner;
    if (request->has & TSD_HAS(GROUP))
        space->access.group = request->group;
    if (request->has & TSD_HAS(MODE))
        space->access.mode = request->mode;
}

/* Sets what the request has. Returns 0, or -1 without memory, nothing being changed. */
static int set_attributes(struct engine *engine, const struct asker *asker, struct space *space,
                          const struct request *request)
{
    struct span dead_letter;
    if (copy_dead_letter(request, &dead_letter) < 0)
        return -1;
    if (request->has & TSD_HAS(CAPACITY) &&
        room_set_capacity(engine, space, request->capacity) < 0) {
        mem_free((void *)dead_letter.bytes);
        return -1;
    }
    if (request->has & TSD_HAS(DEAD_LETTER))
        set_dead_letter(engine, asker, space, &dead_letter);
    set_access(space, request);
    if (request->has & TSD_HAS(MAX_RETURNS))
        space->max_returns = request->max_returns;
    space->made = true;
    return 0;
}

/* Whether a waiting unit needs more room than there will ever be. */
static bool never_fits(struct engine *engine, const struct interest *interest,
                       const struct space *space)
{
    if (!interest->unit || !interest_names(interest, space))
        return false;
    must(unit_needs(engine, interest->unit, &interest->query));
    return needs_never_fit(&engine->needs) != NULL;
}

/* Ends those for which `ends` says so, the oldest first, each a unit. */
static void end_all(struct engine *engine, const struct space *space,
                    bool (*ends)(struct engine *, const struct interest *, const struct space *),
                    const struct problem *problem)
{
    uint32_t count;
    struct interest **list = interests_collect(engine, ends, space, &count);
    for (uint32_t i = 0; i < count; i++) {
        unit_begin(engine);
        answer_wait_refused(engine, list[i], problem);
        interest_free(engine, list[i]);
    }
    mem_free(list);
}

/* Waiting units that can never fit any more are told so (rule S30). */
static void end_unfit(struct engine *engine, const struct space *space)
{
    struct problem problem;
    op_never_fits(&problem, space);
    end_all(engine, space, never_fits, &problem);
}

static bool loses_right(struct engine *engine, const struct interest *interest,
                        const struct space *space)
{
    return !access_may_wait(engine, interest, space);
}

/* Who waits with a right that he has no more. */
static void end_denied(struct engine *engine, const struct space *space)
{
    struct problem problem;
    problem_set(&problem, TS_DENIED, 0, "the space's owner, group or mode was changed");
    end_all(engine, space, loses_right, &problem);
}

void op_space(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct space *space = access_find(engine, asker, &request->space);
    const bool made = !space;
    if (request->has & TSD_HAS(EXISTING) && request->existing && made) {
        answer(engine, asker, asker->since, TS_NOMATCH);
        return;
    }
    space = engine_make_space(engine, &request->space, asker->session->owner);
    if (!space || set_attributes(engine, asker, space, request) < 0) {
        if (space)
            engine_space_left(engine, space);
        answer_no_memory(engine, asker);
        return;
    }
    answer(engine, asker, asker->since, TS_OK);
    if (request->has & TSD_HAS(CAPACITY))
        end_unfit(engine, space);
    if (made)
        interests_hide(engine, space);
    else if (request->has & (TSD_HAS(OWNER) | TSD_HAS(GROUP) | TSD_HAS(MODE)))
        end_denied(engine, space);
}

/* ---- remove ---- */

static bool names(struct engine *engine, const struct interest *interest, const struct space *space)
{
    (void)engine;
    return interest_names(interest, space);
}

static void end_requests(struct engine *engine, const struct space *space)
{
    struct problem problem;
    problem_set(&problem, TS_REMOVED, 0, "the space was removed");
    end_all(engine, space, names, &problem);
}

static bool claims(struct engine *engine, const struct interest *interest,
                   const struct space *space)
{
    (void)engine;
    for (uint32_t i = 0; interest->unit && i < interest->unit->claim_count; i++)
        if (interest->unit->claims[i].hold->space == space)
            return true;
    return false;
}

/* Who waits to finish what is held in the space is too late (rule S14). */
static void end_claims(struct engine *engine, const struct space *space)
{
    uint32_t count;
    struct interest **list = interests_collect(engine, claims, space, &count);
    for (uint32_t i = 0; i < count; i++)
        settle_late(engine, list[i]);
    mem_free(list);
}

void op_remove(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct space *space = access_find(engine, asker, &request->space);
    struct problem problem;
    if (!space) {
        answer(engine, asker, asker->since, TS_NOMATCH);
        return;
    }
    if (!space_unused(space) && !request->force) {
        problem_set(&problem, TS_INVALID, 0,
                    "the space is in use: %llu tuples, %llu waiting requests, %llu watches",
                    (unsigned long long)space->tuples + space->kept + space->delayed,
                    (unsigned long long)space->waiting, (unsigned long long)space->watches);
        answer_refused(engine, asker, &problem);
        return;
    }
    end_requests(engine, space);
    end_claims(engine, space);
    gone_begin(engine, space);
    answer(engine, asker, asker->since, TS_OK);
}
