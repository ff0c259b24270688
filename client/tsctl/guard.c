/* SPDX-License-Identifier: MIT */
#include "tsctl/guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tsctl/child.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"

struct guard {
    ts_client *client;
    pid_t command;
    int signals; /* a signalfd */
    bool lost;   /* the connection, and the hold with it */
};

/* Passes on what came. Returns whether the command has ended: *status. */
static bool take_signals(const struct guard *guard, int *status)
{
    struct signalfd_siginfo info;
    while (read(guard->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
        child_pass_on(guard->command, (int)info.ssi_signo, info.ssi_code);
    return waitpid(guard->command, status, WNOHANG) == guard->command;
}

/* The daemon has nothing to say: what comes is the end of the connection. */
static void look_after_hold(struct guard *guard)
{
    if (guard->lost || ts_client_dispatch(guard->client) == TS_OK)
        return;
    guard->lost = true;
    complain("hold: the tuple is held no longer, the command gets a SIGTERM: %s",
             ts_error_text(guard->client));
    kill(guard->command, SIGTERM);
}

static int wait_for_command(struct guard *guard)
{
    int status;
    while (!take_signals(guard, &status)) {
        struct pollfd list[] = {
            {.fd = guard->signals, .events = POLLIN},
            {.fd = guard->lost ? -1 : ts_client_fd(guard->client), .events = POLLIN},
        };
        (void)poll(list, 2, guard->lost ? -1 : ts_client_poll_timeout(guard->client));
        look_after_hold(guard);
    }
    return status;
}

static ts_status give_back(ts_client *client, const ts_token *token, bool finish, int status)
{
    if (finish && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return ts_finish(client, token, 1, NULL, 0);
    ts_request request = {
        .operation = TSD_OP_RELEASE,
        .tokens = token,
        .token_count = 1,
        .untried = !finish,
        .has_exit = finish,
        .exit_status =
            WIFEXITED(status) ? (uint32_t)WEXITSTATUS(status) : 256 + (uint32_t)WTERMSIG(status),
    };
    return ts_call(client, &request);
}

/* Returns whether the tuple was the command's until its end. */
static bool settle(struct guard *guard, const ts_token *token, bool finish, int status)
{
    if (guard->lost)
        return false;
    ts_status settled = give_back(guard->client, token, finish, status);
    if (settled != TS_OK)
        complain("hold: %s", ts_error_text(guard->client));
    return settled == TS_OK;
}

/* Starts the command; -1 after it has complained. */
static pid_t start(ts_client *client, char *const *words, const uint8_t *tuple,
                   const sigset_t *mask)
{
    struct child child = {
        .command = "hold",
        .words = child_words("hold", words, tuple),
        .tuple = tuple,
        .socket = ts_client_path(client),
        .mask = mask,
        .fds = {-1, -1, -1},
    };
    if (child.words == NULL)
        return -1;
    pid_t command = child_start(&child);
    if (command < 0)
        complain("hold: cannot start %s: %s", words[0], strerror(errno));
    child_words_free(child.words);
    return command;
}

int guard_run(ts_client *client, char *const *words, bool finish)
{
    const ts_tuple *tuple = ts_tuple_at(ts_last(client), 0);
    const ts_token token = tuple->token;
    sigset_t waited, before;
    child_block_signals(&waited, &before);
    struct guard guard = {.client = client,
                          .signals = signalfd(-1, &waited, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (guard.signals < 0)
        complain("hold: cannot wait for signals: %s", strerror(errno));
    else
        guard.command = start(client, words, tuple->bytes, &before);
    const bool started = guard.signals >= 0 && guard.command > 0;
    int status = started ? wait_for_command(&guard) : 0;
    bool settled = settle(&guard, &token, finish && started, status);
    ts_disconnect(client);
    if (guard.signals >= 0)
        close(guard.signals);
    if (started && settled)
        return child_exit(status, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return EXIT_RUN_FAILED;
}
