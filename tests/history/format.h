/* SPDX-License-Identifier: MIT */
/*
 * Recordings: what a client process writes down, so that it survives whatever kills it.
 *
 * Each process has a file of its own, NAME.hist in the folder of the recording. It writes a record
 * before it sends a request and one after it has read an answer, each by one write(2). A record is
 * a head of 40 bytes (host byte order) and `size` bytes:
 *
 *   opened   the number that the daemon gave the connection (8 bytes)
 *   asked    the request, as its frame's body: operation, arguments, acknowledgement, number
 *   told     an answer's body: status, tuples, counts of returns, delivery, since, at; also each
 *            answer of a watch
 *   ended    nothing: the connection is closed, or about to be
 *   killed   of the client named, by whoever killed it: the time before the signal (8 bytes); the
 *            head's time is that after its end was waited for
 *   last     nothing: the scans of this connection from here on tell what is left
 *
 * So what is recorded is the wire's own, for all operations. A record cut off at the end of a file
 * was not acted upon.
 */
#ifndef TSD_HISTORY_FORMAT_H
#define TSD_HISTORY_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "history/history.h"

enum record_kind {
    RECORD_OPENED = 1,
    RECORD_ASKED,
    RECORD_TOLD,
    RECORD_ENDED,
    RECORD_KILLED,
    RECORD_LAST,
};

#define RECORD_MAGIC UINT32_C(0x54534448)

struct record {
    uint32_t magic, kind, size, client;
    uint64_t connection; /* the client's own number of it */
    uint64_t time_ns;    /* CLOCK_MONOTONIC */
    uint64_t unused;
};

struct recorder {
    int fd;
    uint32_t client;
};

/* Returns 0, or -1 with errno. */
int recorder_open(struct recorder *recorder, const char *folder, const char *name, uint32_t client);
void recorder_close(struct recorder *recorder);

/* Ends the process where it cannot be written. */
void record(const struct recorder *recorder, enum record_kind kind, uint64_t connection,
            const void *bytes, size_t size);

uint64_t record_clock(void);

/* Reads all recordings of a folder. NULL, and a sentence on stderr, where that is not possible. */
struct history *history_read(const char *folder);

#endif
