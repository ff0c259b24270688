/* SPDX-License-Identifier: MIT */
/*
 * A target without libFuzzer: feeds it every file of its corpus, then files of it that were cut,
 * changed and joined, always the same ones.
 *
 *     TARGET            the corpus at $TSD_SOURCE (or .)/contrib/fuzz/corpus/TARGET, and changed ones
 *     TARGET FILE...    these, as they are
 *
 * An input that ends the process is left in $TSD_BUILD/tests/log/fuzz-TARGET.input, or in the
 * current folder.
 */
#include <dirent.h>
#include <signal.h>

#include "contrib/fuzz/fuzz.h"

enum { FILES_MOST = 1000, BYTES_MOST = 1 << 20 };

static struct {
    struct {
        uint8_t *bytes;
        size_t size;
    } files[FILES_MOST];
    size_t count;
    uint8_t input[BYTES_MOST]; /* what is tried */
    size_t size;
    const char *target;
    uint64_t random;
} replay;

/* Exists where there is a sanitizer: it ends the process without a signal. */
extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void keep_input(void)
{
    char path[1024];
    const char *build = getenv("TSD_BUILD");
    snprintf(path, sizeof path, "%s%sfuzz-%s.input", build ? build : "", build ? "/tests/log/" : "",
             replay.target);
    FILE *file = fopen(path, "wb");
    if (!file)
        return;
    fwrite(replay.input, 1, replay.size, file);
    fclose(file);
    fprintf(stderr, "the input is in %s\n", path);
}

static void on_signal(int number)
{
    signal(number, SIG_DFL);
    keep_input();
    raise(number);
}

static uint32_t below(size_t bound)
{
    uint64_t z = replay.random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) % bound);
}

static void try_input(void)
{
    uint8_t *copy = fuzz_copy(replay.input, replay.size);
    LLVMFuzzerTestOneInput(copy, replay.size);
    free(copy);
}

static bool read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return false;
    }
    replay.size = fread(replay.input, 1, BYTES_MOST, file);
    fclose(file);
    return true;
}

/* --- Changed inputs --- */

static void take(size_t which)
{
    replay.size = replay.files[which].size;
    memcpy(replay.input, replay.files[which].bytes, replay.size);
}

static void flip_some(void)
{
    for (uint32_t changes = 1 + below(4); changes > 0 && replay.size > 0; changes--) {
        uint8_t *byte = &replay.input[below(replay.size)];
        *byte = below(2) ? (uint8_t)below(256) : *byte ^ (uint8_t)(1u << below(8));
    }
}

static void cut(void)
{
    replay.size = below(replay.size + 1);
}

/* The end of another one after the beginning of this. */
static void join(void)
{
    const size_t other = below(replay.count), size = replay.files[other].size;
    const size_t from = below(size + 1);
    cut();
    if (replay.size + size - from > BYTES_MOST)
        return;
    memcpy(replay.input + replay.size, replay.files[other].bytes + from, size - from);
    replay.size += size - from;
}

static void change(void)
{
    const uint32_t how = below(8);
    if (how == 0)
        cut();
    if (how == 1)
        join();
    if (how != 0)
        flip_some();
}

/* --- The corpus --- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool add_file(const char *folder, const char *name)
{
    char path[2048];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (replay.count == FILES_MOST || !read_file(path))
        return false;
    replay.files[replay.count].bytes = fuzz_copy(replay.input, replay.size);
    replay.files[replay.count++].size = replay.size;
    return true;
}

static bool read_corpus(void)
{
    char folder[1024];
    struct dirent **list;
    const char *source = getenv("TSD_SOURCE");
    bool all = true;
    snprintf(folder, sizeof folder, "%s/contrib/fuzz/corpus/%s", source ? source : ".",
             replay.target);
    const int count = scandir(folder, &list, NULL, by_name); /* sorted: the same at each run */
    for (int i = 0; i < count; i++) {
        if (list[i]->d_name[0] != '.')
            all = add_file(folder, list[i]->d_name) && all;
        free(list[i]);
    }
    if (count >= 0)
        free(list);
    if (replay.count == 0)
        fprintf(stderr, "%s: no corpus\n", folder);
    return all && replay.count > 0;
}

static int replay_corpus(void)
{
    if (!read_corpus())
        return EXIT_FAILURE;
    for (size_t i = 0; i < replay.count; i++) {
        take(i);
        try_input();
    }
    for (unsigned i = 0; i < fuzz_replays; i++) {
        take(below(replay.count));
        change();
        try_input();
    }
    printf("%zu files of the corpus, %u changed inputs\n", replay.count, fuzz_replays);
    for (size_t i = 0; i < replay.count; i++)
        free(replay.files[i].bytes);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    replay.target = slash ? slash + 1 : argv[0];
    signal(SIGABRT, on_signal);
    signal(SIGFPE, on_signal);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(keep_input);
    else
        signal(SIGSEGV, on_signal);
    if (argc < 2)
        return replay_corpus();
    for (int i = 1; i < argc; i++) {
        if (!read_file(argv[i]))
            return EXIT_FAILURE;
        try_input();
    }
    printf("%d inputs\n", argc - 1);
    return EXIT_SUCCESS;
}
