/* SPDX-License-Identifier: MIT */
#include "tsctl/named.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/limits.h"
#include "protocol/utf8.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/memory.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

static int check_name(const char *name)
{
    if (name[0] != '\0' && strchr(LETTERS, name[0]) != NULL &&
        name[strspn(name, LETTERS "0123456789")] == '\0')
        return 0;
    complain("'%s' cannot be a name", name);
    complain_hint("a name has letters, digits and _ and begins with none of the digits");
    return EXIT_USAGE;
}

static struct named_value *find(struct named *named, const char *name, size_t length)
{
    for (size_t i = 0; i < named->count; i++)
        if (strlen(named->list[i].name) == length && memcmp(named->list[i].name, name, length) == 0)
            return &named->list[i];
    return NULL;
}

/* The value of that name, new or emptied. */
static struct buffer *slot(struct named *named, const char *name)
{
    struct named_value *old = find(named, name, strlen(name));
    if (old != NULL) {
        buffer_clear(&old->value);
        return &old->value;
    }
    named->list = memory_resize(named->list, (named->count + 1) * sizeof(*named->list));
    struct named_value *added = &named->list[named->count++];
    *added = (struct named_value){.name = name};
    return &added->value;
}

void named_set_str(struct named *named, const char *name, const void *bytes, size_t size)
{
    struct buffer *value = slot(named, name);
    buffer_pack_str(value, bytes, size);
    memory_check(!value->failed);
}

/* Adds a str; `hint` is what to do where it is none. */
static int add_checked_str(struct named *named, const char *name, const void *bytes, size_t size,
                           const char *hint)
{
    if (!utf8_is_valid(bytes, size)) {
        complain("$%s is not valid UTF-8, so it cannot be a str", name);
        complain_hint(hint, name);
        return EXIT_USAGE;
    }
    named_set_str(named, name, bytes, size);
    return 0;
}

int named_add_str(struct named *named, const char *name, const char *text)
{
    if (check_name(name) != 0)
        return EXIT_USAGE;
    return add_checked_str(named, name, text, strlen(text),
                           "send it as bin: printf %%s \"...\" | tsctl ... --binfile %s -");
}

int named_add_notation(struct named *named, const char *name, const char *text)
{
    if (check_name(name) != 0)
        return EXIT_USAGE;
    struct problem problem;
    struct buffer *value = slot(named, name);
    if (text_read_value(text, strlen(text), value, &problem) == 0)
        return 0;
    complain("$%s: %s", name, problem.text);
    complain_at(text, strlen(text), problem.offset);
    complain_hint("a text that is to be a str goes in by --arg %s", name);
    return EXIT_USAGE;
}

static int read_all(int fd, struct buffer *content)
{
    for (;;) {
        uint8_t *room = buffer_reserve(content, KIB(64));
        memory_check(room != NULL);
        ssize_t got = read(fd, room, KIB(64));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : 0;
        content->size += (size_t)got;
        if (content->size > LIMIT_TUPLE_BYTES)
            return -EFBIG;
    }
}

/* The content of a file, or of standard input for `-`. */
static int read_file(struct named *named, const char *name, const char *path,
                     struct buffer *content)
{
    bool is_stdin = strcmp(path, "-") == 0;
    if (is_stdin && named->reads_stdin)
        return complain_usage("$%s: standard input can be read only once", name);
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    int failed = fd < 0 ? -errno : read_all(fd, content);
    if (fd >= 0 && !is_stdin)
        close(fd);
    named->reads_stdin = named->reads_stdin || is_stdin;
    const char *what = is_stdin ? "standard input" : path;
    if (failed == -EFBIG)
        return complain_usage("$%s: %s has more than the 16 MiB of a tuple", name, what);
    if (failed != 0)
        return complain_usage("$%s: cannot read %s: %s", name, what, strerror(-failed));
    return 0;
}

int named_add_str_file(struct named *named, const char *name, const char *path)
{
    struct buffer content = BUFFER_INIT;
    int status = check_name(name);
    if (status == 0)
        status = read_file(named, name, path, &content);
    if (status == 0)
        status = add_checked_str(named, name, content.bytes, content.size,
                                 "for a file that is no text: --binfile %s FILE");
    buffer_deinit(&content);
    return status;
}

int named_add_bin_file(struct named *named, const char *name, const char *path)
{
    struct buffer content = BUFFER_INIT;
    int status = check_name(name);
    if (status == 0)
        status = read_file(named, name, path, &content);
    if (status == 0) {
        struct buffer *value = slot(named, name);
        buffer_pack_bin(value, content.bytes, content.size);
        memory_check(!value->failed);
    }
    buffer_deinit(&content);
    return status;
}

static const uint8_t *find_for_text(void *context, const char *name, size_t length, size_t *size)
{
    struct named_value *found = find(context, name, length);
    if (found == NULL)
        return NULL;
    *size = found->value.size;
    return found->value.bytes;
}

struct text_names named_for_text(struct named *named)
{
    return (struct text_names){.find = find_for_text, .context = named};
}

void named_deinit(struct named *named)
{
    for (size_t i = 0; i < named->count; i++)
        buffer_deinit(&named->list[i].value);
    free(named->list);
    *named = (struct named){0};
}
