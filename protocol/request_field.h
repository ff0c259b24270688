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
};

struct field;

/*
 * A form's decode returns 0, FORM_WRONG where the next value is not of this form, or -status with the
 * problem set.
 */
#define FORM_WRONG 1
struct form {
    int (*decode)(struct decoder *d, const struct field *field);
    void (*encode)(const struct request *request, const struct field *field, struct buffer *out);
};

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
static inline int field_decode(struct decoder *d, const struct field *field)
{
    int result = field->form->decode(d, field);

    return result == FORM_WRONG ? reader_fail(&d->in, d->problem, field->name, field->text)
                                : result;
}

void field_encode(const struct field *field, const struct request *request, struct buffer *out);

#endif
