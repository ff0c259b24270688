/* SPDX-License-Identifier: MIT */
/*
 * Configuration files: an input is the text of one. Each wrong line is told once, in their order; what
 * has none says the same when it is read with other line ends and indented, and all that it sets is
 * within its bounds.
 */
#include "contrib/fuzz/fuzz.h"
#include "daemon/config_file.h"
#include "protocol/limits.h"
#include "unit/protocol/plain_values.h"

const unsigned fuzz_replays = 20000;

struct told {
    unsigned lines, count, last;
};

static void tell(void *context, unsigned line, const char *text)
{
    struct told *told = context;

    FUZZ_CHECK(line >= told->last && line >= 1 && line <= told->lines, "line %u of %u", line,
               told->lines);
    FUZZ_CHECK(line > told->last || told->count == 0, "line %u is told twice", line);
    FUZZ_CHECK(*text, "nothing is said of line %u", line);
    told->count++;
    told->last = line;
}

static unsigned lines_of(const uint8_t *bytes, size_t size)
{
    unsigned lines = 1;

    for (size_t i = 0; i < size; i++)
        lines += bytes[i] == '\n';
    return lines;
}

/* Reads a text into a configuration that is begun here. Returns how many lines are wrong. */
static unsigned read_text(struct config *config, const uint8_t *bytes, size_t size)
{
    uint8_t *copy = fuzz_copy(bytes, size);
    struct told told = {.lines = lines_of(bytes, size)};
    unsigned wrong;

    config_init(config);
    wrong = config_file_parse(config, (const char *)copy, size, tell, &told);
    free(copy);
    FUZZ_CHECK(wrong == told.count, "%u wrong, %u told", wrong, told.count);
    return wrong;
}

static void check_bounds(const struct config *config)
{
    FUZZ_CHECK(config->socket_mode <= 0777, "mode %o", config->socket_mode);
    FUZZ_CHECK(config->log_level >= LOG_LEVEL_ERR && config->log_level <= LOG_LEVEL_DEBUG,
               "level %d", (int)config->log_level);
    FUZZ_CHECK(!config->insisted, "only the command line insists");
    FUZZ_CHECK(config->rule_count <= CONFIG_MOST_RULES, "%u rules", config->rule_count);
    for (uint32_t i = 0; i < config->rule_count; i++) {
        const struct rule *rule = &config->rules[i];

        FUZZ_CHECK(rule->mode <= 0777, "mode %o", rule->mode);
        FUZZ_CHECK(rule->name.size <= LIMIT_NAME_BYTES && (rule->name.size > 0 || rule->prefix),
                   "a name of %u bytes", rule->name.size);
        FUZZ_CHECK(plain_utf8((const char *)rule->name.bytes, rule->name.size), "a name in UTF-8");
        for (uint32_t j = 0; j < i; j++)
            FUZZ_CHECK(config->rules[j].prefix != rule->prefix ||
                           !span_equal(&config->rules[j].name, &rule->name),
                       "two rules of one name");
    }
}

static void check_same(const struct config *a, const struct config *b)
{
    FUZZ_CHECK(!a->socket == !b->socket && (!a->socket || strcmp(a->socket, b->socket) == 0),
               "another socket");
    FUZZ_CHECK(a->socket_mode == b->socket_mode && a->has_socket_group == b->has_socket_group &&
                   a->socket_group == b->socket_group && a->has_admin_group == b->has_admin_group &&
                   a->admin_group == b->admin_group && a->log_level == b->log_level,
               "another setting");
    FUZZ_CHECK(memcmp(&a->limits, &b->limits, sizeof(a->limits)) == 0, "other limits");
    FUZZ_CHECK(a->rule_count == b->rule_count, "%u and %u rules", a->rule_count, b->rule_count);
    for (uint32_t i = 0; i < a->rule_count; i++)
        FUZZ_CHECK(span_equal(&a->rules[i].name, &b->rules[i].name) &&
                       a->rules[i].mode == b->rules[i].mode &&
                       a->rules[i].owner == b->rules[i].owner &&
                       a->rules[i].group == b->rules[i].group,
                   "another rule");
}

/* The text with every line indented and ended as elsewhere; three bytes at most for each of its own. */
static size_t lay_out(const uint8_t *bytes, size_t size, uint8_t *out)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n')
            out[used++] = '\r';
        out[used++] = bytes[i];
        if (bytes[i] == '\n')
            out[used++] = '\t';
    }
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct config config, again;
    uint8_t *other;

    if (read_text(&config, bytes, size) == 0) {
        check_bounds(&config);
        other = malloc(3 * size + 1);
        FUZZ_CHECK(read_text(&again, other, lay_out(bytes, size, other)) == 0, "wrong this way");
        check_same(&config, &again);
        config_deinit(&again);
        free(other);
    }
    config_deinit(&config);
    return 0;
}
