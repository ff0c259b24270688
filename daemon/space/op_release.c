/* SPDX-License-Identifier: MIT */
#include "space/ahead.h"
#include "space/life.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/unit.h"

/* ---- release: holds and unacknowledged deliveries, all or none (rule S7) ---- */

/* One that is named twice is late, too. */
static int claim_kept(struct engine *engine, const struct asker *asker, struct unit *unit,
                      const struct token *token)
{
    if (!token->delivery)
        return unit_claim_one(engine, asker->session, unit, token);
    struct kept *kept = session_find_kept(asker->session, token);
    if (!kept || kept->tuple->flags & STORED_NAMED)
        return 1;
    kept->tuple->flags |= STORED_NAMED;
    return 0;
}

static void name_kept(const struct asker *asker, const struct request *request)
{
    const uint8_t *at = request->tokens.bytes;
    for (uint32_t i = 0; i < request->token_count; i++) {
        const struct token token = token_next(&at);
        struct kept *kept = token.delivery ? session_find_kept(asker->session, &token) : NULL;
        if (kept)
            kept->tuple->flags &= (uint32_t)~STORED_NAMED;
    }
}

/* The holds after this one. */
static void ask_for_held(const struct unit *unit, uint32_t index)
{
    for (unsigned stage = AHEAD_STAGES;
         stage-- > 0 && ahead_at(index, stage) < unit->claim_count;) {
        const struct hold *hold = unit->claims[ahead_at(index, stage)].hold;
        ahead_ask(hold->space, hold->tuple, stage);
    }
}

/* Those that were delivered after the one found last: mostly they come next. */
static void ask_for_kept(const struct session *session)
{
    for (unsigned stage = AHEAD_STAGES; stage-- > 0;) {
        const uint32_t at = ahead_at(session->kept_found, stage);
        const struct kept *kept = at < session->kept_count ? session_kept(session, at) : NULL;
        if (kept && kept->tuple)
            ahead_ask(kept->space, kept->tuple, stage);
    }
}

static void give_back(struct engine *engine, const struct asker *asker,
                      const struct request *request, const struct unit *unit)
{
    uint32_t held = 0;
    const struct coming_back why = {
        .reason = TSD_REASON_RELEASED,
        .exit_status = request->has & TSD_HAS(EXIT) ? request->exit_status : UINT32_MAX,
        .counted = !(request->has & TSD_HAS(UNTRIED) && request->untried),
        .delay_us = request->has & TSD_HAS(DELAY) ? request->putting.delay_us : 0};
    const uint8_t *at = request->tokens.bytes;
    for (uint32_t i = 0; i < request->token_count; i++) {
        const struct token token = token_next(&at);
        if (token.delivery) {
            struct kept *kept = session_find_kept(asker->session, &token);
            ask_for_kept(asker->session);
            session_release(engine, asker->session, kept, &why);
            continue;
        }
        ask_for_held(unit, held++);
        hold_give_back(engine, hold_find(engine, asker->session, &token), &why);
    }
}

void op_release(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    const uint8_t *at = request->tokens.bytes;
    struct unit unit = {.claim_count = 0};
    int claimed = 0;
    for (uint32_t i = 0; i < request->token_count && claimed == 0; i++) {
        const struct token token = token_next(&at);
        claimed = claim_kept(engine, asker, &unit, &token);
    }
    unit_name(&unit, false);
    name_kept(asker, request);
    if (claimed != 0) {
        op_not_claimed(engine, asker, claimed);
        return;
    }
    give_back(engine, asker, request, &unit);
    answer(engine, asker, asker->since, TS_OK);
}

/* ---- renew: all or none (rule S14: after the end it is late) ---- */

void op_renew(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct unit unit = {.claim_count = 0};
    int claimed = unit_claim(engine, asker->session, &unit, &request->tokens, request->token_count);
    unit_name(&unit, false);
    if (claimed == 0)
        claimed = heap_reserve(&engine->timers, unit.claim_count);
    if (claimed != 0) {
        op_not_claimed(engine, asker, claimed);
        return;
    }
    for (uint32_t i = 0; i < unit.claim_count; i++)
        hold_renew(engine, unit.claims[i].hold, request->duration_us);
    answer(engine, asker, asker->since, TS_OK);
}
