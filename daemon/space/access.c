/* SPDX-License-Identifier: MIT */
#include "space/access.h"

#include <string.h>

#include "base/alloc.h"
#include "space/answer.h"
#include "space/interest.h"
#include "space/key.h"
#include "space/owner.h"
#include "space/state.h"
#include "space/unit.h"

/* ---- Whose it is ---- */

static bool is_member(const struct owner *who, uint32_t group)
{
    for (uint32_t i = 0; i < who->group_count; i++)
        if (who->groups[i] == group)
            return true;
    return false;
}

unsigned access_rights(const struct access *access, const struct owner *who)
{
    if (who->administrator)
        return RIGHTS_ALL;
    if (who->user == access->owner)
        return access->mode >> 6 & RIGHTS_ALL;
    return (is_member(who, access->group) ? access->mode >> 3 : access->mode) & RIGHTS_ALL;
}

/* Whether there is the space for whoever this is. */
static bool is_seen(const struct access *access, const struct owner *who)
{
    return who->user == access->owner || access_rights(access, who) != 0;
}

static bool rule_fits(const struct rule *rule, const struct span *name)
{
    return (rule->prefix ? rule->name.size <= name->size : rule->name.size == name->size) &&
           memcmp(rule->name.bytes, name->bytes, rule->name.size) == 0;
}

/* That of exactly this name, else of the longest prefix; NULL: none. */
static const struct rule *rule_find(const struct engine *engine, const struct span *name)
{
    const struct rule *best = NULL;
    for (uint32_t i = 0; i < engine->rule_count; i++) {
        const struct rule *rule = &engine->rules[i];
        if (!rule_fits(rule, name))
            continue;
        if (!rule->prefix)
            return rule;
        if (!best || rule->name.size > best->name.size)
            best = rule;
    }
    return best;
}

struct access access_of_new(const struct engine *engine, const struct span *name,
                            const struct owner *creator)
{
    const struct rule *rule = rule_find(engine, name);
    struct access access = {
        .owner = creator->user,
        .group = creator->group_count > 0 ? creator->groups[0] : UINT32_MAX,
        .mode = MODE_DEFAULT,
    };
    if (rule && rule->has_owner)
        access.owner = rule->owner;
    if (rule && rule->has_group)
        access.group = rule->group;
    if (rule && rule->has_mode)
        access.mode = rule->mode;
    return access;
}

/* That of the space, or what it would be: both are looked at, so that the time tells neither. */
static struct access access_of(struct engine *engine, const struct owner *who,
                               const struct span *name)
{
    const struct access would_be = access_of_new(engine, name, who);
    const struct space *space = engine_look_up_space(engine, name);
    return space && space_listed(space) ? space->access : would_be;
}

bool access_may_write(struct engine *engine, const struct owner *who, const struct span *name)
{
    const struct access access = access_of(engine, who, name);
    return access_rights(&access, who) & RIGHT_WRITE;
}

static const struct owner *who_asks(const struct engine *engine, const struct session *session)
{
    return owner_at(&engine->owners, session->owner);
}

bool access_sees(const struct engine *engine, const struct asker *asker, const struct space *space)
{
    return is_seen(&space->access, who_asks(engine, asker->session));
}

/* What it may not see is looked up as what is not there is, and leaves no trace. */
static struct space *find_seen(struct engine *engine, const struct owner *who,
                               const struct span *name)
{
    struct space *space = engine_asked(engine, name);
    if (space)
        return space;
    space = engine->last_space;
    if (!space || !is_seen(&space->access, who) || space->name_size != name->size ||
        memcmp(space->name, name->bytes, name->size) != 0)
        space = engine_look_up_space(engine, name);
    if (!space || !is_seen(&space->access, who))
        return NULL;
    engine->last_space = space;
    if (!space_listed(space))
        return NULL;
    engine->asked.space = space;
    engine->asked.bytes = name->bytes;
    return space;
}

struct space *access_find(struct engine *engine, const struct asker *asker, const struct span *name)
{
    return find_seen(engine, who_asks(engine, asker->session), name);
}

/* ---- What a request needs ---- */

struct needing {
    struct engine *engine;
    const struct owner *who;
    const struct request *request;
    struct problem *problem;
};

static int refuse(const struct needing *needing, const struct span *name, const char *why)
{
    return problem_set(needing->problem, TS_DENIED, 0, "permission denied for space %.*s: %s",
                       (int)name->size, (const char *)name->bytes, why);
}

/* A space that it does not see is refused as one that it would not see is (rule S31), whatever else. */
static int refuse_use(const struct needing *needing, const struct span *name,
                      const struct access *access, const char *why)
{
    return refuse(needing, name,
                  is_seen(access, needing->who) ? why : "it is, or would be, another's");
}

static int refuse_right(const struct needing *needing, const struct span *name,
                        const struct access *access, unsigned right)
{
    return refuse_use(needing, name, access,
                      right == RIGHT_TAKE    ? "its mode gives no right to take"
                      : right == RIGHT_WRITE ? "its mode gives no right to write"
                                             : "its mode gives no right to read");
}

/* Where it is not there: whether there may be one more of its user. */
static int need_new(const struct needing *needing)
{
    return account_check(needing->engine, needing->who->account, QUOTA_SPACES, 1, needing->problem);
}

/*
 * A right in a space, 0 for that it be seen. What is not seen, or is not there, is nothing to a request
 * that does not make it (rule S31); `makes`: one that does is refused where it is, or would be, without
 * that right.
 */
static int need(const struct needing *needing, const struct span *name, unsigned right, bool makes)
{
    const struct space *space = find_seen(needing->engine, needing->who, name);
    const struct access access = space   ? space->access
                                 : makes ? access_of(needing->engine, needing->who, name)
                                         : (struct access){0};
    if (!space && !makes)
        return 0;
    if (!is_seen(&access, needing->who) || (access_rights(&access, needing->who) & right) != right)
        return refuse_right(needing, name, &access, right);
    return space ? 0 : need_new(needing);
}

static int need_parts(const struct needing *needing, unsigned right, bool makes)
{
    const struct request *request = needing->request;
    int result = 0;
    for (uint32_t i = 0; i < request->alternative_count && result == 0; i++)
        result = need(needing, &request->alternatives[i].space, right, makes);
    return result;
}

static int need_atomic(const struct needing *needing)
{
    const struct request *request = needing->request;
    const bool waits = interest_may_wait(request), keyed = request->has & TSD_HAS(KEY);
    const uint8_t *at = request->body.bytes;
    int result = 0;
    for (uint32_t i = 0; i < request->alternative_count && result == 0; i++)
        result = need(needing, &request->alternatives[i].space,
                      access_right_of(request->op, request->guards[i].kind), waits);
    for (uint32_t i = 0; i < request->body_count && result == 0; i++) {
        const struct step step = step_next(&at, &request->space);
        if (step.kind == TSD_STEP_OUT)
            result = need(needing, &step.space, RIGHT_WRITE, true);
    }
    if (result == 0 && (waits || keyed)) /* it is made even if no part is in it */
        result = need(needing, &request->space, keyed ? RIGHT_WRITE : 0, true);
    return result;
}

static int need_two(const struct needing *needing, unsigned right)
{
    const struct request *request = needing->request;
    int result = need_parts(needing, right, false);
    if (result == 0 && request->has & TSD_HAS(TO))
        result = need(needing, &request->to, RIGHT_WRITE, true);
    return result;
}

/* What only its owner may do; `makes` as in need. */
static int need_owner(const struct needing *needing, bool makes)
{
    const struct span *name = &needing->request->space;
    const struct space *space = find_seen(needing->engine, needing->who, name);
    if (!space && !makes)
        return 0;
    const struct access access =
        space ? space->access : access_of(needing->engine, needing->who, name);
    if (needing->who->administrator || access.owner == needing->who->user)
        return 0;
    return refuse_use(needing, name, &access, "only its owner may do that");
}

static int need_space(const struct needing *needing)
{
    const struct request *request = needing->request;
    const bool existing = request->has & TSD_HAS(EXISTING) && request->existing;
    if (existing && !find_seen(needing->engine, needing->who, &request->space))
        return 0;
    if (need_owner(needing, !existing) < 0 ||
        (!find_seen(needing->engine, needing->who, &request->space) && need_new(needing) < 0))
        return -1;
    if (needing->who->administrator)
        return 0;
    if (request->has & TSD_HAS(OWNER) && request->owner != needing->who->user)
        return refuse(needing, &request->space, "only an administrator may give it away");
    if (request->has & TSD_HAS(GROUP) && !is_member(needing->who, request->group))
        return refuse(needing, &request->space, "you are not a member of that group");
    if (request->has & TSD_HAS(DEAD_LETTER) && request->dead_letter.size > 0) /* rule S32 */
        return need(needing, &request->dead_letter, RIGHT_WRITE, true);
    return 0;
}

static int check(const struct needing *needing)
{
    const struct request *request = needing->request;
    switch (request->op) {
    case TSD_OP_OUT:
    case TSD_OP_WILL: /* rule S32 */
        return need(needing, &request->space, RIGHT_WRITE, true);
    case TSD_OP_FINISH:
        if (request->tuple_count == 0 && !(request->has & TSD_HAS(KEY)))
            return 0;
        return need(needing, &request->space, RIGHT_WRITE, true);
    case TSD_OP_IN:
    case TSD_OP_HOLD:
        return need_parts(needing, RIGHT_TAKE, interest_may_wait(request));
    case TSD_OP_RD:
        return need_parts(needing, RIGHT_READ, interest_may_wait(request));
    case TSD_OP_WATCH:
        return need_parts(needing, RIGHT_READ, true);
    case TSD_OP_COUNT:
    case TSD_OP_SCAN:
    case TSD_OP_EXPLAIN:
    case TSD_OP_DRAINED: /* rule S32 */
        return need_parts(needing, RIGHT_READ, false);
    case TSD_OP_ATOMIC:
        return need_atomic(needing);
    case TSD_OP_COLLECT:
        return need_two(needing, RIGHT_TAKE);
    case TSD_OP_COPY:
        return need_two(needing, RIGHT_READ);
    case TSD_OP_SPACE:
        return need_space(needing);
    case TSD_OP_REMOVE:
        return need_owner(needing, false);
    default:
        return 0;
    }
}

int access_check(struct engine *engine, const struct asker *asker, const struct request *request,
                 struct problem *problem)
{
    const struct needing needing = {engine, who_asks(engine, asker->session), request, problem};
    return check(&needing);
}

/* ---- What waits ---- */

unsigned access_right_of(enum tsd_operation op, enum tsd_guard kind)
{
    switch (op) {
    case TSD_OP_IN:
    case TSD_OP_HOLD:
    case TSD_OP_COLLECT:
        return RIGHT_TAKE;
    case TSD_OP_ATOMIC:
        return kind == TSD_GUARD_IN || kind == TSD_GUARD_HOLD ? RIGHT_TAKE : RIGHT_READ;
    default:
        return RIGHT_READ;
    }
}

bool access_allows(const struct engine *engine, const struct session *session,
                   const struct space *space, unsigned right)
{
    return (access_rights(&space->access, who_asks(engine, session)) & right) == right;
}

bool access_may_look(const struct engine *engine, const struct interest *interest, uint32_t part)
{
    const enum tsd_guard kind =
        interest->unit && interest->unit->guards ? interest->unit->guards[part].kind : TSD_GUARD_IN;
    return access_allows(engine, interest->session, interest->query.parts[part].space,
                         access_right_of(interest->op, kind));
}

bool access_may_wait(const struct engine *engine, const struct interest *interest,
                     const struct space *space)
{
    const struct span name = space_name(space);
    for (uint32_t i = 0; i < interest->query.part_count; i++)
        if (interest->query.parts[i].space == space && !access_may_look(engine, interest, i))
            return false;
    const bool writes = (interest->unit && unit_puts_into(interest->unit, &name)) ||
                        (interest->key && interest->key->space == space); /* rule S32 */
    return !writes || access_allows(engine, interest->session, space, RIGHT_WRITE);
}

/* ---- Rules ---- */

static size_t size_of(const struct engine_settings *settings)
{
    size_t size = settings->rule_count * sizeof(struct rule);
    for (uint32_t i = 0; i < settings->rule_count; i++)
        size += settings->rules[i].name.size;
    return size;
}

int access_set_rules(struct engine *engine, const struct engine_settings *settings)
{
    struct rule *rules = mem_alloc(size_of(settings));
    if (!rules)
        return -1;
    uint8_t *at = (uint8_t *)(rules + settings->rule_count);
    for (uint32_t i = 0; i < settings->rule_count; i++) {
        rules[i] = settings->rules[i];
        rules[i].name.bytes = memcpy(at, rules[i].name.bytes, rules[i].name.size);
        at += rules[i].name.size;
    }
    access_forget_rules(engine);
    engine->rules = rules;
    engine->rule_count = settings->rule_count;
    return 0;
}

void access_forget_rules(struct engine *engine)
{
    mem_free(engine->rules);
    engine->rules = NULL;
    engine->rule_count = 0;
}
