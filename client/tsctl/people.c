/* SPDX-License-Identifier: MIT */
#include "tsctl/people.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tsctl/complain.h"

/* The highest number stands for nobody. */
static bool parse_number(const char *text, uint32_t *id)
{
    const size_t length = strlen(text);
    if (length == 0 || length > 10 || strspn(text, "0123456789") != length)
        return false;
    const unsigned long long number = strtoull(text, NULL, 10);
    *id = (uint32_t)number;
    return number < UINT32_MAX;
}

bool people_find_user(const char *text, uint32_t *uid)
{
    const struct passwd *user = getpwnam(text);
    if (user == NULL)
        return parse_number(text, uid);
    *uid = user->pw_uid;
    return true;
}

bool people_find_group(const char *text, uint32_t *gid)
{
    const struct group *group = getgrnam(text);
    if (group == NULL)
        return parse_number(text, gid);
    *gid = group->gr_gid;
    return true;
}

int people_read_user(const char *what, const char *text, uint32_t *uid)
{
    if (people_find_user(text, uid))
        return 0;
    return complain_usage("%s: there is no user '%s'", what, text);
}

int people_read_group(const char *what, const char *text, uint32_t *gid)
{
    if (people_find_group(text, gid))
        return 0;
    return complain_usage("%s: there is no group '%s'", what, text);
}

/* The name that was looked up last: tables have long runs of the same one. */
struct known {
    bool any;
    uint32_t id;
    char name[256];
};

static void know(struct known *known, uint32_t id, const char *name)
{
    known->any = true;
    known->id = id;
    if (name != NULL)
        (void)snprintf(known->name, sizeof(known->name), "%s", name);
    else
        (void)snprintf(known->name, sizeof(known->name), "%u", id);
}

const char *people_user(uint32_t uid)
{
    static struct known known;
    if (!known.any || known.id != uid) {
        const struct passwd *user = getpwuid(uid);
        know(&known, uid, user != NULL ? user->pw_name : NULL);
    }
    return known.name;
}

const char *people_group(uint32_t gid)
{
    static struct known known;
    if (!known.any || known.id != gid) {
        const struct group *group = getgrgid(gid);
        know(&known, gid, group != NULL ? group->gr_name : NULL);
    }
    return known.name;
}
