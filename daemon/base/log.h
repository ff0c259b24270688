/* SPDX-License-Identifier: MIT */
/*
 * The log: to stderr, one line an event, written as `message key=value ...`.
 *
 * What is formatted never breaks a line or reaches a terminal as a control: such characters come
 * out as \xNN. A value that somebody else chose goes through log_quote first, so that it cannot
 * pass for other keys. When stderr is the journal (JOURNAL_STREAM) each line starts with its
 * priority, when it is a terminal with "tsd: ".
 *
 *     char name[LOG_QUOTED];
 *     log_info("client came session=%" PRIu64 " name=%s", id, log_quote(name, client_name));
 */
#ifndef TSD_BASE_LOG_H
#define TSD_BASE_LOG_H

/* Numbered as the journal's priorities. */
enum log_level {
    LOG_LEVEL_ERR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7,
};

/* Finds out where stderr goes; lines above the level are dropped. Before: notice, plain. */
void log_init(enum log_level level);

/* The level of that name ("err", "warning", ...), or -1. */
int log_level_find(const char *name);

/* Lines of more than LOG_LINE bytes are cut. errno stays as it was. */
#define LOG_LINE 1024
void log_event(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_err(...) log_event(LOG_LEVEL_ERR, __VA_ARGS__)
#define log_warning(...) log_event(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_event(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_event(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_event(LOG_LEVEL_DEBUG, __VA_ARGS__)

/*
 * Writes the text to the room as one value: in quotes where it is empty or has anything but plain
 * visible characters, cut with "..." where it is long. Returns the room.
 */
#define LOG_QUOTED 300
const char *log_quote(char room[static LOG_QUOTED], const char *text);

#endif
