/* SPDX-License-Identifier: MIT */
/*
 * The arguments and options of requests, each once: the form of its value, which reads and writes
 * it, and where struct request keeps it. Made from the tables of numbers.h: an argument or option
 * there that has no form here does not compile.
 */
#ifndef TSD_PROTOCOL_REQUEST_FIELD_H
#define TSD_PROTOCOL_REQUEST_FIELD_H

#include "protocol/reader.h"
#include "protocol/request.h"

struct decoder {
    struct reader in;
    struct pattern_room *room;
    struct request *request;
    struct problem *problem;
    bool puts_bound; /* a step of the body puts a tuple that is bound */
};

/* A problem of a value at p, whose check counted offsets from there. */
static inline int decoder_problem(struct decoder *d, const uint8_t *p, int error)
{
    d->problem->offset += (size_t)(p - d->in.body);
    return error;
}

/* Takes a pattern, or one token of `whose`: 0, or -status with the problem set. */
int decoder_pattern(struct decoder *d, struct pattern *pattern);
/* A name or nil, which stands for the request's own space. */
int decoder_space_or_own(struct decoder *d, struct span *space);
int decoder_token(struct decoder *d, const char *whose, bool deliveries);

int decoder_option_refused(struct decoder *d, const char *whose, uint64_t options,
                           const uint8_t *at);

/* Takes the number of an option: one of the TSD_HAS bits `options`, which has not stood before. */
static inline int decoder_option(struct decoder *d, const char *whose, uint64_t options,
                                 uint64_t *has, uint32_t *option)
{
    const uint8_t *at = d->in.p;
    uint64_t key;

    if (!reader_uint(&d->in, &key) || key >= TSD_OPTION_END || !(options & ~*has & 1ull << key))
        return decoder_option_refused(d, whose, options, at);
    *has |= 1ull << key;
    *option = (uint32_t)key;
    return 0;
}

struct field;

/*
 * A form's decode puts the next value to where its field says. It returns 0, FORM_WRONG where the
 * value is not of this form, or -status with the problem set.
 */
#define FORM_WRONG 1
struct form {
    int (*decode)(struct decoder *d, const struct field *field, void *to);
    void (*encode)(const struct request *request, const void *from, struct buffer *out);
};

extern const struct form form_uint, form_count, form_priority, form_bool, form_place, form_space;
extern const struct form form_space_or_none, form_key, form_cut, form_exit, form_events;
extern const struct form form_id, form_mode;
extern const struct form form_tokens, form_guards, form_body;

#define EVENTS_ALL ((1u << TSD_EVENT_END) - (1u << TSD_EVENT_PUT))
#define MODE_MOST 0777
enum { EXIT_MOST = 256 + 127 };

struct field {
    const char *name; /* as errors call it: "option min" */
    const char *text; /* its form in words, up to a colon */
    const struct form *form;
    size_t offset; /* of its value in struct request */
};

/* By an argument's letter less 'a'; by an option's number. Entries without a form are unused. */
extern const struct field request_arguments['z' - 'a' + 1];
extern const struct field request_options[TSD_OPTION_END];

/* Reads the field's value at d->in. Returns 0, or -status with the problem set. */
static inline int field_decode_to(struct decoder *d, const struct field *field, void *to)
{
    int result = field->form->decode(d, field, to);

    return result == FORM_WRONG ? reader_fail(&d->in, d->problem, field->name, field->text)
                                : result;
}

/* To where struct request keeps it. */
static inline int field_decode(struct decoder *d, const struct field *field)
{
    return field_decode_to(d, field, (char *)d->request + field->offset);
}

static inline void field_encode(const struct field *field, const struct request *request,
                                struct buffer *out)
{
    field->form->encode(request, (const char *)request + field->offset, out);
}

/* What one option, or one argument, forbids another (rules S22, S26 to S28). */
int options_check_putting(struct problem *problem, size_t offset, const struct putting *putting);
int options_check_hold(struct problem *problem, size_t offset, uint64_t has, bool detached);
int options_check(struct decoder *d, size_t offset);
#define OPTIONS_CHECKED (TSD_HAS_PUTTING | TSD_HAS_KEY | TSD_HAS(DETACHED) | TSD_HAS(DEAD_LETTER))

#endif
