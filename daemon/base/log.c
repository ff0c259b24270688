/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum log_level log_threshold = LOG_LEVEL_NOTICE;
static bool log_priorities; /* to the journal */
static bool log_name;       /* to a terminal, where others write too */

/* JOURNAL_STREAM is inherited: it says "dev:ino" of what was stderr when systemd started us. */
static bool is_journal(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    uintmax_t device, inode;
    struct stat status;

    if (!stream || sscanf(stream, "%ju:%ju", &device, &inode) != 2 || fstat(fd, &status) < 0)
        return false;
    return device == (uintmax_t)status.st_dev && inode == (uintmax_t)status.st_ino;
}

void log_init(enum log_level level)
{
    log_threshold = level;
    log_priorities = is_journal(STDERR_FILENO);
    log_name = !log_priorities && isatty(STDERR_FILENO);
}

int log_level_find(const char *name)
{
    static const char *const names[] = {"err", "warning", "notice", "info", "debug"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0)
            return LOG_LEVEL_ERR + (int)i;
    return -1;
}

static bool continues(char c)
{
    return (c & 0xc0) == 0x80;
}

/*
 * How many bytes of control stand here, 0 for none: ASCII's, Latin-1's as UTF-8 has them, and as
 * stray bytes, which some terminals obey.
 */
static size_t control_at(const char *text)
{
    unsigned char c = (unsigned char)text[0], d = c ? (unsigned char)text[1] : 0;

    if (c < 0x20 || c == 0x7f || continues(*text))
        return 1;
    return c == 0xc2 && d >= 0x80 && d < 0xa0 ? 2 : 0;
}

/*
 * Copies text with controls as \xNN, and the characters of `quoted` with a backslash before them,
 * while there is room; returns how much was written. Nothing is cut within a character.
 */
static size_t escape(char *to, size_t room, const char **text, const char *quoted)
{
    size_t size = 0, bytes;
    const char *from = *text;
    char piece[16];

    while (*from) {
        size_t taken = control_at(from);
        if (taken == 2) {
            bytes = (size_t)sprintf(piece, "\\x%02x\\x%02x", from[0] & 0xff, from[1] & 0xff);
        } else if (taken == 1) {
            bytes = (size_t)sprintf(piece, "\\x%02x", from[0] & 0xff);
        } else if (strchr(quoted, *from)) {
            bytes = (size_t)sprintf(piece, "\\%c", *from);
            taken = 1;
        } else {
            piece[0] = *from;
            taken = 1;
            for (; (*from & 0x80) && taken < 4 && continues(from[taken]); taken++)
                piece[taken] = from[taken];
            bytes = taken;
        }
        if (bytes > room - size)
            break;
        memcpy(to + size, piece, bytes);
        size += bytes;
        from += taken;
    }
    *text = from;
    return size;
}

/* The text was cut: takes away a last character of several bytes, which may lack some. */
static void cut_at_character(char *text)
{
    size_t size = strlen(text);

    while (size > 0 && continues(text[size - 1]))
        size--;
    if (size > 0 && (text[size - 1] & 0x80))
        size--;
    text[size] = '\0';
}

void log_event(enum log_level level, const char *format, ...)
{
    int saved = errno;
    char text[LOG_LINE] = "", line[LOG_LINE + 8];
    const char *from = text;
    size_t size = 0;
    va_list args;

    if (level > log_threshold)
        return;
    va_start(args, format);
    if (vsnprintf(text, sizeof(text), format, args) >= (int)sizeof(text))
        cut_at_character(text);
    va_end(args);
    if (log_priorities)
        size = (size_t)sprintf(line, "<%d>", level);
    else if (log_name)
        size = (size_t)sprintf(line, "tsd: ");
    size += escape(line + size, sizeof(line) - 1 - size, &from, "");
    line[size++] = '\n';
    /* Where stderr does not take it there is nobody to tell. */
    if (write(STDERR_FILENO, line, size) >= 0 || errno != 0)
        errno = saved;
}

static bool is_plain(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text; text++)
        if (control_at(text) || strchr(" =\"\\", *text))
            return false;
    return true;
}

const char *log_quote(char room[static LOG_QUOTED], const char *text)
{
    bool plain = is_plain(text);
    size_t size = 0;

    if (!plain)
        room[size++] = '"';
    /* 5: what may follow, three dots, a quote and the NUL */
    size += escape(room + size, LOG_QUOTED - size - 5, &text, plain ? "" : "\"\\");
    (void)snprintf(room + size, LOG_QUOTED - size, "%s%s", *text ? "..." : "", plain ? "" : "\"");
    return room;
}
