/* SPDX-License-Identifier: MIT */
/*
 * The fields of a tuple, one at a time. The tuple was checked when its answer was read.
 */
#include "client/bind.h"
#include "protocol/tuple.h"
#include "protocol/value.h"

static const uint8_t *find_field(const ts_tuple *tuple, size_t field)
{
    const uint8_t *p;

    if (!tuple || field >= tuple->fields)
        return NULL;
    p = tuple_first(tuple->bytes);
    while (field-- > 0)
        p = value_skip_trusted(p);
    return p;
}

/* By the same rules as a formal of that kind. */
static bool read_field(const ts_tuple *tuple, size_t field, ts_kind kind, void *target)
{
    const uint8_t *p = find_field(tuple, field);
    const ts_value formal = ts_value_target(kind, target);

    return p && bind_field(&formal, p, NULL) == TS_OK;
}

bool ts_field_int(const ts_tuple *tuple, size_t field, int64_t *value)
{
    return read_field(tuple, field, TS_KIND_TO_INT64, value);
}

bool ts_field_uint(const ts_tuple *tuple, size_t field, uint64_t *value)
{
    return read_field(tuple, field, TS_KIND_TO_UINT64, value);
}

bool ts_field_double(const ts_tuple *tuple, size_t field, double *value)
{
    return read_field(tuple, field, TS_KIND_TO_DOUBLE, value);
}

bool ts_field_bool(const ts_tuple *tuple, size_t field, bool *value)
{
    return read_field(tuple, field, TS_KIND_TO_BOOL, value);
}

bool ts_field_str(const ts_tuple *tuple, size_t field, ts_bytes *value)
{
    return read_field(tuple, field, TS_KIND_TO_STR, value);
}

bool ts_field_bin(const ts_tuple *tuple, size_t field, ts_bytes *value)
{
    return read_field(tuple, field, TS_KIND_TO_BIN, value);
}

bool ts_field_raw(const ts_tuple *tuple, size_t field, ts_bytes *value)
{
    return read_field(tuple, field, TS_KIND_TO_RAW, value);
}
