/* SPDX-License-Identifier: MIT */
/* Recordings read: each record as what it says of an op or an event. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/format.h"
#include "history/read_frame.h"
#include "history/table.h"

struct reading {
    struct history *history;
    struct table links; /* session + 1, by client and connection */
    struct table asked; /* op + 1, by session and request */
    const char *path;
    bool last; /* the next scan is the first of the last */
};

static void *as_pointer(size_t index)
{
    return (void *)(uintptr_t)(index + 1);
}

static int session_of(const struct reading *reading, const struct record *head)
{
    const void *found = table_find(&reading->links, mix_words(head->client, head->connection, 11));
    return (int)(uintptr_t)found - 1;
}

static int complain(const struct reading *reading, const struct record *head, const char *what)
{
    (void)fprintf(stderr, "%s: connection %" PRIu64 ": %s\n", reading->path, head->connection,
                  what);
    return -1;
}

static int read_opened(struct reading *reading, const struct record *head, const uint8_t *bytes)
{
    struct session session = {.client = head->client};
    if (head->size != sizeof session.number)
        return complain(reading, head, "a broken record");
    memcpy(&session.number, bytes, sizeof session.number);
    const int index = history_session(reading->history, session);
    *table_slot(&reading->links, mix_words(head->client, head->connection, 11)) =
        as_pointer((size_t)index);
    return 0;
}

static int read_asked(struct reading *reading, const struct record *head, const uint8_t *bytes)
{
    const int session = session_of(reading, head);
    char why[512];
    if (session < 0)
        return complain(reading, head, "a request before the opening");
    struct op *op = history_read_request(reading->history, session, bytes, head->size, why);
    if (!op)
        return complain(reading, head, why);
    op->call_ns = head->time_ns;
    const size_t index = (size_t)(op - reading->history->ops);
    *table_slot(&reading->asked, mix_words((uint64_t)session, op->number, 13)) = as_pointer(index);
    if (reading->last && op->kind == TSD_OP_SCAN) {
        reading->history->last_scan = (int)index;
        reading->last = false;
    }
    return 0;
}

static int read_told(struct reading *reading, const struct record *head, const uint8_t *bytes)
{
    const int session = session_of(reading, head);
    const uint64_t number = history_answer_number(bytes, head->size);
    const void *found = table_find(&reading->asked, mix_words((uint64_t)session, number, 13));
    char why[512];
    if (session < 0 || !found)
        return complain(reading, head, "an answer to no request");
    if (history_read_answer(reading->history, (int)((uintptr_t)found - 1), bytes, head->size,
                            head->time_ns, why) < 0)
        return complain(reading, head, why);
    return 0;
}

/* Kept until all is read: the client's recording may come later. */
static void read_killed(struct reading *reading, const struct record *head, const uint8_t *bytes)
{
    struct session killed = {.client = head->client,
                             .number = UINT64_MAX, /* all of that client */
                             .end = SESSION_LOST,
                             .end_ns = head->time_ns};
    memcpy(&killed.end_low_ns, bytes, sizeof killed.end_low_ns);
    history_session(reading->history, killed);
}

static int read_record(struct reading *reading, const struct record *head, const uint8_t *bytes)
{
    const int session = session_of(reading, head);
    switch (head->kind) {
    case RECORD_OPENED:
        return read_opened(reading, head, bytes);
    case RECORD_ASKED:
        return read_asked(reading, head, bytes);
    case RECORD_TOLD:
        return read_told(reading, head, bytes);
    case RECORD_ENDED:
        if (session >= 0 && reading->history->sessions[session].end == SESSION_OPEN) {
            reading->history->sessions[session].end = SESSION_LOST;
            reading->history->sessions[session].end_low_ns = head->time_ns;
            reading->history->sessions[session].end_ns = head->time_ns;
        }
        return 0;
    case RECORD_KILLED:
        read_killed(reading, head, bytes);
        return 0;
    default:
        reading->last = true;
        return 0;
    }
}

static int read_records(struct reading *reading, const uint8_t *p, size_t size)
{
    struct record head;
    while (size >= sizeof head) {
        memcpy(&head, p, sizeof head);
        if (head.magic != RECORD_MAGIC)
            return complain(reading, &head, "this is no recording");
        if (size - sizeof head < head.size)
            return 0; /* cut off */
        if (read_record(reading, &head, p + sizeof head) < 0)
            return -1;
        p += sizeof head + head.size;
        size -= sizeof head + head.size;
    }
    return 0;
}

static int read_file(struct reading *reading, const char *path)
{
    FILE *file = fopen(path, "r");
    uint8_t *bytes = NULL;
    size_t size = 0, capacity = 0;
    if (!file) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    do {
        bytes = grow(bytes, size, &capacity, 1);
        size += fread(bytes + size, 1, capacity - size, file);
    } while (size == capacity);
    (void)fclose(file);
    reading->path = path;
    const int result = read_records(reading, bytes, size);
    free(bytes);
    return result;
}

/* What is known of the ends of clients, for all of their connections. */
static void spread_ends(struct history *history)
{
    for (size_t i = 0; i < history->session_count; i++) {
        const struct session *killed = &history->sessions[i];
        for (size_t k = 0; killed->number == UINT64_MAX && k < history->session_count; k++) {
            struct session *session = &history->sessions[k];
            if (session->client != killed->client || session->number == UINT64_MAX ||
                session->end != SESSION_OPEN)
                continue;
            session->end = SESSION_LOST;
            session->end_low_ns = killed->end_low_ns;
            session->end_ns = killed->end_ns;
        }
    }
    for (size_t i = 0; i < history->op_count; i++) { /* a goodbye may end it at once */
        const struct op *op = &history->ops[i];
        struct session *session = &history->sessions[op->session];
        if (op->kind != TSD_OP_CLOSE)
            continue;
        session->end = SESSION_GOODBYE;
        session->end_low_ns = op->call_ns;
        if (op->answered)
            session->end_ns = op->answer_ns;
        else if (session->end_ns == 0)
            session->end_ns = UINT64_MAX;
    }
}

static int is_recording(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".hist") == 0;
}

struct history *history_read(const char *folder)
{
    struct reading reading = {.history = history_new()};
    struct dirent **names;
    int count = scandir(folder, &names, is_recording, alphasort), result = 0;
    if (count <= 0) {
        (void)fprintf(stderr, "%s: %s\n", folder,
                      count < 0 ? strerror(errno) : "no recording (*.hist) is in this folder");
        return history_free(reading.history);
    }
    for (int i = 0; i < count; i++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (result == 0)
            result = read_file(&reading, path);
        free(names[i]);
    }
    free(names);
    table_clear(&reading.links);
    table_clear(&reading.asked);
    spread_ends(reading.history);
    return result < 0 ? history_free(reading.history) : reading.history;
}
