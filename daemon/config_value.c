/* SPDX-License-Identifier: MIT */
#include "daemon/config_value.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/must.h"
#include "server/systemd.h"

#define MODE_MOST 0777u
#define ROOM_MOST ((size_t)1 << 20) /* for an entry: a group may have many members */
#define LOOK_UP_US 60000000         /* more than a name service takes until it gives up */

/* Whether all of it is octal digits and no more than a mode's. */
static bool parse_octal(const char *text, uint32_t *mode)
{
    uint32_t value = 0;

    if (*text == '\0')
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '7')
            return false;
        value = value * 8 + (uint32_t)(*text - '0');
        if (value > MODE_MOST)
            return false;
    }
    *mode = value;
    return true;
}

int config_value_mode(const char *text, uint32_t *mode, struct problem *problem)
{
    if (parse_octal(text, mode))
        return 0;
    return problem_set(problem, TS_INVALID, 0, "not an octal mode from 0 to 0777: %s", text);
}

/* Whether it is nine letters, each at its place or a dash. */
static bool parse_letters(const char *text, uint32_t *mode)
{
    static const char letters[] = "rwtrwtrwt";
    uint32_t value = 0;

    if (strlen(text) != sizeof(letters) - 1)
        return false;
    for (size_t i = 0; letters[i]; i++) {
        if (text[i] != letters[i] && text[i] != '-')
            return false;
        value = value << 1 | (text[i] != '-');
    }
    *mode = value;
    return true;
}

int config_value_rights(const char *text, uint32_t *mode, struct problem *problem)
{
    if (parse_octal(text, mode) || parse_letters(text, mode))
        return 0;
    return problem_set(problem, TS_INVALID, 0,
                       "not a mode, as 0750 or rwtr-t--- (r, w, t or -, three times): %s", text);
}

/* The id of that name. Returns 0, an errno, or -1 where there is none. */
typedef int look_up(const char *name, char *room, size_t size, uint32_t *id);

static int look_up_user(const char *name, char *room, size_t size, uint32_t *id)
{
    struct passwd entry, *found = NULL;
    const int error = getpwnam_r(name, &entry, room, size, &found);

    if (!found)
        return error ? error : -1;
    *id = entry.pw_uid;
    return 0;
}

static int look_up_group(const char *name, char *room, size_t size, uint32_t *id)
{
    struct group entry, *found = NULL;
    const int error = getgrnam_r(name, &entry, room, size, &found);

    if (!found)
        return error ? error : -1;
    *id = entry.gr_gid;
    return 0;
}

static int look_up_name(look_up *look, const char *name, uint32_t *id)
{
    int error = ERANGE;

    systemd_extend(LOOK_UP_US);
    for (size_t size = 1024; error == ERANGE && size <= ROOM_MOST; size *= 2) {
        CLEANUP(mem_free) char *room = must_have(mem_alloc(size));

        error = look(name, room, size, id);
    }
    return error;
}

static bool is_number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

/* The highest number stands for none, to the kernel. */
static bool parse_id(const char *text, uint32_t *id)
{
    uint64_t value = 0;

    for (; *text; text++) {
        value = value * 10 + (uint64_t)(*text - '0');
        if (value >= UINT32_MAX)
            return false;
    }
    *id = (uint32_t)value;
    return true;
}

static int parse_who(const char *text, const char *what, look_up *look, uint32_t *id,
                     struct problem *problem)
{
    int error;

    if (is_number(text)) {
        if (parse_id(text, id))
            return 0;
        return problem_set(problem, TS_INVALID, 0, "the number of a %s is at most 4294967294: %s",
                           what, text);
    }
    error = *text ? look_up_name(look, text, id) : -1;
    if (error == 0)
        return 0;
    if (error == -1 || error == ENOENT || error == ESRCH)
        return problem_set(problem, TS_INVALID, 0, "there is no %s of the name \"%s\"", what, text);
    return problem_set(problem, TS_INVALID, 0, "cannot look up the %s \"%s\": %s", what, text,
                       strerror(error));
}

int config_value_user(const char *text, uint32_t *id, struct problem *problem)
{
    return parse_who(text, "user", look_up_user, id, problem);
}

int config_value_group(const char *text, uint32_t *id, struct problem *problem)
{
    return parse_who(text, "group", look_up_group, id, problem);
}
