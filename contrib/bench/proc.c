/* SPDX-License-Identifier: MIT */
#include "contrib/bench/proc.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "contrib/bench/check.h"

static uint64_t read_clock(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t) != 0)
        die("a process's CPU-time clock cannot be read");
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t clock_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t proc_cpu_ns(pid_t pid)
{
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0)
        die("process %d has no CPU-time clock", (int)pid);
    return read_clock(clock);
}

uint64_t proc_own_cpu_ns(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/* The number after `field` in a file of lines "field: number ..."; 0 where there is none. */
static uint64_t status_number(const char *path, const char *field)
{
    char line[256];
    uint64_t value = 0;
    FILE *file = fopen(path, "re");

    if (!file)
        return 0;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, field, strlen(field)) == 0)
            sscanf(line + strlen(field), "%" SCNu64, &value);
    fclose(file);
    return value;
}

uint64_t proc_rss_bytes(pid_t pid)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    uint64_t kib = status_number(path, "Rss:");
    if (kib == 0) {
        snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
        kib = status_number(path, "VmRSS:");
    }
    if (kib == 0)
        die("process %d does not tell its memory", (int)pid);
    return kib << 10;
}

uint64_t proc_peak_bytes(pid_t pid)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    return status_number(path, "VmHWM:") << 10;
}

void proc_forget_peak(pid_t pid)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/clear_refs", (int)pid);
    FILE *file = fopen(path, "we");
    if (!file || fputs("5", file) < 0 || fclose(file) != 0)
        die("the peak of process %d's memory cannot be forgotten", (int)pid);
}

uint64_t proc_threads(pid_t pid)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    return status_number(path, "Threads:");
}

uint64_t proc_sleeps(pid_t pid)
{
    char path[320];
    uint64_t sleeps = 0;
    struct dirent *entry;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    if (!tasks)
        die("process %d is gone", (int)pid);
    while ((entry = readdir(tasks))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/status", (int)pid, entry->d_name);
        sleeps += status_number(path, "voluntary_ctxt_switches:");
    }
    closedir(tasks);
    return sleeps;
}
