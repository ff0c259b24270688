/* SPDX-License-Identifier: MIT */
#include "server/inspect.h"

#include <stdlib.h>

#include "base/must.h"
#include "protocol/reply.h"

#define PAGE_ROWS 4096 /* of an answer: none has more than a few hundred bytes */

/* Numbers greater than one, the least first. */
struct page {
    uint64_t *list;
    uint32_t count, capacity;
    uint64_t beyond;
    bool all; /* there is no bound */
};

static struct page page_of(const struct request *request)
{
    return (struct page){.beyond = request->beyond, .all = !(request->has & TSD_HAS(BEYOND))};
}

static void page_add(struct page *page, uint64_t number)
{
    if (!page->all && number <= page->beyond)
        return;
    if (page->count == page->capacity)
        page->list = must_grow(page->list, &page->capacity, sizeof(uint64_t));
    page->list[page->count++] = number;
}

static int by_number(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

    return (one > other) - (one < other);
}

static void write_row(struct connection *asking, const struct engine *engine, uint64_t number,
                      void (*row)(struct connection *, const struct engine *, uint64_t))
{
    msgpack_packer packer = buffer_packer(&asking->outbox.copied);

    msgpack_pack_array(&packer, 2);
    msgpack_pack_uint64(&packer, number);
    row(asking, engine, number);
}

static void page_write(struct page *page, struct connection *asking, const struct engine *engine,
                       uint64_t request,
                       void (*row)(struct connection *, const struct engine *, uint64_t))
{
    struct buffer *out = &asking->outbox.copied;
    struct reply_extras extras = {.has = REPLY_HAS(MORE), .more = true};
    bool more = page->count > PAGE_ROWS;
    uint32_t count = more ? PAGE_ROWS : page->count;
    size_t begun = frame_begin(out);

    if (page->count > 0)
        qsort(page->list, page->count, sizeof(uint64_t), by_number);
    reply_begin(out, request, TS_OK, more);
    reply_array(out, count);
    for (uint32_t i = 0; i < count; i++)
        write_row(asking, engine, page->list[i], row);
    reply_end(out, more ? &extras : NULL);
    frame_end(out, begun);
    mem_free(page->list);
    connection_dirty(asking);
}

/* ---- Clients ---- */

/* Not those that are on their way out. */
static bool may_see(const struct connection *asking, const struct connection *connection)
{
    return (asking->administrator || asking->peer.uid == connection->peer.uid) &&
           connection->state <= CONNECTION_OPEN && connection->end < END_ERROR;
}

struct connection *inspect_find(const struct connection *asking, uint64_t client)
{
    struct connection *connection = connections_find(asking->connections, client);

    return connection && may_see(asking, connection) ? connection : NULL;
}

static uint64_t since_us(const struct connection *connection, uint64_t then_ns)
{
    return (clock_now(connection->connections->clock) - then_ns) / 1000;
}

static void pack_pair(msgpack_packer *packer, enum tsd_client key, uint64_t value)
{
    msgpack_pack_uint32(packer, key);
    msgpack_pack_uint64(packer, value);
}

static void pack_flag(msgpack_packer *packer, enum tsd_client key, bool value)
{
    msgpack_pack_uint32(packer, key);
    (void)(value ? msgpack_pack_true(packer) : msgpack_pack_false(packer));
}

static void client_row(struct connection *asking, const struct engine *engine, uint64_t number)
{
    const struct connection *client = connections_find(asking->connections, number);
    struct engine_session session = {0};
    msgpack_packer packer = buffer_packer(&asking->outbox.copied);

    if (client->known)
        engine_session(engine, number, &session);
    msgpack_pack_map(&packer, TSD_CLIENT_END - 1);
    pack_pair(&packer, TSD_CLIENT_USER, client->peer.uid);
    pack_pair(&packer, TSD_CLIENT_GROUP, client->peer.gid);
    pack_pair(&packer, TSD_CLIENT_PROCESS, (uint64_t)client->peer.pid);
    msgpack_pack_uint32(&packer, TSD_CLIENT_NAME);
    buffer_pack_str(&asking->outbox.copied, session.program.bytes, session.program.size);
    pack_pair(&packer, TSD_CLIENT_AGE, since_us(client, client->came_ns));
    pack_pair(&packer, TSD_CLIENT_IDLE, since_us(client, client->heard_ns));
    pack_pair(&packer, TSD_CLIENT_REQUESTS, session.requests);
    pack_pair(&packer, TSD_CLIENT_WATCHES, session.watches);
    pack_pair(&packer, TSD_CLIENT_KEPT, session.kept);
    pack_pair(&packer, TSD_CLIENT_WILL, session.will_tuples);
    pack_pair(&packer, TSD_CLIENT_UNREAD, outbox_unread(&client->outbox));
    pack_pair(&packer, TSD_CLIENT_UNFINISHED, client->inbox.charge.amount);
    pack_flag(&packer, TSD_CLIENT_STUCK, client->paused || client->blocked);
    pack_flag(&packer, TSD_CLIENT_OWN, client == asking);
}

void inspect_clients(struct connection *asking, const struct engine *engine,
                     const struct request *request)
{
    struct page page = page_of(request);
    struct table_node *node = NULL;

    while ((node = table_walk(&asking->connections->by_id, node))) {
        const struct connection *client = container_of(node, struct connection, by_id);

        if (may_see(asking, client))
            page_add(&page, client->id);
    }
    page_write(&page, asking, engine, request->number, client_row);
}

/* ---- Users ---- */

static void pack_usage(msgpack_packer *packer, enum tsd_usage key, uint64_t used, uint64_t limit)
{
    msgpack_pack_uint32(packer, key);
    msgpack_pack_array(packer, 2);
    msgpack_pack_uint64(packer, used);
    msgpack_pack_uint64(packer, limit);
}

/* What the server charges for; nobody who has no client has any of it. */
static void pack_slot(msgpack_packer *packer, enum tsd_usage key, const struct users *users,
                      uint64_t uid, enum slot slot)
{
    const struct user *user = user_find(users, (uid_t)uid);

    pack_usage(packer, key, user ? user->used[slot] : 0, users->limits[slot]);
}

static void user_row(struct connection *asking, const struct engine *engine, uint64_t uid)
{
    static const struct {
        enum tsd_usage key;
        enum quota quota;
    } quotas[] = {
        {TSD_USAGE_REQUESTS, QUOTA_REQUESTS}, {TSD_USAGE_INTERESTS, QUOTA_INTERESTS},
        {TSD_USAGE_WAITING, QUOTA_WAITING},   {TSD_USAGE_WATCHES, QUOTA_WATCHES},
        {TSD_USAGE_KEYS, QUOTA_KEYS},         {TSD_USAGE_TUPLES, QUOTA_TUPLES},
        {TSD_USAGE_BYTES, QUOTA_BYTES},       {TSD_USAGE_WILLS, QUOTA_WILLS},
        {TSD_USAGE_SPACES, QUOTA_SPACES},
    };
    const struct users *users = asking->user->users;
    msgpack_packer packer = buffer_packer(&asking->outbox.copied);

    msgpack_pack_map(&packer, TSD_USAGE_END - 1);
    pack_slot(&packer, TSD_USAGE_CONNECTIONS, users, uid, SLOT_CONNECTIONS);
    for (size_t i = 0; i < sizeof(quotas) / sizeof(quotas[0]); i++) {
        const struct engine_usage usage = engine_usage(engine, (uint32_t)uid, quotas[i].quota);

        pack_usage(&packer, quotas[i].key, usage.used, usage.limit);
    }
    pack_slot(&packer, TSD_USAGE_UNREAD, users, uid, SLOT_UNREAD);
    pack_slot(&packer, TSD_USAGE_UNFINISHED, users, uid, SLOT_UNFINISHED);
}

/* Users of whose clients none has sent its opening: the engine does not know them. */
static void add_unopened(struct page *page, const struct connection *asking,
                         const struct engine *engine)
{
    struct table_node *node = NULL;

    while ((node = table_walk(&asking->user->users->by_uid, node))) {
        uint32_t uid = container_of(node, struct user, by_uid)->uid, found = uid;

        if (asking->administrator && !(engine_user_from(engine, &found) && found == uid))
            page_add(page, uid);
    }
}

void inspect_users(struct connection *asking, const struct engine *engine,
                   const struct request *request)
{
    struct page page = page_of(request);
    uint32_t uid = 0;

    for (bool more = engine_user_from(engine, &uid); more;
         more = uid < UINT32_MAX && (uid++, engine_user_from(engine, &uid)))
        if (asking->administrator || asking->peer.uid == uid)
            page_add(&page, uid);
    add_unopened(&page, asking, engine);
    page_write(&page, asking, engine, request->number, user_row);
}
