/* SPDX-License-Identifier: MIT */
/*
 * Clients of a daemon that goes and comes back, and what each was told, a line an answer:
 *
 *     load wait SPACE WORD       takes ["WORD"], however long it takes; writes `took RUN`
 *     load trade SPACE FOLDER    producers and consumers that go on until SIGTERM
 *
 * Producers put ["task", ID] with a key of its own into a space of little room, and wait for that for a
 * few milliseconds or not at all; consumers take for a few milliseconds. So many are refused and time
 * out, on both sides. A file of the folder for each process:
 *
 *     put ID STATUS RUN          what the producer was told of this tuple
 *     take ID RUN                what the consumer was given
 *     none STATUS RUN            it was given nothing
 *     back ID                    what it took last went back, as it had not acknowledged it
 *
 * A line is written before the next request, which acknowledges what was taken. All of them reconnect.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tsclient.h>

enum { PRODUCERS = 4, CONSUMERS = 4, CAPACITY = 8 };

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

static unsigned long long run_of(const ts_client *client)
{
    const ts_daemon *daemon = ts_client_daemon(client);
    return daemon ? (unsigned long long)daemon->run : 0;
}

static ts_client *connect_for_good(const char *space)
{
    const ts_options options = {.space = space, .reconnect = TS_FOREVER};
    ts_client *client = ts_connect(NULL, &options);

    if (ts_ping(client) != TS_OK) {
        fprintf(stderr, "load: %s\n", ts_error_text(client));
        exit(1);
    }
    return client;
}

/* Up to so many milliseconds, so that now the room is short and now the tuples are. */
static void pause_up_to(unsigned milliseconds)
{
    usleep((useconds_t)rand() % (milliseconds * 1000));
}

/* The space of another run has no bound yet. */
static void bound_space(ts_client *client, unsigned long long *bounded)
{
    const ts_attributes attributes = {.set_capacity = true, .capacity = CAPACITY};

    if (run_of(client) != *bounded && ts_space_set(client, &attributes) == TS_OK)
        *bounded = run_of(client);
}

static void produce(ts_client *client, int number, FILE *told)
{
    unsigned long long bounded = 0;

    for (int64_t i = 0; !stopped; i++) {
        const int64_t id = number * INT64_C(1000000) + i;
        char key[32];
        ts_request request = {.operation = TSD_OP_OUT, .tuple_count = 1, .key = key};
        const ts_values tuple = TS("task", id);

        snprintf(key, sizeof(key), "key-%lld", (long long)id);
        bound_space(client, &bounded);
        request.tuples = &tuple;
        request.no_wait = i % 2 == 0;
        request.timeout = request.no_wait ? 0 : 0.003;
        const ts_status status = ts_call(client, &request);
        fprintf(told, "put %lld %s %llu\n", (long long)id, ts_status_name(status), run_of(client));
        if (i % 16 == 0)
            pause_up_to(20);
    }
}

static void consume(ts_client *client, FILE *told)
{
    long long last = -1;

    for (unsigned i = 0; !stopped; i++) {
        int64_t id;
        const ts_status status = ts_in(client, TS("task", &id), 0.003);

        if (status == TS_LOST && last >= 0)
            fprintf(told, "back %lld\n", last);
        if (status == TS_OK)
            fprintf(told, "take %lld %llu\n", (long long)id, run_of(client));
        else
            fprintf(told, "none %s %llu\n", ts_status_name(status), run_of(client));
        last = status == TS_OK ? (long long)id : -1;
        if (i % 16 == 0)
            pause_up_to(20);
    }
}

static int trader(const char *space, const char *folder, int number)
{
    char path[4096];
    ts_client *client;
    FILE *told;

    snprintf(path, sizeof(path), "%s/%d", folder, number);
    told = fopen(path, "w");
    if (!told) {
        perror(path);
        return 1;
    }
    setlinebuf(told);
    srand((unsigned)number);
    client = connect_for_good(space);
    if (number <= PRODUCERS)
        produce(client, number, told);
    else
        consume(client, told);
    ts_disconnect(client);
    return fclose(told) != 0;
}

static int trade(const char *space, const char *folder)
{
    pid_t traders[PRODUCERS + CONSUMERS];
    const int count = PRODUCERS + CONSUMERS;
    int failed = 0;

    for (int i = 0; i < count; i++) {
        traders[i] = fork();
        if (traders[i] == 0)
            exit(trader(space, folder, i + 1));
    }
    while (!stopped)
        pause();
    for (int i = 0; i < count; i++)
        kill(traders[i], SIGTERM);
    for (int i = 0; i < count; i++) {
        int status = 1;
        waitpid(traders[i], &status, 0);
        failed |= status;
    }
    return failed != 0;
}

static int wait_for(const char *space, const char *word)
{
    ts_client *client = connect_for_good(space);
    const ts_status status = ts_in(client, TS(word), TS_FOREVER);

    if (status != TS_OK)
        fprintf(stderr, "load: %s\n", ts_error_text(client));
    else
        printf("took %llu\n", run_of(client));
    ts_disconnect(client);
    return status != TS_OK;
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = stop};

    if (argc == 4 && strcmp(argv[1], "wait") == 0)
        return wait_for(argv[2], argv[3]);
    sigaction(SIGTERM, &action, NULL);
    if (argc == 4 && strcmp(argv[1], "trade") == 0)
        return trade(argv[2], argv[3]);
    fprintf(stderr, "usage: load wait SPACE WORD | load trade SPACE FOLDER\n");
    return 2;
}
