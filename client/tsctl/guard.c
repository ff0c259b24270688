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
#include "tsctl/minder.h"

struct guard {
    ts_client *client;
    struct minder minder;
    int signals; /* a signalfd */
    bool lost;   /* the connection, and the hold with it */
};

/* Passes on what came. */
static void take_signals(const struct guard *guard)
{
    struct signalfd_siginfo info;
    while (read(guard->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
        child_pass_on(guard->minder.command, (int)info.ssi_signo, info.ssi_code);
}

/* The daemon has nothing to say: what comes is the end of the connection. */
static void look_after_hold(struct guard *guard)
{
    if (guard->lost || ts_client_dispatch(guard->client) == TS_OK)
        return;
    guard->lost = true;
    complain("hold: the tuple is held no longer, the command gets a SIGTERM: %s",
             ts_error_text(guard->client));
    kill(guard->minder.command, SIGTERM);
}

/* Its number is its own until minder_end. Returns its wait status. */
static int wait_for_command(struct guard *guard)
{
    int status;
    struct pollfd list[] = {
        {.fd = guard->minder.report, .events = POLLIN},
        {.fd = guard->signals, .events = POLLIN},
        {.events = POLLIN},
    };
    do {
        list[2].fd = guard->lost ? -1 : ts_client_fd(guard->client);
        (void)poll(list, 3, guard->lost ? -1 : ts_client_poll_timeout(guard->client));
        take_signals(guard);
        look_after_hold(guard);
    } while (list[0].revents == 0);
    if (!minder_status(&guard->minder, &status)) {
        complain("hold: what minds the command was killed: so is the command");
        kill(guard->minder.command, SIGKILL);
        status = SIGKILL;
    }
    minder_end(&guard->minder);
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

/* Starts the command; false after it has complained. */
static bool start(struct guard *guard, char *const *words, const uint8_t *tuple,
                  const sigset_t *mask)
{
    struct child child = {
        .command = "hold",
        .words = child_words("hold", words, tuple),
        .tuple = tuple,
        .socket = ts_client_path(guard->client),
        .mask = mask,
        .fds = {-1, -1, -1},
        .death_signal = SIGKILL,
    };
    if (child.words == NULL)
        return false;
    bool started = minder_start(&guard->minder, &child);
    if (!started)
        complain("hold: cannot start %s: %s", words[0], strerror(errno));
    child_words_free(child.words);
    return started;
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
    const bool started = guard.signals >= 0 && start(&guard, words, tuple->bytes, &before);
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
