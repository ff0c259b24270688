/* SPDX-License-Identifier: MIT */
#include "tsctl/connect.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "protocol/name_check.h"
#include "tsctl/clock.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/memory.h"

#define SYSTEM_SOCKET "/run/tsd/socket"
#define RETRY_MS 20

static const char *from_environment(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* How to get a daemon at that path, which the user named or which is left of one that died. */
static void advise_there(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = memory_printf("%.*s", slash != NULL ? (int)(slash - path) : 0, path);
    bool make = directory[0] != '\0' && access(directory, F_OK) != 0;
    complain_hint("start one there: %s%s%stsd --socket %s", make ? "mkdir -p " : "",
                  make ? directory : "", make ? " && " : "", path);
    free(directory);
}

/* The same where nobody named a path: which daemon would serve one that tsctl looks for. */
static void advise_usual(const char *user)
{
    if (geteuid() == 0) {
        complain_hint("start one: tsd, or systemctl start tsd.socket");
    } else if (user != NULL && user[0] == '/') {
        complain_hint("start your own: tsd, or systemctl --user start tsd.socket");
    } else {
        complain_hint("start the host's: systemctl start tsd.socket");
        complain_hint("or your own: tsd --socket PATH, and TSD_SOCKET=PATH for tsctl");
    }
}

static void complain_no_daemon(const struct call *call, const char *path)
{
    const char *user = from_environment("XDG_RUNTIME_DIR");
    bool chosen = call->options.socket != NULL || from_environment("TSD_SOCKET") != NULL;
    bool usual = !chosen && strcmp(path, SYSTEM_SOCKET) == 0;
    if (usual && user != NULL)
        complain("no daemon at %s/tsd/socket (nor %s)", user, SYSTEM_SOCKET);
    else
        complain("no daemon at %s", path);
    if (usual)
        advise_usual(user);
    else if (!chosen && geteuid() != 0 && user != NULL && user[0] == '/')
        complain_hint("start your own: tsd, or systemctl --user start tsd.socket");
    else
        advise_there(path);
    complain_hint("or a private one for one program: tsctl run -- sh");
}

static ts_client *connect_once(const struct call *call)
{
    const char *space = call->options.space;
    if (space == NULL)
        space = from_environment("TSD_SPACE");
    ts_options options = {.name = "tsctl", .space = space};
    ts_client *client = ts_connect(call->options.socket, &options);
    memory_check(client != NULL);
    return client;
}

static bool is_space_good(const struct call *call)
{
    const char *space = from_environment("TSD_SPACE");
    struct problem problem;
    if (call->options.space != NULL || space == NULL ||
        name_check((const uint8_t *)space, strlen(space), "space", &problem) == 0)
        return true;
    complain("$TSD_SPACE: %s", problem.text);
    return false;
}

ts_client *connect_daemon(const struct call *call, int *exit_status)
{
    *exit_status = EXIT_USAGE;
    if (!is_space_good(call))
        return NULL;
    uint64_t begun_us = clock_now_us();
    for (;;) {
        ts_client *client = connect_once(call);
        ts_status status = ts_client_status(client);
        if (status == TS_OK)
            return client;
        if (status != TS_NO_DAEMON || clock_now_us() - begun_us >= call->options.wait_us) {
            *exit_status = connect_exit(call, client, status);
            ts_disconnect(client);
            return NULL;
        }
        ts_disconnect(client);
        nanosleep(&(struct timespec){.tv_nsec = RETRY_MS * 1000000}, NULL);
    }
}

/* The table's hints that are of use to somebody who typed a command. */
static const char *hint_of(ts_status status)
{
    switch (status) {
    case TS_MALFORMED:
    case TS_LIMIT:
    case TS_INVALID:
    case TS_PROTOCOL:
        return "";
    default:
        return ts_status_hint(status);
    }
}

int connect_exit_text(const struct call *call, const ts_client *client, ts_status status,
                      const char *text)
{
    switch (status) {
    case TS_OK:
    case TS_NOMATCH:
    case TS_TIMEOUT:
        break;
    case TS_NO_DAEMON:
        complain_no_daemon(call, ts_client_path(client));
        break;
    default:
        complain("%s", text);
        if (hint_of(status)[0] != '\0')
            complain_hint("%s", hint_of(status));
    }
    return exit_of(status);
}

int connect_exit(const struct call *call, const ts_client *client, ts_status status)
{
    return connect_exit_text(call, client, status, ts_error_text(client));
}
