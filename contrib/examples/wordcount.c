/* SPDX-License-Identifier: MIT */
/*
 * wordcount: counts the words of files with a pool of worker processes, as `wc -w` does.
 *
 *     tsctl run -- wordcount [-j WORKERS] FILE...
 *
 * A task is a tuple ("file", name, from, to): count the lines of the file that begin at or after the
 * byte `from` and before `to`. Whoever of the workers is free takes the next one and puts
 * ("words", n), or ("error", text). A large file is several tasks; as lines are never cut, nor are
 * words. The total goes to stdout; the status is 1 where a file could not be read.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include <tsclient.h>

enum {
    PIECE = 4 << 20, /* bytes of a file in a task */
    BATCH = 512,     /* tasks put as one unit */
    MOST_WORKERS = 64,
};

static char space[32]; /* of this run alone */

static ts_client *connect_here(void)
{
    const ts_options options = {.space = space};

    return ts_connect(NULL, &options);
}

static _Noreturn void give_up(ts_client *ts)
{
    (void)fprintf(stderr, "wordcount: %s\n", ts_error_text(ts));
    exit(2); /* no goodbye: a task that was taken and not finished goes back */
}

/* ---- Words ---- */

/*
 * What lies between blanks is a word; to wc before coreutils 9.4 only where it has a character that
 * prints in the locale, and the others are as if they were not there.
 */
static bool only_printable;

static bool ask_wc(void)
{
    FILE *wc = popen("printf '\\001' | wc -w", "r");
    int words = 1;

    if (!wc)
        return false;
    if (fscanf(wc, "%d", &words) != 1)
        words = 1;
    pclose(wc);
    return words == 0;
}

struct counter {
    mbstate_t state;
    bool in_word;
    long words;
};

static bool is_blank(wchar_t c)
{
    const bool no_break = c == 0xa0 || c == 0x2007 || c == 0x202f || c == 0x2060;

    return iswspace((wint_t)c) || no_break;
}

static void see_word(struct counter *counter)
{
    counter->words += !counter->in_word;
    counter->in_word = true;
}

static void see(struct counter *counter, wchar_t c)
{
    if (c < 128 ? isspace((int)c) : is_blank(c) && (!only_printable || iswprint((wint_t)c)))
        counter->in_word = false;
    else if (!only_printable || iswprint((wint_t)c))
        see_word(counter);
}

/* Bytes that are no character: in a word, or as if they were not there. */
static void see_error(struct counter *counter)
{
    memset(&counter->state, 0, sizeof(counter->state));
    if (!only_printable)
        see_word(counter);
}

/* A line, which is a whole number of characters, good or bad. */
static void count_line(struct counter *counter, const char *p, size_t size)
{
    while (size > 0) {
        wchar_t c;
        size_t n = mbrtowc(&c, p, size, &counter->state);

        if (n == (size_t)-1 || n == (size_t)-2) {
            see_error(counter);
            n = 1;
        } else {
            see(counter, c);
            n += n == 0; /* a zero byte */
        }
        p += n;
        size -= n;
    }
}

/* Returns the words, or -1 with errno. */
static long count_piece(const char *name, long long from, long long to)
{
    struct counter counter = {.words = 0};
    FILE *file = fopen(name, "re");
    char *line = NULL;
    size_t room = 0;
    ssize_t size = 0;
    int error;

    if (!file)
        return -1;
    if (from > 0 && fseeko(file, from - 1, SEEK_SET) == 0) { /* the end of the line before */
        size = getline(&line, &room, file);
        from += size - 1;
    }
    while (from < to && (size = getline(&line, &room, file)) > 0) {
        count_line(&counter, line, (size_t)size);
        from += size;
    }
    error = ferror(file) ? errno : 0;
    free(line);
    fclose(file);
    errno = error;
    return error ? -1 : counter.words;
}

/* ---- Workers ---- */

static ts_status work_off(ts_client *ts, ts_bytes name, long long from, long long to)
{
    char *path = strndup(name.bytes, name.size);
    long words = path ? count_piece(path, from, to) : -1;
    char text[4200];

    (void)snprintf(text, sizeof(text), "%s: %s", path ? path : "", strerror(errno));
    free(path);
    return words < 0 ? ts_out(ts, TS("error", TS_BIN(text, strlen(text))))
                     : ts_out(ts, TS("words", words));
}

/* A name is a bin: it need not be UTF-8. One without bytes ends the worker. */
static _Noreturn void work(pid_t parent)
{
    ts_client *ts;
    long long from, to;
    ts_bytes name;

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        exit(2);
    ts = connect_here();
    while (ts_in(ts, TS("file", ts_bin(&name), &from, &to), TS_FOREVER) == TS_OK) {
        if (name.size == 0) {
            ts_disconnect(ts);
            exit(0);
        }
        if (work_off(ts, name, from, to) != TS_OK)
            break;
    }
    give_up(ts);
}

static void start_workers(int workers)
{
    const pid_t parent = getpid();

    for (int i = 0; i < workers; i++) {
        pid_t worker = fork();
        if (worker == 0)
            work(parent);
        if (worker < 0) {
            perror("wordcount: fork");
            exit(2);
        }
    }
}

/* ---- Tasks and results ---- */

struct tasks {
    ts_client *ts;
    ts_value fields[BATCH][4];
    ts_values tuples[BATCH];
    size_t count; /* not yet put */
    long put;
};

static void put_tasks(struct tasks *tasks)
{
    if (tasks->count > 0 && ts_out_many(tasks->ts, tasks->tuples, tasks->count) != TS_OK)
        give_up(tasks->ts);
    tasks->put += (long)tasks->count;
    tasks->count = 0;
}

static void add_task(struct tasks *tasks, const char *name, long long from, long long to)
{
    ts_value *fields = tasks->fields[tasks->count];

    fields[0] = TS_VALUE("file");
    fields[1] = TS_BIN(name, strlen(name));
    fields[2] = TS_VALUE(from);
    fields[3] = TS_VALUE(to);
    tasks->tuples[tasks->count++] = ts_list(fields, 4);
    if (tasks->count == BATCH)
        put_tasks(tasks);
}

/* What is no file of a known size is one piece. */
static void add_file(struct tasks *tasks, const char *name)
{
    struct stat about;
    long long from = 0;

    if (stat(name, &about) == 0 && S_ISREG(about.st_mode))
        for (; from + PIECE < about.st_size; from += PIECE)
            add_task(tasks, name, from, from + PIECE);
    add_task(tasks, name, from, INT64_MAX);
}

/* A worker that ended before all was done has failed: what it had will not come. */
static void check_workers(void)
{
    int status;

    if (waitpid(-1, &status, WNOHANG) <= 0)
        return;
    (void)fprintf(stderr, "wordcount: a worker was lost\n");
    exit(2);
}

/* Takes as many results as there are; adds them up. Returns how many. */
static long take_results(ts_client *ts, long long *total, bool *failed)
{
    const ts_alternative errors = {.pattern = TS("error", TS_ANY_BIN)};
    const ts_request results = {.operation = TSD_OP_IN,
                                .pattern = TS("words", TS_ANY_INT),
                                .alternatives = &errors,
                                .alternative_count = 1,
                                .timeout = 1,
                                .min = 1,
                                .max = BATCH};
    ts_status status = ts_call(ts, &results);
    const ts_tuple *tuple;
    int64_t words;
    ts_bytes text;

    if (status == TS_TIMEOUT)
        check_workers();
    else if (status != TS_OK)
        give_up(ts);
    for (size_t i = 0; (tuple = ts_tuple_at(ts_last(ts), i)); i++) {
        if (ts_field_int(tuple, 1, &words)) {
            *total += words;
        } else if (ts_field_bin(tuple, 1, &text)) {
            (void)fprintf(stderr, "wordcount: %.*s\n", (int)text.size, (const char *)text.bytes);
            *failed = true;
        }
    }
    return (long)ts_last(ts)->count;
}

static int count_files(int workers, char **names)
{
    static struct tasks tasks;
    long long total = 0;
    bool failed = false;

    tasks.ts = connect_here();
    for (; *names; names++)
        add_file(&tasks, *names);
    put_tasks(&tasks);
    for (long left = tasks.put; left > 0;)
        left -= take_results(tasks.ts, &total, &failed);
    for (int i = 0; i < workers; i++)
        add_task(&tasks, "", 0, 0);
    put_tasks(&tasks);
    ts_disconnect(tasks.ts);
    while (wait(NULL) > 0)
        ;
    printf("%lld\n", total);
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    long workers = sysconf(_SC_NPROCESSORS_ONLN) + 1;
    int option;

    (void)setlocale(LC_ALL, ""); /* which characters there are */
    only_printable = ask_wc();
    while ((option = getopt(argc, argv, "j:")) != -1)
        workers = option == 'j' ? atol(optarg) : 0;
    if (workers < 1 || workers > MOST_WORKERS || optind == argc) {
        (void)fprintf(stderr, "usage: wordcount [-j WORKERS] FILE...   (1 to %d workers)\n",
                      MOST_WORKERS);
        return 2;
    }
    (void)snprintf(space, sizeof(space), "wordcount.%ld", (long)getpid());
    start_workers((int)workers);
    return count_files((int)workers, argv + optind);
}
