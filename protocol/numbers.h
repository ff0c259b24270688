/* SPDX-License-Identifier: MIT */
/*
 * Every number that goes over the wire, once: operations, options, extras, matchers, statuses.
 *
 * Each table is an X-macro: the enums, the texts of errors, tsctl's help and the tables of
 * tsd-protocol(7) are made from it, and a test holds the manual page against it. A number never
 * changes its meaning and is never used again. This header is installed as <tsd/numbers.h>; it
 * includes nothing.
 */
#ifndef TSD_NUMBERS_H
#define TSD_NUMBERS_H

/* The version that both openings name. */
#define TSD_PROTOCOL_VERSION 1

/*
 * Statuses: X(number, NAME, "text", "hint")
 * The same numbers on the wire, as `ts_status` in C, and as exit statuses grouped by tsctl(1).
 * The text says what happened; the hint, where there is one, what to do about it.
 */
#define TSD_STATUSES(X)                                                                            \
    X(0, OK, "done", "")                                                                           \
    X(1, NOMATCH, "no tuple matches", "")                                                          \
    X(2, TIMEOUT, "timed out", "")                                                                 \
    X(3, CANCELLED, "cancelled", "")                                                               \
    X(4, MALFORMED, "malformed tuple or pattern", "the text names the place and the rule")         \
    X(5, PROTOCOL, "malformed frame", "the daemon closes the connection")                          \
    X(6, LIMIT, "a limit was reached", "the text names the limit")                                 \
    X(7, FULL, "the space is full", "take tuples out or raise its capacity")                       \
    X(8, REMOVED, "the space was removed", "")                                                     \
    X(9, DENIED, "permission denied", "")                                                          \
    X(10, LATE, "the hold is over", "the tuple went back before; what was to be put was not put")  \
    X(11, CROSS_STORE, "the spaces are in different stores", "use spaces of one durability")       \
    X(12, UNKNOWN, "it is not known whether it was done", "look before you repeat it")             \
    X(13, NO_MEMORY, "out of memory", "")                                                          \
    X(14, STOPPING, "the daemon is stopping", "try again when it is back")                         \
    X(15, LOST, "the connection was lost", "what was under way is unknown")                        \
    X(16, NO_DAEMON, "no daemon answers", "start tsd, or run under: tsctl run -- CMD")             \
    X(17, INVALID, "invalid argument", "the text names the argument")

/*
 * Operations: X(number, NAME, "name", arguments, options, "what it does")
 * A request is the array [number, operation, ack, argument..., {option: value, ...}]; the map may
 * be left out when it is empty. Arguments are TSD_ARG_ letters in order, see TSD_ARGUMENTS; options
 * a set of TSD_HAS_ bits.
 */
#define TSD_OPERATIONS(X)                                                                          \
    X(1, ACK, "ack", "", 0, "acknowledge deliveries without another request")                      \
    X(2, CLOSE, "close", "", 0, "say goodbye: what was acknowledged is final")                     \
    X(3, PING, "ping", "", 0, "ask whether the daemon answers")                                    \
    X(4, CANCEL, "cancel", "n", 0, "end a request that waits")                                     \
    X(5, OUT, "out", "st", TSD_HAS_PUTTING | TSD_HAS_KEY | TSD_HAS(TIMEOUT),                       \
      "put tuples as one unit")                                                                    \
    X(6, IN, "in", "sp", TSD_HAS_MATCHING, "take the oldest tuples that match")                    \
    X(7, RD, "rd", "sp", TSD_HAS_MATCHING, "read the oldest tuples that match")                    \
    X(8, COUNT, "count", "sp", TSD_HAS(STATES), "count the stored tuples that match")              \
    X(9, SCAN, "scan", "sp",                                                                       \
      TSD_HAS(MAX) | TSD_HAS(CURSOR) | TSD_HAS(REVERSE) | TSD_HAS(STATES) | TSD_HAS(WHO),          \
      "read all stored tuples that match, piece by piece")                                         \
    X(10, SPACES, "spaces", "", TSD_HAS(AFTER), "list the spaces by name, piece by piece")         \
    X(11, HOLD, "hold", "sp", TSD_HAS_MATCHING | TSD_HAS(HOLD_TIME) | TSD_HAS(DETACHED),           \
      "take tuples until they are finished or released")                                           \
    X(12, FINISH, "finish", "ksu", TSD_HAS_PUTTING | TSD_HAS_KEY | TSD_HAS(TIMEOUT),               \
      "consume held tuples and put results as one unit")                                           \
    X(13, RELEASE, "release", "k", TSD_HAS(DELAY) | TSD_HAS(UNTRIED) | TSD_HAS(EXIT),              \
      "give held or unacknowledged tuples back")                                                   \
    X(14, RENEW, "renew", "kd", 0, "let holds end so much later than now")                         \
    X(15, ATOMIC, "atomic", "sgb", TSD_HAS_KEY | TSD_HAS(TIMEOUT),                                 \
      "wait until all guards hold at once, then do the body as one unit")                          \
    X(16, COLLECT, "collect", "sp", TSD_HAS(TO) | TSD_HAS(MAX),                                    \
      "move tuples that match to another space, or delete them")                                   \
    X(17, COPY, "copy", "sp", TSD_HAS(TO) | TSD_HAS(MAX) | TSD_HAS(CURSOR),                        \
      "copy tuples that match to another space")                                                   \
    X(18, WATCH, "watch", "sp", TSD_HAS(NOW) | TSD_HAS(EVENTS), "follow what happens to tuples")   \
    X(19, DRAINED, "drained", "sp", TSD_HAS(TIMEOUT),                                              \
      "wait until no tuple that matches is there or may come back")                                \
    X(20, WILL, "will", "su", TSD_HAS(PRIORITY) | TSD_HAS(TTL) | TSD_HAS(DELAY),                   \
      "leave tuples to be put when the connection ends without a goodbye")                         \
    X(21, SPACE, "space", "s",                                                                     \
      TSD_HAS(CAPACITY) | TSD_HAS(MAX_RETURNS) | TSD_HAS(DEAD_LETTER) | TSD_HAS(OWNER) |           \
          TSD_HAS(GROUP) | TSD_HAS(MODE) | TSD_HAS(EXISTING),                                      \
      "make a space that stays, or set its attributes")                                            \
    X(22, REMOVE, "remove", "s", TSD_HAS(FORCE), "remove a space")                                 \
    X(23, STATS, "stats", "", TSD_HAS(AFTER),                                                      \
      "tell how matching goes, space by space, piece by piece")                                    \
    X(24, EXPLAIN, "explain", "sp", TSD_HAS(MAX) | TSD_HAS(TUPLE),                                 \
      "tell why a pattern matches or not, and how it is looked for")                               \
    X(25, CLIENTS, "clients", "", TSD_HAS(BEYOND), "list the clients, piece by piece")             \
    X(26, USERS, "users", "", TSD_HAS(BEYOND),                                                     \
      "list what users have of what they may have, piece by piece")                                \
    X(27, KILL, "kill", "c", 0, "disconnect a client: what it keeps goes back")

#define TSD_HAS(option) (1ull << TSD_OPTION_##option)
#define TSD_HAS_MATCHING                                                                           \
    (TSD_HAS(TIMEOUT) | TSD_HAS(MIN) | TSD_HAS(MAX) | TSD_HAS(ALTERNATIVES) | TSD_HAS(ID) |        \
     TSD_HAS(WHO))
#define TSD_HAS_PUTTING                                                                            \
    (TSD_HAS(PRIORITY) | TSD_HAS(TTL) | TSD_HAS(DELAY) | TSD_HAS(BOUND) | TSD_HAS(PULSE))
#define TSD_HAS_KEY (TSD_HAS(KEY) | TSD_HAS(WINDOW))

/* Arguments: X('letter', NAME, "form") */
#define TSD_ARGUMENTS(X)                                                                           \
    X('s', SPACE, "str: the name of a space, 1 to 255 bytes of UTF-8 without control characters")  \
    X('t', TUPLES, "array of 1 to 16,384 tuples, each an array of 1 to 255 fields")                \
    X('p', PATTERN, "array of matchers, each an array that begins with its number")                \
    X('n', NUMBER, "uint: the number of another request of this connection")                       \
    X('u', RESULTS, "array of 0 to 16,384 tuples")                                                 \
    X('k', TOKENS,                                                                                 \
      "array of 1 to 16,384 tokens: a hold's bin, or [delivery, id] of what was not acknowledged") \
    X('d', DURATION, "uint: microseconds from now")                                                \
    X('g', GUARDS,                                                                                 \
      "array of 1 to 16 guards, each [guard, space or nil, pattern, {option: value}]")             \
    X('c', CLIENT, "uint: the number of a client's connection (clients)")                          \
    X('b', BODY, "array of steps, each [1, space or nil, template, {option: value}] or [2, token]")

/* Options of a request: X(number, NAME, "name", "form and meaning"). Keys of its map. */
#define TSD_OPTIONS(X)                                                                             \
    X(1, TIMEOUT, "timeout", "uint: microseconds; 0 does not wait; without it, waits for ever")    \
    X(2, MIN, "min", "uint: wait until so many match (1)")                                         \
    X(3, MAX, "max", "uint: take or read at most so many (1, or min where that is more)")          \
    X(4, ALTERNATIVES, "alternatives", "array of up to 7 further [space, pattern]")                \
    X(5, ID, "id", "uint: only the tuple with this id")                                            \
    X(6, PRIORITY, "priority", "int: -128 to 127 (0)")                                             \
    X(7, CURSOR, "cursor", "[priority, id]: go on after this place")                               \
    X(8, REVERSE, "reverse", "bool: the youngest first")                                           \
    X(9, AFTER, "after", "str: only spaces whose names come after this one, bytewise")             \
    X(10, HOLD_TIME, "hold-time", "uint: microseconds until it goes back; without it, never")      \
    X(11, DETACHED, "detached", "bool: it survives the connection; needs a hold-time")             \
    X(12, DELAY, "delay", "uint: microseconds until it can be seen")                               \
    X(13, TTL, "ttl", "uint: microseconds that it lives, more than the delay")                     \
    X(14, BOUND, "bound", "bool: it goes with this connection")                                    \
    X(15, PULSE, "pulse", "bool: only for those who wait now")                                     \
    X(16, KEY, "key", "str: 1 to 255 bytes; the same key within its window does it once")          \
    X(17, WINDOW, "window", "uint: microseconds that the key is remembered (60 s)")                \
    X(18, UNTRIED, "untried", "bool: the return is not counted")                                   \
    X(19, TO, "to", "str: the space that they go to")                                              \
    X(20, NOW, "now", "bool: first what is stored, then `ready`")                                  \
    X(21, EVENTS, "events", "uint: each event wanted is a bit, 1 << its number; else all")         \
    X(22, STATES, "states", "bool: delayed, delivered and held ones too")                          \
    X(23, WHO, "who", "bool: tell who put each tuple, and when")                                   \
    X(24, CAPACITY, "capacity", "uint: tuples that the space has room for; 0: no bound")           \
    X(25, MAX_RETURNS, "max-returns", "uint: returns after which a tuple goes to dead-letter")     \
    X(26, DEAD_LETTER, "dead-letter", "str: the space for tuples returned too often; empty: none") \
    X(27, FORCE, "force", "bool: also where there are tuples, requests or watches")                \
    X(28, EXIT, "exit", "uint: why it comes back: an exit status, or 256 + a signal")              \
    X(29, TUPLE, "tuple", "a tuple: explain it for this one, not for those stored")                \
    X(30, OWNER, "owner", "uint: the uid that the space belongs to")                               \
    X(31, GROUP, "group", "uint: the gid that the space belongs to")                               \
    X(32, MODE, "mode", "uint: 9 bits, read, write, take of owner, group, others")                 \
    X(33, EXISTING, "existing", "bool: only where the space is there")                             \
    X(34, BEYOND, "beyond", "uint: only clients, or users, whose numbers are greater")

/* Options of the client's opening ["tsd", version, {option: value}]: X(number, NAME, ...) */
#define TSD_HELLO_OPTIONS(X)                                                                       \
    X(1, POSITIONS, "positions", "bool: answers carry since and at")                               \
    X(2, CLIENT_NAME, "name", "str: what the client calls itself, at most 255 bytes")

/* What the daemon's opening ["tsd", version, {key: value}] tells: X(number, NAME, ...) */
#define TSD_HELLO_ANSWERS(X)                                                                       \
    X(1, RUN, "run", "uint: a random number of this run of the daemon")                            \
    X(2, SESSION, "session", "uint: the number of this connection")                                \
    X(3, TUPLE_BYTES, "tuple-bytes", "uint: limit on the bytes of a tuple")                        \
    X(4, FRAME_BYTES, "frame-bytes", "uint: limit on the bytes of a frame")                        \
    X(5, REPLY_BYTES, "reply-bytes", "uint: limit on the bytes of an answer of several tuples")    \
    X(6, RELEASE, "release", "str: the daemon's release")

/*
 * Extras of an answer: X(number, NAME, "name", "form and meaning")
 * An answer is [number, status, result] or [number, status, result, {extra: value, ...}].
 */
#define TSD_EXTRAS(X)                                                                              \
    X(1, SINCE, "since", "uint: the position at which the request was taken up")                   \
    X(2, AT, "at", "uint: the position at which it took effect")                                   \
    X(3, DELIVERY, "delivery", "uint: the number of this delivery, to be acknowledged")            \
    X(4, MORE, "more", "bool: there is more than is in the answer")                                \
    X(5, ALTERNATIVE, "alternative", "uint: which alternative matched, the argument being 0")      \
    X(6, NEXT, "next", "[priority, id]: the cursor to go on with; without it there is no more")    \
    X(7, REPEATED, "repeated", "bool: its key was known: this is what the first one was told")     \
    X(8, FIRST, "first", "uint: atomic: the id of the first tuple that its body put")

/* Extras of an item [id, tuple, {extra: value}] of an answer. */
#define TSD_ITEM_EXTRAS(X)                                                                         \
    X(1, RETURNS, "returns", "uint: how often this tuple has come back")                           \
    X(2, OF, "of", "uint: which alternative it matched, where several tuples came")                \
    X(3, ITEM_PRIORITY, "priority", "int: the priority, where it is not 0 (scan, watch)")          \
    X(4, TOKEN, "token", "bin of 16 bytes: names the hold (hold, atomic)")                         \
    X(5, REASON, "reason", "uint: why it came back the last time, see the reasons")                \
    X(6, EXIT_STATUS, "exit",                                                                      \
      "uint: the exit status, or 256 + the signal, that it came back with")                        \
    X(7, UID, "uid", "uint: the user of whoever put it (who)")                                     \
    X(8, PID, "pid", "uint: the process (who)")                                                    \
    X(9, PROGRAM, "program", "str: what the client called itself (who)")                           \
    X(10, AGE, "age", "uint: microseconds since it was put, to a tenth of a second (who)")         \
    X(11, STATE, "state", "uint: where it is not stored, see the states (states)")                 \
    X(12, HOLDER, "holder", "uint: the number of the connection that keeps it (states)")           \
    X(13, LEFT, "left", "uint: microseconds until its hold ends or its delay is over (states)")    \
    X(14, HOLDER_PID, "holder-pid", "uint: that connection's process, until it ends (states)")     \
    X(15, HOLDER_PROGRAM, "holder-program",                                                        \
      "str: what that connection's client called itself (states)")

/* What a row of `spaces` tells: [name, {key: value}] */
#define TSD_SPACE_ROWS(X)                                                                          \
    X(1, TUPLES, "tuples", "uint: tuples stored")                                                  \
    X(2, BYTES, "bytes", "uint: bytes of the tuples stored")                                       \
    X(3, WAITING, "waiting", "uint: requests that wait")                                           \
    X(4, KEPT, "kept", "uint: tuples held, or delivered and not yet acknowledged")                 \
    X(5, DELAYED, "delayed", "uint: tuples that cannot be seen yet")                               \
    X(6, WATCHES, "watches", "uint: watches")                                                      \
    X(7, ROOM, "capacity", "uint: tuples that it has room for; 0: no bound")                       \
    X(8, RETURNS_MOST, "max-returns", "uint: returns after which a tuple goes to dead-letter")     \
    X(9, DEAD_LETTERS, "dead-letter", "str: the space for tuples returned too often; empty: none") \
    X(10, OWNED, "owner", "uint: the uid that it belongs to")                                      \
    X(11, GROUPED, "group", "uint: the gid that it belongs to")                                    \
    X(12, RIGHTS, "mode", "uint: 9 bits, read, write, take of owner, group, others")

/* What a row of `clients` tells: [number, {key: value}] */
#define TSD_CLIENTS(X)                                                                             \
    X(1, USER, "uid", "uint: its user, as the kernel told when it connected")                      \
    X(2, GROUP, "gid", "uint: its group")                                                          \
    X(3, PROCESS, "pid", "uint: its process then")                                                 \
    X(4, NAME, "name", "str: what it calls itself; may be empty")                                  \
    X(5, AGE, "age", "uint: microseconds since it connected")                                      \
    X(6, IDLE, "idle", "uint: microseconds since it sent something")                               \
    X(7, REQUESTS, "requests", "uint: its requests that wait or are under way, watches too")       \
    X(8, WATCHES, "watches", "uint: its watches")                                                  \
    X(9, KEPT, "kept", "uint: tuples that it holds, or was given and has not acknowledged")        \
    X(10, WILL, "will", "uint: tuples of its last will")                                           \
    X(11, UNREAD, "unread", "uint: bytes of answers that it has not read")                         \
    X(12, UNFINISHED, "unfinished", "uint: bytes of its frame that is not whole yet")              \
    X(13, STUCK, "stuck", "bool: it does not read, and is read no more until it does")             \
    X(14, OWN, "own", "bool: it is the one that asks")

/* What a row of `users` tells: [uid, {key: [used, limit]}] */
#define TSD_USAGES(X)                                                                              \
    X(1, CONNECTIONS, "connections", "its clients")                                                \
    X(2, REQUESTS, "requests", "their requests that wait or are under way")                        \
    X(3, INTERESTS, "interests", "patterns of these, one for each alternative and guard")          \
    X(4, WAITING, "waiting-bytes", "bytes of these requests")                                      \
    X(5, WATCHES, "watches", "watches")                                                            \
    X(6, KEYS, "keys", "keys remembered")                                                          \
    X(7, TUPLES, "tuples", "tuples that it put, or that its requests and wills may put")           \
    X(8, BYTES, "bytes", "bytes of these")                                                         \
    X(9, WILLS, "will-bytes", "bytes of last wills")                                               \
    X(10, UNREAD, "unread-bytes", "bytes of answers that its clients have not read")               \
    X(11, UNFINISHED, "unfinished-bytes", "bytes of unfinished frames")                            \
    X(12, SPACES, "spaces", "spaces that it made")

/* What a row of `stats` tells: [name, {key: value}] */
#define TSD_STATS(X)                                                                               \
    X(1, TUPLES, "tuples", "uint: tuples stored")                                                  \
    X(2, BYTES, "bytes", "uint: bytes of the tuples stored")                                       \
    X(3, KEPT, "kept", "uint: tuples held, or delivered and not yet acknowledged")                 \
    X(4, DELAYED, "delayed", "uint: tuples that cannot be seen yet")                               \
    X(5, WAITING, "waiting", "uint: requests that wait")                                           \
    X(6, WATCHES, "watches", "uint: watches")                                                      \
    X(7, LOOKS, "looks", "uint: times that stored tuples were looked for")                         \
    X(8, WALKS, "walks", "uint: looks that tried more than a few tuples in vain")                  \
    X(9, WALKED, "walked", "uint: tuples that the walks tried in vain")                            \
    X(10, LONGEST, "longest", "uint: the most that one walk tried in vain")                        \
    X(11, LENGTHS, "lengths",                                                                      \
      "array of uints: walks of up to 1 tuple, up to 10, and so on; the last: longer ones")        \
    X(12, OVERSIZED, "oversized", "uint: strs that were too long for an expression to be tried")   \
    X(13, OVERRUNS, "overruns", "uint: times that an expression ran into its limit")               \
    X(14, INDEXES, "indexes", "array of {key: value}: its indexes")                                \
    X(15, SHAPES, "shapes", "array of {key: value}: the shapes of patterns that wait, some 1,000") \
    X(16, SHAPES_MORE, "shapes-more", "uint: shapes that are not told, if any")

/* What is told of an index of a space (stats), or of how one length of tuples is looked at (explain) */
#define TSD_INDEXES(X)                                                                             \
    X(1, KIND, "kind", "uint: see the kinds of indexes")                                           \
    X(2, FIELDS, "fields", "uint: its tuples have so many fields")                                 \
    X(3, LITERALS, "literals", "array of uints: the fields, from 0, whose values it knows")        \
    X(4, ORDERED, "ordered", "uint: the field, from 0, whose values it has in order (order)")      \
    X(5, ENTRIES, "tuples", "uint: tuples in it")                                                  \
    X(6, READY, "ready", "bool: it is built, and used (hash, order; stats)")                       \
    X(7, HITS, "hits", "uint: looks that used it (hash, order; stats)")                            \
    X(8, UNUSED, "unused", "uint: tuples that came or went since (hash, order; stats)")            \
    X(9, UNDER, "under", "uint: tuples in it with the pattern's values (first, hash; explain)")

/* Kinds of indexes: X(number, NAME, "name", "what it is") */
#define TSD_INDEX_KINDS(X)                                                                         \
    X(0, ALL, "all", "none: the tuples of one length, in the order of their places")               \
    X(1, FIRST, "first", "by the first field: always there")                                       \
    X(2, HASH, "hash", "by the values of some fields")                                             \
    X(3, ORDER, "order", "by the order of one field, and the values of some others")

/* What is told of a shape of patterns that wait: X(number, NAME, "name", "form and meaning") */
#define TSD_SHAPES(X)                                                                              \
    X(1, SIZE, "fields", "uint: their matchers, the rest not counted")                             \
    X(2, OPEN, "rest", "bool: they end in a rest")                                                 \
    X(3, FIXED, "literals", "array of uints: the fields, from 0, that are literal")                \
    X(4, BOUNDED, "bounded", "uint: the field, from 0, that is bounded, where one is")             \
    X(5, PATTERNS, "patterns", "uint: different ones")                                             \
    X(6, WAITS, "waits", "uint: requests that wait, once for each of their alternatives, guards")

/* What `explain` tells: [items, {key: value}], the items being a tuple that matches, if one does,
 * and those that nearly do. X(number, NAME, "name", "form and meaning") */
#define TSD_EXPLAINS(X)                                                                            \
    X(1, MATCHES, "matches", "bool: whether the tuple, or one stored, matches; not known without") \
    X(2, WAYS, "ways", "array of {key: value}: how tuples of each length are looked at")           \
    X(3, TRIED, "tried", "uint: tuples tried until one matched, it included")                      \
    X(4, STOPPED, "stopped", "bool: so many were tried that the rest was not")                     \
    X(5, VERDICTS, "verdicts",                                                                     \
      "array of arrays of bools: for each item, or the tuple, what each matcher says")

/* Events of a watch: X(number, NAME, "name", "what happened"). An event is [event, id, tuple,
 * {extra: value}], or [event] where it is about no tuple. */
#define TSD_EVENTS(X)                                                                              \
    X(1, PUT, "put", "a tuple can be seen: it was put, or its delay is over")                      \
    X(2, TAKEN, "taken", "it was taken, also by hold and collect")                                 \
    X(3, RETURNED, "returned", "it came back to its place")                                        \
    X(4, EXPIRED, "expired", "its time to live or its connection ended, or it was a pulse")        \
    X(5, READY, "ready", "what was stored has been told; from here on all is")                     \
    X(6, GAP, "gap", "events were lost, the watch has ended; start it again")

/* Extras of an event: those of an item, and X(number, NAME, "name", "form and meaning") */
#define TSD_EVENT_EXTRAS(X) X(32, EVENT_AT, "at", "uint: the position of the unit (positions)")

/* Guards of atomic: X(number, NAME, "name", "holds where") */
#define TSD_GUARDS(X)                                                                              \
    X(1, IN, "in", "a tuple matches, which is taken")                                              \
    X(2, RD, "rd", "a tuple matches")                                                              \
    X(3, HOLD, "hold", "a tuple matches, which is held; options hold-time and detached")           \
    X(4, ABSENT, "absent", "no tuple matches that is there or may come back")

/* Steps of an atomic's body: X(number, NAME, "name", "what it does") */
#define TSD_STEPS(X)                                                                               \
    X(1, OUT, "out", "puts a tuple; options priority, ttl, delay, bound, pulse")                   \
    X(2, FINISH, "finish", "consumes a held tuple")

/* Fields of a step's template, which is an array of 1 to 255 of them: X(number, NAME, "form", ...) */
#define TSD_TEMPLATES(X)                                                                           \
    X(0, VALUE, "[0, value]", "this value")                                                        \
    X(1, FIELD, "[1, guard, field] or [1, guard, field, int]",                                     \
      "that field of the guard's tuple, both from 0; an int with so much added")

/* Why a tuple came back: X(number, NAME, "name", "what happened") */
#define TSD_REASONS(X)                                                                             \
    X(1, RELEASED, "released", "it was released")                                                  \
    X(2, HOLD_OVER, "hold-over", "its hold time was over")                                         \
    X(3, CONNECTION, "connection", "the connection that kept it ended")

/* Where a tuple that is in a space is: X(number, NAME, "name", "what it means") */
#define TSD_STATES(X)                                                                              \
    X(1, STORED, "stored", "everybody sees it")                                                    \
    X(2, DELAYED, "delayed", "it can be seen when its delay is over")                              \
    X(3, DELIVERED, "delivered", "taken, and not yet acknowledged")                                \
    X(4, HELD, "held", "held until it is finished or released")

/*
 * Matchers: X(number, NAME, operands, "notation", "matches")
 * A matcher is [number, operand...]. Operands: "" none, "v" a value, "o" an ordered value (number,
 * str or bin), "oo" two of one kind, "b" a str or bin, "re" an expression and flags, "l" a length
 * matcher (number from 0, or <, <=, >, >=, range over numbers from 0), "m" one matcher, "m*" any
 * number of matchers, "m+" two or more, "k*" any number of pairs of a literal key and a matcher.
 */
#define TSD_MATCHERS(X)                                                                            \
    X(0, EQ, "v", "42", "an equal value")                                                          \
    X(1, ANY, "", "?", "any value")                                                                \
    X(2, REST, "", "...", "any further fields, elements or pairs; only as the last")               \
    X(3, NIL, "", "?nil", "nil")                                                                   \
    X(4, BOOL, "", "?bool", "a bool")                                                              \
    X(5, INT, "", "?int", "an int")                                                                \
    X(6, FLOAT, "", "?float", "a float")                                                           \
    X(7, NUM, "", "?num", "an int or float")                                                       \
    X(8, STR, "", "?str", "a str")                                                                 \
    X(9, BIN, "", "?bin", "a bin")                                                                 \
    X(10, ARRAY, "", "?array", "an array")                                                         \
    X(11, MAP, "", "?map", "a map")                                                                \
    X(12, EXT, "", "?ext", "an ext")                                                               \
    X(13, LT, "o", "<v", "a value less than v")                                                    \
    X(14, LE, "o", "<=v", "a value less than or equal to v")                                       \
    X(15, GT, "o", ">v", "a value greater than v")                                                 \
    X(16, GE, "o", ">=v", "a value greater than or equal to v")                                    \
    X(17, NE, "v", "!=v", "any value not equal to v")                                              \
    X(18, RANGE, "oo", "lo..hi", "lo <= value <= hi")                                              \
    X(19, PREFIX, "b", "^\"pre\"", "a str (or bin) that starts with it")                           \
    X(20, SUFFIX, "b", "$\"post\"", "a str (or bin) that ends with it")                            \
    X(21, INFIX, "b", "*\"mid\"", "a str (or bin) that contains it")                               \
    X(22, REGEX, "re", "/re/i", "a str that the regular expression finds")                         \
    X(23, LENGTH, "l", "#n", "a str, bin, array or map of that length")                            \
    X(24, ELEMENTS, "m*", "[?, ...]", "an array whose elements match")                             \
    X(25, PAIRS, "k*", "{\"k\": ?, ...}", "a map whose keys match")                                \
    X(26, OR, "m+", "(m1 | m2)", "any of them")                                                    \
    X(27, AND, "m+", "(m1 & m2)", "all of them")                                                   \
    X(28, NOT, "m", "!m", "not that")

#define TSD_ENUM_STATUS(number, name, text, hint) TS_##name = number,
typedef enum ts_status { TSD_STATUSES(TSD_ENUM_STATUS) } ts_status;
#undef TSD_ENUM_STATUS

#define TSD_ENUM_OP(number, name, ...) TSD_OP_##name = number,
enum tsd_operation { TSD_OPERATIONS(TSD_ENUM_OP) TSD_OP_END };
#undef TSD_ENUM_OP

#define TSD_ENUM_ARG(letter, name, form) TSD_ARG_##name = letter,
enum tsd_argument { TSD_ARGUMENTS(TSD_ENUM_ARG) };
#undef TSD_ENUM_ARG

#define TSD_ENUM_OPTION(number, name, ...) TSD_OPTION_##name = number,
enum tsd_option { TSD_OPTIONS(TSD_ENUM_OPTION) TSD_OPTION_END };
#undef TSD_ENUM_OPTION

#define TSD_ENUM_HELLO(number, name, ...) TSD_HELLO_##name = number,
enum tsd_hello_option { TSD_HELLO_OPTIONS(TSD_ENUM_HELLO) };
enum tsd_hello_answer { TSD_HELLO_ANSWERS(TSD_ENUM_HELLO) };
#undef TSD_ENUM_HELLO

#define TSD_ENUM_EXTRA(number, name, ...) TSD_EXTRA_##name = number,
enum tsd_extra { TSD_EXTRAS(TSD_ENUM_EXTRA) };
enum tsd_item_extra { TSD_ITEM_EXTRAS(TSD_ENUM_EXTRA) };
#undef TSD_ENUM_EXTRA

#define TSD_ENUM_ROW(number, name, ...) TSD_ROW_##name = number,
enum tsd_space_row { TSD_SPACE_ROWS(TSD_ENUM_ROW) };
#undef TSD_ENUM_ROW

#define TSD_ENUM_CLIENT(number, name, ...) TSD_CLIENT_##name = number,
enum tsd_client { TSD_CLIENTS(TSD_ENUM_CLIENT) TSD_CLIENT_END };
#undef TSD_ENUM_CLIENT
#define TSD_ENUM_USAGE(number, name, ...) TSD_USAGE_##name = number,
enum tsd_usage { TSD_USAGES(TSD_ENUM_USAGE) TSD_USAGE_END };
#undef TSD_ENUM_USAGE

#define TSD_ENUM_STATS(number, name, ...) TSD_STATS_##name = number,
enum tsd_stats { TSD_STATS(TSD_ENUM_STATS) TSD_STATS_END };
#undef TSD_ENUM_STATS
#define TSD_ENUM_INDEX(number, name, ...) TSD_INDEX_##name = number,
enum tsd_index { TSD_INDEXES(TSD_ENUM_INDEX) TSD_INDEX_END };
#undef TSD_ENUM_INDEX
#define TSD_ENUM_KIND(number, name, ...) TSD_KIND_##name = number,
enum tsd_index_kind { TSD_INDEX_KINDS(TSD_ENUM_KIND) TSD_KIND_END };
#undef TSD_ENUM_KIND
#define TSD_ENUM_SHAPE(number, name, ...) TSD_SHAPE_##name = number,
enum tsd_shape { TSD_SHAPES(TSD_ENUM_SHAPE) TSD_SHAPE_END };
#undef TSD_ENUM_SHAPE
#define TSD_ENUM_EXPLAIN(number, name, ...) TSD_EXPLAIN_##name = number,
enum tsd_explain { TSD_EXPLAINS(TSD_ENUM_EXPLAIN) TSD_EXPLAIN_END };
#undef TSD_ENUM_EXPLAIN

#define TSD_ENUM_EVENT(number, name, ...) TSD_EVENT_##name = number,
enum tsd_event { TSD_EVENTS(TSD_ENUM_EVENT) TSD_EVENT_END };
#undef TSD_ENUM_EVENT
#define TSD_ENUM_EVENT_EXTRA(number, name, ...) TSD_EXTRA_##name = number,
enum tsd_event_extra { TSD_EVENT_EXTRAS(TSD_ENUM_EVENT_EXTRA) };
#undef TSD_ENUM_EVENT_EXTRA

#define TSD_ENUM_GUARD(number, name, ...) TSD_GUARD_##name = number,
enum tsd_guard { TSD_GUARDS(TSD_ENUM_GUARD) TSD_GUARD_END };
#undef TSD_ENUM_GUARD
#define TSD_ENUM_STEP(number, name, ...) TSD_STEP_##name = number,
enum tsd_step { TSD_STEPS(TSD_ENUM_STEP) TSD_STEP_END };
#undef TSD_ENUM_STEP
#define TSD_ENUM_TEMPLATE(number, name, ...) TSD_TEMPLATE_##name = number,
enum tsd_template { TSD_TEMPLATES(TSD_ENUM_TEMPLATE) };
#undef TSD_ENUM_TEMPLATE

#define TSD_ENUM_REASON(number, name, ...) TSD_REASON_##name = number,
enum tsd_reason { TSD_REASONS(TSD_ENUM_REASON) };
#undef TSD_ENUM_REASON
#define TSD_ENUM_STATE(number, name, ...) TSD_STATE_##name = number,
enum tsd_state { TSD_STATES(TSD_ENUM_STATE) };
#undef TSD_ENUM_STATE

#define TSD_ENUM_MATCHER(number, name, ...) TSD_M_##name = number,
enum tsd_matcher { TSD_MATCHERS(TSD_ENUM_MATCHER) TSD_M_END };
#undef TSD_ENUM_MATCHER

#endif
