/* SPDX-License-Identifier: MIT */
#include "tsctl/work_options.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "tsctl/complain.h"
#include "tsctl/options.h"
#include "tsctl/quantity.h"

#define JOBS_MOST 1000

static int set_jobs(struct options *options, char **values)
{
    int jobs;
    if (!quantity_parse_int(values[0], 1, JOBS_MOST, &jobs))
        return complain_usage("--jobs: '%s' is not a number from 1 to %d", values[0], JOBS_MOST);
    options->work.jobs = (unsigned)jobs;
    return 0;
}

static int set_result(struct options *options, char **values)
{
    options->work.result = values[0];
    return 0;
}

static int set_log(struct options *options, char **values)
{
    options->work.log = values[0];
    return 0;
}

static int set_timeout(struct options *options, char **values)
{
    return option_read_duration("timeout", values[0], "with 0 no command would be in time",
                                &options->work.timeout_us);
}

static int set_returns(struct options *options, char **values)
{
    int returns;
    if (!quantity_parse_int(values[0], 0, INT_MAX, &returns))
        return complain_usage("--max-returns: '%s' is not a number from 0 on", values[0]);
    options->work.has_returns = true;
    options->work.returns = (uint32_t)returns;
    return 0;
}

/* The number in `,fail=N`; 1 where nothing stands there. */
static bool read_failures(const char *text, unsigned *failures)
{
    int count = 1;
    bool good = text[0] == '\0' || (strncmp(text, ",fail=", 6) == 0 &&
                                    quantity_parse_int(text + 6, 1, INT_MAX, &count));
    *failures = (unsigned)count;
    return good;
}

static int set_halt(struct options *options, char **values)
{
    struct work_options *work = &options->work;
    const char *text = values[0];
    size_t word = strcspn(text, ",");
    if (word == 4 && memcmp(text, "soon", 4) == 0)
        work->halt = WORK_HALT_SOON;
    else if (word == 3 && memcmp(text, "now", 3) == 0)
        work->halt = WORK_HALT_NOW;
    else
        word = 0;
    if (word > 0 && read_failures(text + word, &work->halt_failures))
        return 0;
    complain("--halt: '%s' does not say when", text);
    complain_hint(
        "soon finishes what runs, now ends it: soon, now, soon,fail=3 (after 3 failures)");
    return EXIT_USAGE;
}

const struct option_spec work_option_list[] = {
    {"jobs", 'j', "N", "so many tasks at a time; 1 without it", .set = set_jobs},
    {"put", 0, NULL, "what CMD prints are tuples, to be put",
     .flag = offsetof(struct options, work.put)},
    {"result", 0, "TUPLE", "put this; in it $TSD_2 is field 2, $output CMD's", .set = set_result},
    {"drain", 0, NULL, "end when no task is left, nor in work",
     .flag = offsetof(struct options, work.drain)},
    {"timeout", 't', "DURATION", "a CMD that takes longer is ended: failed", .set = set_timeout},
    {"max-returns", 0, "N", "give up what came back more often", .set = set_returns},
    {"halt", 0, "WHEN", "soon or now[,fail=N]: end after N failures", .set = set_halt,
     .completes = COMPLETE_CHOICE, .choices = "soon now"},
    {"tag", 0, NULL, "the task before each line that CMD prints",
     .flag = offsetof(struct options, work.tag)},
    {"log", 0, "FILE", "append a line for each task", .set = set_log, .completes = COMPLETE_FILE},
    {0},
};
