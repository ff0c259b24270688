/* SPDX-License-Identifier: MIT */
/*
 * tsctl on a terminal: help instead of silence, progress, colour, ^C. Elsewhere it has none of them:
 * what it writes there is the business of tests/system/tsctl-*.sh.
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 30000

/* A program on a terminal of its own, and all that it wrote there. */
struct session {
    pid_t pid;
    int terminal;
    int input; /* the write end of its standard input, where that is no terminal; else -1 */
    size_t size;
    char text[1 << 16];
};

static struct session session;

/* What the child is, with standard input from a pipe or from the terminal. */
static void start(char **words, bool piped)
{
    int input[2] = {-1, -1};
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    if (piped)
        ck_assert_int_eq(pipe(input), 0);
    session = (struct session){.input = input[1]};
    session.pid = forkpty(&session.terminal, NULL, NULL, &size);
    ck_assert_int_ge(session.pid, 0);
    if (session.pid == 0) {
        if (piped) {
            dup2(input[0], STDIN_FILENO);
            close(input[0]);
            close(input[1]);
        }
        execvp(words[0], words);
        _exit(99);
    }
    if (piped)
        close(input[0]);
}

#define START(...) start((char *[]){__VA_ARGS__, NULL}, false)
#define START_PIPED(...) start((char *[]){__VA_ARGS__, NULL}, true)

/* Reads what is there, or waits for it. Returns whether there can be more. */
static bool read_more(int timeout_ms)
{
    struct pollfd ready = {.fd = session.terminal, .events = POLLIN};
    if (poll(&ready, 1, timeout_ms) <= 0)
        return true;
    ck_assert_uint_lt(session.size, sizeof(session.text) - 1);
    ssize_t got = read(session.terminal, session.text + session.size,
                       sizeof(session.text) - 1 - session.size);
    if (got <= 0)
        return false; /* EIO: nobody has the terminal any more */
    session.size += (size_t)got;
    session.text[session.size] = '\0';
    return true;
}

static bool has(const char *text)
{
    return strstr(session.text, text) != NULL;
}

static void read_until(const char *text)
{
    while (!has(text))
        ck_assert_msg(read_more(PATIENCE_MS), "ended before '%s': %s", text, session.text);
}

/* Reads to the end and returns what waitpid tells. */
static int end(void)
{
    int status;
    while (read_more(PATIENCE_MS))
        ;
    ck_assert_int_eq(waitpid(session.pid, &status, 0), session.pid);
    close(session.terminal);
    if (session.input >= 0)
        close(session.input);
    return status;
}

static void type(const char *text)
{
    ck_assert_int_eq(write(session.terminal, text, strlen(text)), (ssize_t)strlen(text));
}

static void assert_exit(int status, int wanted)
{
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == wanted, "status %d: %s", status,
                  session.text);
}

START_TEST(out_without_input_helps)
{
    START("tsctl", "out");
    assert_exit(end(), 2);
    ck_assert(has("usage: tsctl out"));
}
END_TEST

START_TEST(out_from_the_terminal_says_what_it_reads)
{
    START("tsctl", "run", "--", "sh", "-c", "tsctl out - && tsctl scan");
    read_until("until ^D");
    ck_assert(has("usage: tsctl out"));
    type("[1,   2]\n\004");
    assert_exit(end(), 0);
    ck_assert(has("[1,2]\r\n"));
}
END_TEST

/* Writes batches until the text is there: the line is redrawn ten times a second at most. */
static void feed_until(const char *text)
{
    static const char line[] = "[\"a tuple\", 1]\n";
    while (text == NULL || !has(text)) {
        for (int i = 0; i < 1024; i++)
            ck_assert_int_eq(write(session.input, line, strlen(line)), (ssize_t)strlen(line));
        if (text == NULL)
            break;
        ck_assert(read_more(0));
    }
    close(session.input);
    session.input = -1;
}

/* Whether the last line is what was done, after progress was cleared. */
static bool ends_as_done(void)
{
    static const char cleared[] = "\r\033[K";
    const char *last = NULL;
    for (const char *at = session.text; (at = strstr(at, cleared)) != NULL; at++)
        last = at + strlen(cleared);
    unsigned tenths;
    int size = 0;
    return last != NULL &&
           sscanf(last, "%*[0-9,] tuples in %*u.%1u s\r\n%n", &tenths, &size) == 1 && size > 0 &&
           last[size] == '\0';
}

START_TEST(bulk_shows_progress)
{
    START_PIPED("tsctl", "run", "--", "tsctl", "out", "-");
    feed_until(" tuples, ");
    assert_exit(end(), 0);
    ck_assert(has("\r1,024 tuples\033[K"));
    ck_assert(!has("%"));
    ck_assert_msg(ends_as_done(), "%s", session.text);
}
END_TEST

/* From a file it is known how much there is. */
START_TEST(bulk_shows_a_bar_for_a_file)
{
    START("tsctl", "run", "--", "sh", "-c",
          "seq -f '[%.0f]' 10001 12048 >\"$TSD_SOCKET.in\"; tsctl out - <\"$TSD_SOCKET.in\"; "
          "{ read -r first; tsctl out -; } <\"$TSD_SOCKET.in\"; rm \"$TSD_SOCKET.in\"");
    assert_exit(end(), 0);
    ck_assert_msg(has("\r 50% [###############...............] 1,024 tuples\033[K"), "%s",
                  session.text);
    ck_assert_msg(has("2,048 tuples in "), "%s", session.text);
    ck_assert_msg(has("2,047 tuples in "), "%s", session.text);
    ck_assert_msg(ends_as_done(), "%s", session.text);
}
END_TEST

START_TEST(interrupted_bulk_says_how_much_went_in)
{
    START("tsctl", "run", "--", "sh", "-c", "tsctl in -o sh '[?int]' & exec tsctl out -");
    read_until("until ^D");
    type("[1]\n");
    read_until("'1'"); /* it went in */
    type("\003");
    int status = end();
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "status %d: %s", status,
                  session.text);
    ck_assert_msg(has(" interrupted\r\n  1 tuple went in, up to line 1\r\n"), "%s", session.text);
}
END_TEST

START_TEST(bulk_shows_none_when_it_is_to_be_quiet)
{
    START_PIPED("tsctl", "run", "--", "tsctl", "out", "-q", "-");
    feed_until(NULL);
    assert_exit(end(), 0);
    ck_assert_str_eq(session.text, "");
}
END_TEST

START_TEST(colour_is_for_terminals)
{
    unsetenv("NO_COLOR");
    START("tsctl", "ot");
    assert_exit(end(), 2);
    ck_assert(has("\033[1;31mtsctl:\033[0m no command"));
}
END_TEST

START_TEST(colour_is_not_for_those_who_want_none)
{
    setenv("NO_COLOR", "1", 1);
    START("tsctl", "ot");
    assert_exit(end(), 2);
    ck_assert(has("tsctl: no command"));
    START("tsctl", "--color", "never", "ot");
    unsetenv("NO_COLOR");
    assert_exit(end(), 2);
    ck_assert(has("tsctl: no command"));
}
END_TEST

START_TEST(tuples_look_the_same_on_a_terminal)
{
    START("tsctl", "run", "--", "sh", "-c", "tsctl out '[\"a b\", 1]' && tsctl in '[...]'");
    assert_exit(end(), 0);
    ck_assert_str_eq(session.text, "[\"a b\",1]\r\n");
}
END_TEST

START_TEST(interrupt_ends_by_the_signal)
{
    START("tsctl", "run", "--", "sh", "-c", "echo ready; exec tsctl in '[\"never\"]'");
    read_until("ready");
    type("\003");
    int status = end();
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "status %d: %s", status,
                  session.text);
    ck_assert(!has("tsctl:"));
}
END_TEST

/* The command may go on after a ^C, and so does its daemon. */
START_TEST(interrupt_leaves_the_daemon_to_the_command)
{
    START("tsctl", "run", "--", "sh", "-c", "trap 'tsctl ping; exit 3' INT; echo ready; read -r x");
    read_until("ready");
    type("\003");
    assert_exit(end(), 3);
    ck_assert(has("answers at"));
}
END_TEST

/* The command gets it from the terminal itself; tsctl gives the tuple back, and ends as it did. */
START_TEST(interrupt_of_a_hold_gives_back)
{
    START("tsctl", "run", "--", "sh", "-c",
          "trap 'tsctl scan --state -o tsv; exit 3' INT; tsctl out '[\"lock\"]'; "
          "tsctl hold '[\"lock\"]' -- sh -c 'echo ready; read -r x'");
    read_until("ready");
    type("\003");
    assert_exit(end(), 3);
    ck_assert(has("stored\tnull\tnull\tnull\tnull\t[\"lock\"]\t"));
    ck_assert(has("\t0\treleased\r\n")); /* not counted */
}
END_TEST

START_TEST(clear_asks)
{
    START("tsctl", "run", "--", "sh", "-c",
          "tsctl out '[1]' '[2]'; tsctl clear --all; echo \"status $?\"; tsctl clear '[1]'; "
          "tsctl clear '[1]'; echo \"status $?\"; tsctl scan");
    read_until("Delete 2 tuples from the space main? [y/N] ");
    type("\n");
    read_until("Delete 1 tuple from the space main? [y/N] ");
    type("y\n");
    assert_exit(end(), 0);
    ck_assert(has("nothing was deleted\r\nstatus 1\r\n"));
    ck_assert(has("y\r\n1\r\n0\r\nstatus 1\r\n[2]\r\n")); /* there is no more: it does not ask */
}
END_TEST

START_TEST(drained_shows_progress)
{
    START("tsctl", "run", "--", "sh", "-c",
          "tsctl out '[1]' '[2]'; tsctl drained --progress '[?]' & tsctl in -q '[1]'; read -r x; "
          "tsctl in -q '[2]'; wait $! && echo drained");
    read_until("\r1 tuple left\033[K");
    type("\n");
    assert_exit(end(), 0);
    ck_assert(has("\r\033[Kdrained\r\n"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("terminal");
    TCase *tests = tcase_create("terminal");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, out_without_input_helps);
    tcase_add_test(tests, out_from_the_terminal_says_what_it_reads);
    tcase_add_test(tests, bulk_shows_progress);
    tcase_add_test(tests, bulk_shows_a_bar_for_a_file);
    tcase_add_test(tests, interrupted_bulk_says_how_much_went_in);
    tcase_add_test(tests, bulk_shows_none_when_it_is_to_be_quiet);
    tcase_add_test(tests, colour_is_for_terminals);
    tcase_add_test(tests, colour_is_not_for_those_who_want_none);
    tcase_add_test(tests, tuples_look_the_same_on_a_terminal);
    tcase_add_test(tests, interrupt_ends_by_the_signal);
    tcase_add_test(tests, interrupt_leaves_the_daemon_to_the_command);
    tcase_add_test(tests, interrupt_of_a_hold_gives_back);
    tcase_add_test(tests, clear_asks);
    tcase_add_test(tests, drained_shows_progress);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
