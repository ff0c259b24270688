/* SPDX-License-Identifier: MIT */
/*
 * Sessions: the input's bytes decide what a few sessions ask of the engine, and when, as the model
 * test decides by chance (tests/model). The naive reference has to tell the same after each step, a
 * second engine with another hash key too.
 *
 * The first bytes are the settings (settings_of); each choice after that takes the next ones.
 */
#include "contrib/fuzz/fuzz.h"
#include "model/run.h"

const unsigned fuzz_replays = 4000;

enum { STEPS_MOST = 300 };

static struct settings settings_of(struct fuzz_input *input)
{
    const uint8_t flags = fuzz_byte(input);
    struct settings settings = {.seed = fuzz_byte(input),
                                .most = 4 + fuzz_byte(input) % 32,
                                .reply_bytes = flags & 1 ? 24 : 1 << 20,
                                .mix = flags & 2 ? GENERATE_PLAIN : GENERATE_ALL,
                                .rights = flags & 16,
                                .check_every = 4};
    if ((flags & 12) == 12)
        settings.piece = 1 + (flags >> 6);
    else
        settings.faults = flags & 8;
    return settings;
}

static void give_up(const struct run *run, const struct action *action)
{
    struct buffer text = BUFFER_INIT;
    action_describe(action, &text);
    fprintf(stderr, "step %llu: %s\n%.*sexpected:\n%.*sengine:\n%.*s",
            (unsigned long long)run->steps_done, run->failure, (int)text.size,
            (const char *)text.bytes, (int)run->expected.size, (const char *)run->expected.bytes,
            (int)run->traces[0].size, (const char *)run->traces[0].bytes);
    if (run->engines[1])
        fprintf(stderr, "second engine:\n%.*s", (int)run->traces[1].size,
                (const char *)run->traces[1].bytes);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct seen seen;
    static struct action action;
    struct fuzz_input input = {bytes, size};
    const struct settings settings = settings_of(&input);
    struct run *run = run_new(&settings, &seen);
    run->random.bytes = input.at;
    run->random.left = input.left;
    for (int i = 0; i < STEPS_MOST && run->random.left > 0; i++) {
        run_choose(run, &action);
        if (!run_do(run, &action))
            give_up(run, &action);
    }
    engine_check(run->engines[0]);
    run_free(run);
    return 0;
}
