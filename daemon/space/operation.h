/* SPDX-License-Identifier: MIT */
/*
 * The operations, a file each (op_<name>.c): what the engine does with one request.
 *
 * Each gets the asker with the position at which the request was taken up already given out; that of
 * `out` is the id of its first tuple. It appends its answer, or makes an interest that waits.
 */
#ifndef TSD_SPACE_OPERATION_H
#define TSD_SPACE_OPERATION_H

#include "protocol/request.h"
#include "space/answer.h"

void op_out(struct engine *engine, const struct asker *asker, const struct request *request);
void op_take(struct engine *engine, const struct asker *asker, const struct request *request);
void op_cancel(struct engine *engine, const struct asker *asker, const struct request *request);
void op_count(struct engine *engine, const struct asker *asker, const struct request *request);
void op_scan(struct engine *engine, const struct asker *asker, const struct request *request);
void op_spaces(struct engine *engine, const struct asker *asker, const struct request *request);
void op_ping(struct engine *engine, const struct asker *asker, const struct request *request);

/* The next piece of a count; frees the interest when it is done. */
void count_go_on(struct engine *engine, struct interest *interest);

/*
 * Fills in the query of a request, in the engine's room: spaces looked up, not made, and expressions
 * compiled. Returns 0, or -1 with the request refused. query_end gives the expressions back.
 */
int query_begin(struct engine *engine, const struct asker *asker, const struct request *request,
                struct query *query);
void query_end(struct engine *engine, struct query *query);

#endif
