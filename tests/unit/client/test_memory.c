/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of the library fails once: the call says so, and nothing breaks or leaks.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>

#include "unit/client/fake.h"

static long left = -1; /* allocations until one fails; below 0: none does */

static bool fails(void)
{
    return left >= 0 && left-- == 0;
}

static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

void *malloc(size_t size)
{
    static void *(*real)(size_t);
    void *symbol;

    if (fails())
        return NULL;
    if (!real) {
        symbol = next("malloc");
        memcpy(&real, &symbol, sizeof(real));
    }
    return real(size);
}

void *realloc(void *block, size_t size)
{
    static void *(*real)(void *, size_t);
    void *symbol;

    if (fails())
        return NULL;
    if (!real) {
        symbol = next("realloc");
        memcpy(&real, &symbol, sizeof(real));
    }
    return real(block, size);
}

/* Looking for the real one may itself call calloc. */
void *calloc(size_t count, size_t size)
{
    static void *(*real)(size_t, size_t);
    static char first[1024];
    static bool looking;
    void *symbol;

    if (fails())
        return NULL;
    if (!real && looking)
        return count * size <= sizeof(first) ? first : NULL;
    if (!real) {
        looking = true;
        symbol = next("calloc");
        memcpy(&real, &symbol, sizeof(real));
    }
    return real(count, size);
}

static bool done(ts_status status)
{
    return status == TS_OK;
}

static int callbacks;

static void called(ts_client *client, uint64_t number, ts_status status, const ts_result *result,
                   void *arg)
{
    (void)client, (void)number, (void)status, (void)result, (void)arg;
    callbacks++;
}

static int ends;

static void watched(ts_client *client, uint64_t number, ts_status status, const ts_event *event,
                    void *arg)
{
    (void)client, (void)number, (void)arg;
    ends += status != TS_OK;
    ck_assert((status == TS_OK) == (event != NULL));
}

/* Both kinds of watch. Returns how many with a callback were submitted. */
static int follow(ts_client *ts, bool *all)
{
    const ts_event *event;
    uint64_t number = 0;
    int submitted = done(ts_watch(ts, TS(TS_ANY), NULL, watched, NULL, NULL));

    *all &= submitted == 1;
    *all &= done(ts_watch(ts, TS(TS_ANY), NULL, NULL, NULL, &number));
    *all &= number && done(ts_watch_next(ts, number, 0, &event));
    *all &= done(ts_client_dispatch(ts));
    return submitted;
}

/* A bit of everything. Returns how many requests were submitted. */
static int use(ts_client *ts, bool *all)
{
    static const uint8_t pattern[] = {0x91, 0x91, 0x01}; /* [?] */
    const char *text;
    int submitted = 0;

    *all = ts_space(ts, "other") != NULL;
    submitted += done(ts_submit_in(ts, TS(TS_ANY), 1, called, NULL, NULL));
    *all &= submitted == 1;
    *all &= done(ts_rdp(ts, TS(&text)));
    *all &= done(ts_rdp(ts, ts_encoded(pattern, sizeof(pattern))));
    *all &= done(ts_client_dispatch(ts));
    return submitted;
}

START_TEST(the_nth_allocation_fails)
{
    bool all = false;
    long n;

    for (n = 0; !all; n++) {
        struct fake fake;

        fake_listen(&fake);
        callbacks = 0;
        left = n;
        fake.client = ts_connect(fake.path, NULL);
        left = -1;
        if (fake.client && ts_client_status(fake.client) == TS_OK) {
            int submitted;
            fake_accept(&fake);
            fake_welcome(&fake);
            answer_in(&fake, 1, "[\"a\"]", 1);
            answer_rd(&fake, 2, "[\"b\"]");
            answer_rd(&fake, 3, "[\"c\"]");
            left = n;
            submitted = use(fake.client, &all);
            left = -1;
            fake_hang_up(&fake);
            ts_disconnect(fake.client);
            fake.client = NULL;
            ck_assert_int_eq(callbacks, submitted);
        } else if (fake.client) {
            is(ts_client_status(fake.client), TS_NO_MEMORY);
        }
        fake_end(&fake);
        ck_assert_int_lt(n, 1000);
    }
    ck_assert_int_gt(n, 8);
}
END_TEST

START_TEST(the_nth_allocation_of_a_watch_fails)
{
    bool all = false;
    long n;

    for (n = 0; !all; n++) {
        struct fake fake;
        int submitted;

        ends = 0;
        all = true;
        fake_start(&fake, NULL);
        answer_event(&fake, 1, TSD_EVENT_PUT, "[1]");
        answer_event(&fake, 2, TSD_EVENT_PUT, "[2]");
        left = n;
        submitted = follow(fake.client, &all);
        left = -1;
        fake_hang_up(&fake);
        ts_disconnect(fake.client);
        fake.client = NULL;
        ck_assert_int_eq(ends, submitted);
        fake_end(&fake);
        ck_assert_int_lt(n, 1000);
    }
    ck_assert_int_gt(n, 6);
}
END_TEST

START_TEST(the_nth_allocation_of_a_unit_fails)
{
    bool all = false;
    long n;

    for (n = 0; !all; n++) {
        const struct item item = {
            .id = 1, .has = ITEM_HAS(PROGRAM), .program = {(const uint8_t *)"worker", 6}};
        struct fake fake;
        const char *text = "";
        ts_status status;

        fake_start(&fake, NULL);
        answer_item(&fake, 1, "[\"a\"]", item, NULL);
        left = n;
        status = ts_atomic(fake.client, TS_GUARDS(ts_guard_in(TS(&text))),
                           TS_STEPS(ts_step_out(TS(ts_from(0, 0), "b"))), 1);
        left = -1;
        all = status == TS_OK;
        ck_assert(all || status == TS_NO_MEMORY);
        ck_assert_str_eq(text, all ? "a" : "");
        fake_end(&fake);
        ck_assert_int_lt(n, 1000);
    }
    ck_assert_int_gt(n, 4);
}
END_TEST

RUN_TESTS("client/memory", the_nth_allocation_fails, the_nth_allocation_of_a_watch_fails,
          the_nth_allocation_of_a_unit_fails)
