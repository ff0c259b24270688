/* SPDX-License-Identifier: MIT */
/*
 * What options of several commands set.
 */
#include <string.h>

#include "protocol/name_check.h"
#include "tsctl/complain.h"
#include "tsctl/options.h"
#include "tsctl/quantity.h"

int option_read_duration(const char *option, const char *text, const char *zero, uint64_t *us)
{
    if (!quantity_parse_duration(text, us)) {
        complain("--%s: '%s' is not a duration", option, text);
        complain_hint("such as 5 (seconds), 0.5, 250ms, 2m, 1h; never negative");
        return EXIT_USAGE;
    }
    if (*us == 0 && zero != NULL)
        return complain_usage("--%s: %s", option, zero);
    return 0;
}

int option_check_space(const char *option, const char *name)
{
    struct problem problem;
    if (name_check((const uint8_t *)name, strlen(name), "space", &problem) != 0)
        return complain_usage("--%s: %s", option, problem.text);
    return 0;
}

int option_set_priority(struct options *options, char **values)
{
    if (quantity_parse_int(values[0], -128, 127, &options->priority))
        return 0;
    return complain_usage("--priority: '%s' is not a number from -128 to 127", values[0]);
}

int option_set_for(struct options *options, char **values)
{
    return option_read_duration("for", values[0], "a hold of no time is over at once",
                                &options->hold_us);
}

int option_set_delay(struct options *options, char **values)
{
    return option_read_duration("delay", values[0], NULL, &options->delay_us);
}

int option_set_to(struct options *options, char **values)
{
    options->to = values[0];
    return option_check_space("to", values[0]);
}

int option_set_sort(struct options *options, char **values)
{
    options->sort = values[0];
    return 0;
}

int option_set_watch(struct options *options, char **values)
{
    return option_read_duration("watch", values[0], "again and again without a pause",
                                &options->watch_us);
}
