/* SPDX-License-Identifier: MIT */
/*
 * Every limit: its default and its unit. What refuses because of one names it (rules V2, P8, S17).
 */
#ifndef TSD_LIMITS_H
#define TSD_LIMITS_H

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)

/* Tuples (rule V2) */
#define LIMIT_TUPLE_BYTES MIB(16) /* bytes of a tuple as encoded */
#define LIMIT_TUPLE_FIELDS 255    /* fields of a tuple, matchers of a pattern's top level */
#define LIMIT_TUPLE_VALUES 65536  /* values of a tuple at all levels together */
#define LIMIT_DEPTH 32 /* levels of arrays and maps in a tuple; of matchers in a pattern */

/* Patterns (rules P3, P8) */
#define LIMIT_PATTERN_BYTES KIB(64) /* bytes of a pattern as encoded */
#define LIMIT_PATTERN_MATCHERS 1024 /* matchers of a pattern at all levels together */
#define LIMIT_REGEX_BYTES KIB(4)    /* bytes of a regular expression */
#define LIMIT_REGEX_STEPS 10000     /* match steps of PCRE2's interpreter a value */
#define LIMIT_REGEX_HEAP MIB(4)     /* bytes of heap of one match, so that the steps decide */
#define LIMIT_REGEX_SUBJECT KIB(64) /* bytes of a str that an expression is tried on */
#define LIMIT_REGEX_OVERRUNS 16     /* times a request's expressions may run into their limit */
#define LIMIT_REGEX_WAITING 32      /* different expressions waiting, by user */

/* Frames */
#define LIMIT_FRAME_BYTES MIB(17)    /* bytes of a frame's body */
#define LIMIT_FRAME_VALUES 1048576   /* values of a frame at all levels together */
#define LIMIT_FRAME_DEPTH 40         /* levels of a frame: those of a tuple and what is around it */
#define LIMIT_REPLY_BYTES MIB(4)     /* bytes of tuples in an answer, unless it is one tuple */
#define LIMIT_UNIT_TUPLES 16384      /* tuples put, taken or read as one unit (rule S17) */
#define LIMIT_WAITING_TUPLES 1048576 /* that a connection's waiting requests ask for together */
#define LIMIT_ALTERNATIVES 8         /* alternatives of a request (rule S18) */
#define LIMIT_GUARDS 16              /* guards of an atomic (rule S22) */
#define LIMIT_KEY_BYTES 255          /* bytes of a key (rule S28) */
#define LIMIT_KEYS 65536             /* keys remembered, by user */
#define LIMIT_WINDOW_US 60000000 /* microseconds that a key is remembered unless told otherwise */
#define LIMIT_WATCHES 1024       /* watches of a connection */
#define LIMIT_STEP_EVENTS MIB(1) /* bytes of events that one step may tell a connection */
#define LIMIT_WILL_BYTES MIB(16) /* bytes of a connection's last will */
#define LIMIT_NAME_BYTES 255     /* bytes of the name of a space or a client */

#endif
