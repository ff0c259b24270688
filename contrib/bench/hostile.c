/* SPDX-License-Identifier: MIT */
#include "contrib/bench/hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/tsclient.h"
#include "contrib/bench/check.h"
#include "contrib/bench/cycles.h"
#include "protocol/request.h"

#define WAITS 100000
#define WATCHES 100
#define LARGE (15u << 20)
#define READ_LARGE (8u << 10) /* of the tuple that is stored for those that do not read */
#define AT_ONCE 1000          /* requests in a write */
#define PAUSE_MS 30

/* ---- By hand ---- */

static struct buffer out;

static void add_plain(enum tsd_operation op)
{
    request_encode(&(struct request){.number = 1, .op = op}, &out);
}

/* Its pattern is [...] where it has one. */
static void add_matching(enum tsd_operation op, uint64_t number, const char *pattern, size_t size)
{
    struct request request = {
        .number = number, .op = op, .space = {(const uint8_t *)"bench", 5}, .alternative_count = 1};

    request.alternatives[0].pattern.bytes = (const uint8_t *)pattern;
    request.alternatives[0].pattern.size = (uint32_t)size;
    request_encode(&request, &out);
}

static void add_hello(void)
{
    hello_encode(&(struct hello){.version = TSD_PROTOCOL_VERSION}, &out);
}

static int connect_to(const struct server *server)
{
    const int fd = server_connect(server, 0);

    if (fd < 0)
        usleep(1000);
    return fd;
}

/* Connects and sends what is in `out`. */
static int come(const struct server *server)
{
    const int fd = connect_to(server);

    if (fd >= 0)
        (void)send(fd, out.bytes, out.size, MSG_NOSIGNAL);
    return fd;
}

/* Sends `out` again and again, and reads or not, until nothing goes for a while. */
static void flood(int fd, bool reads, const atomic_bool *over)
{
    static char bytes[1 << 16];
    size_t at = 0;

    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    while (!atomic_load(over)) {
        struct pollfd polled = {fd, (short)(POLLOUT | (reads ? POLLIN : 0)), 0};

        if (poll(&polled, 1, PAUSE_MS) <= 0 || (polled.revents & (POLLHUP | POLLERR)))
            return;
        if (polled.revents & POLLIN)
            (void)!recv(fd, bytes, sizeof bytes, 0);
        if (polled.revents & POLLOUT) {
            const ssize_t sent = send(fd, out.bytes + at, out.size - at, MSG_NOSIGNAL);
            at = sent > 0 ? (at + (size_t)sent) % out.size : at;
        }
    }
}

static void flood_again(const struct server *server, bool reads, const atomic_bool *over)
{
    struct buffer requests = out, hello = BUFFER_INIT;

    out = hello;
    add_hello();
    hello = out;
    while (!atomic_load(over)) {
        out = hello;
        const int fd = come(server);
        out = requests;
        flood(fd, reads, over);
        close(fd);
    }
}

static void read_no_answers(const struct server *server, void (*begin)(void),
                            const atomic_bool *over)
{
    for (int i = 0; i < AT_ONCE; i++) /* ["read", ?] */
        add_matching(TSD_OP_RD, 1, "\x92\x92\x00\xa4read\x91\x01", 10);
    begin();
    flood_again(server, false, over);
}

static void ask_small(const struct server *server, void (*begin)(void), const atomic_bool *over)
{
    for (int i = 0; i < AT_ONCE; i++)
        add_plain(TSD_OP_PING);
    begin();
    flood_again(server, true, over);
}

static void come_and_leave(const struct server *server, void (*begin)(void),
                           const atomic_bool *over)
{
    add_hello();
    begin();
    while (!atomic_load(over))
        close(come(server));
}

static void send_nonsense(const struct server *server, void (*begin)(void), const atomic_bool *over)
{
    char bytes[1024];

    add_hello();
    buffer_append(&out, "\xce\x00\x00\x00\x05\x93\x01\xcc\xc8\x00", 10);
    begin();
    while (!atomic_load(over)) {
        const int fd = come(server);
        while (fd >= 0 && recv(fd, bytes, sizeof bytes, 0) > 0)
            ;
        close(fd);
    }
}

static void finish_no_frame(const struct server *server, void (*begin)(void),
                            const atomic_bool *over)
{
    uint8_t *part = allocate(LARGE);

    add_hello();
    buffer_append(&out, part, LARGE);
    frame_write_head(out.bytes + out.size - LARGE, LARGE - FRAME_HEAD + 1);
    begin();
    while (!atomic_load(over))
        close(come(server));
    free(part);
}

static void read_no_events(const struct server *server, void (*begin)(void),
                           const atomic_bool *over)
{
    add_hello();
    for (uint64_t number = 1; number <= WATCHES; number++)
        add_matching(TSD_OP_WATCH, number, "\x91\x91\x02", 3);
    begin();
    while (!atomic_load(over)) {
        const int fd = come(server);
        poll(NULL, 0, PAUSE_MS);
        close(fd);
    }
}

/* ---- By the library ---- */

static void look_by(const struct server *server, void (*begin)(void), const atomic_bool *over,
                    const char *text)
{
    ts_client *client = cycles_connect(server);
    void *bytes;
    size_t size;

    cycles_must(client, ts_parse_pattern(text, strlen(text), NULL, &bytes, &size, NULL));
    begin();
    while (!atomic_load(over))
        (void)ts_inp(client, ts_encoded(bytes, size));
    free(bytes);
    ts_abandon(client);
}

static void backtrack(const struct server *server, void (*begin)(void), const atomic_bool *over)
{
    look_by(server, begin, over, "[?, ?, ?, /^([a-z ]+)+[^a-z ]$/]");
}

static void look_in_vain(const struct server *server, void (*begin)(void), const atomic_bool *over)
{
    look_by(server, begin, over, "[?, ?, ?, *\"none\"]");
}

static void count_all(const struct server *server, void (*begin)(void), const atomic_bool *over)
{
    ts_client *client = cycles_connect(server);
    uint64_t count;

    begin();
    while (!atomic_load(over))
        (void)ts_count(client, TS(TS_ANY, TS_ANY, TS_ANY, ts_suffix("none")), &count);
    ts_abandon(client);
}

static void scan_all(const struct server *server, void (*begin)(void), const atomic_bool *over)
{
    ts_client *client = cycles_connect(server);
    ts_cursor cursor = {0};

    begin();
    while (!atomic_load(over))
        if (ts_scan(client, TS(TS_REST), &cursor) != TS_OK)
            cursor = (ts_cursor){0};
    ts_abandon(client);
}

/* Half of them for what others put, but for the end. */
static void wait_for_much(const struct server *server, void (*begin)(void), const atomic_bool *over)
{
    ts_client *client = cycles_connect(server);

    for (int i = 0; i < WAITS; i++) {
        if (i % 2)
            (void)ts_submit_in(client, TS("none", i, TS_ANY), TS_FOREVER, NULL, NULL, NULL);
        else
            (void)ts_submit_in(client, TS(TS_ANY, TS_ANY, TS_ANY, TS_ANY, i), TS_FOREVER, NULL,
                               NULL, NULL);
    }
    (void)ts_ping(client);
    begin();
    while (!atomic_load(over))
        poll(NULL, 0, PAUSE_MS);
    ts_abandon(client);
}

static void put_large(const struct server *server, void (*begin)(void), const atomic_bool *over)
{
    ts_client *client = cycles_connect(server);
    uint8_t *large = allocate(LARGE);

    begin();
    while (!atomic_load(over)) {
        (void)ts_out(client, TS("huge", TS_BIN(large, LARGE)));
        (void)ts_inp(client, TS("huge", TS_ANY));
    }
    ts_disconnect(client);
    free(large);
}

void hostile_store(const struct server *server)
{
    ts_client *client = cycles_connect(server);
    uint8_t *bytes = allocate(READ_LARGE);

    cycles_must(client, ts_out(client, TS("read", TS_BIN(bytes, READ_LARGE))));
    free(bytes);
    ts_disconnect(client);
}

const struct hostile hostiles[] = {
    {"reads no answers, comes again", read_no_answers},
    {"floods with small requests", ask_small},
    {"connects and leaves", come_and_leave},
    {"sends a malformed frame, comes again", send_nonsense},
    {"sends 15 MiB of a frame, comes again", finish_no_frame},
    {"has 100 watches that it does not read", read_no_events},
    {"has 100,000 waits", wait_for_much},
    {"backtracks over all tuples", backtrack},
    {"looks by what no index serves", look_in_vain},
    {"counts all tuples", count_all},
    {"scans all tuples", scan_all},
    {"puts and takes a tuple of 15 MiB", put_large},
};
const unsigned hostile_count = sizeof hostiles / sizeof *hostiles;
