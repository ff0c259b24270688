/* SPDX-License-Identifier: MIT */
/*
 * tsctl: tuple spaces from a shell. Reads the command line, then runs the command that it names.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <tsclient.h>

#include "tsctl/color.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/help.h"

static int run(struct call *call)
{
    if (call->options.version) {
        (void)printf("tsctl %s\n", ts_version());
        return 0;
    }
    if (call->options.long_help || call->options.short_help) {
        if (call->options.long_help)
            help_print_long(stdout, call->command);
        else
            help_print_short(stdout, call->command);
        return 0;
    }
    if (call->command == NULL) {
        help_print_short(stderr, NULL);
        return EXIT_USAGE;
    }
    return call->command->run(call);
}

/* What is closed must not become the daemon's socket: it stays what cannot be read or written. */
static void keep_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    keep_standard_descriptors();
    (void)signal(SIGPIPE, SIG_DFL); /* a closed pipe ends tsctl quietly, whatever it inherited */
    (void)setvbuf(stderr, NULL, _IOLBF, 0); /* a line is one write, whoever else writes there */
    complain_use_color(color_is_wanted(COLOR_AUTO, STDERR_FILENO));
    struct call call = {0};
    int status = options_parse(&call, argc, argv);
    if (status == 0)
        status = run(&call);
    options_deinit(&call.options);
    if (fflush(stdout) != 0 && status == 0) {
        complain("cannot write to standard output");
        status = EXIT_PARTLY;
    }
    return status;
}
