/* SPDX-License-Identifier: MIT */
/*
 * A tuple's text and fields in the words of a command and in its environment.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/limits.h"
#include "protocol/text_write.h"
#include "protocol/value.h"
#include "tsctl/child.h"
#include "tsctl/child_environment.h"
#include "tsctl/complain.h"
#include "tsctl/memory.h"
#include "tsctl/output.h"

/* The kernel takes no string of more than 128 KiB, and all of them share its limit (2 MiB mostly). */
#define VARIABLE_BYTES KIB(64)
#define VARIABLES_BYTES KIB(512)

/* One field as it is; what holds a zero byte, which ends a word, in the notation. */
static void write_field(struct buffer *out, const uint8_t *field)
{
    size_t before = out->size;
    output_plain(out, field);
    memory_check(!out->failed);
    if (out->size > before && memchr(out->bytes + before, '\0', out->size - before) != NULL) {
        out->size = before;
        text_write_value(field, out);
    }
}

/* Field number `wanted`, from 1; NULL where there is none. */
static const uint8_t *find_field(const uint8_t *tuple, unsigned long wanted)
{
    struct value head;
    const uint8_t *field = value_read_trusted(tuple, &head);
    if (wanted == 0 || wanted > head.length)
        return NULL;
    while (--wanted > 0)
        field = value_skip_trusted(field);
    return field;
}

/* The length of a `{}` or `{N}` at the text, 0 where there is none; *number is 0 for `{}`. */
static size_t read_place(const char *text, unsigned long *number)
{
    size_t digits = strspn(text + 1, "0123456789");
    if (text[1 + digits] != '}' || digits > 9 || (digits > 0 && text[1] == '0'))
        return 0;
    *number = strtoul(text + 1, NULL, 10);
    return digits + 2;
}

/* The word with its places filled. NULL where the tuple has no such field: *missing. */
static char *fill_word(const char *word, const uint8_t *tuple, unsigned long *missing)
{
    struct buffer text = BUFFER_INIT;
    while (*word != '\0') {
        unsigned long number = 0;
        size_t size = *word == '{' ? read_place(word, &number) : 0;
        const uint8_t *field = number > 0 ? find_field(tuple, number) : NULL;
        if (number > 0 && field == NULL) {
            *missing = number;
            buffer_deinit(&text);
            return NULL;
        }
        if (size == 0)
            buffer_append_byte(&text, (uint8_t)*word++);
        else if (field != NULL)
            write_field(&text, field);
        else
            text_write_value(tuple, &text);
        word += size;
    }
    buffer_append_byte(&text, '\0');
    memory_check(!text.failed);
    return (char *)text.bytes;
}

static void complain_missing(const char *command, const uint8_t *tuple, unsigned long missing)
{
    struct buffer text = BUFFER_INIT;
    text_write_value(tuple, &text);
    memory_check(!text.failed);
    int shown = text.size < 60 ? (int)text.size : 60;
    complain("%s: there is no field {%lu} in %.*s%s", command, missing, shown,
             (const char *)text.bytes, (size_t)shown < text.size ? "..." : "");
    buffer_deinit(&text);
}

char **child_words(const char *command, char *const *words, const uint8_t *tuple)
{
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    char **filled = memory_resize(NULL, (count + 1) * sizeof(*filled));
    for (size_t i = 0; i < count; i++) {
        unsigned long missing = 0;
        filled[i] = fill_word(words[i], tuple, &missing);
        if (filled[i] != NULL)
            continue;
        child_words_free(filled);
        complain_missing(command, tuple, missing);
        return NULL;
    }
    filled[count] = NULL;
    return filled;
}

void child_words_free(char **words)
{
    for (char **word = words; word != NULL && *word != NULL; word++)
        free(*word);
    free(words);
}

void child_environment_set(const uint8_t *tuple)
{
    if (tuple == NULL)
        return;
    struct value head;
    const uint8_t *field = value_read_trusted(tuple, &head);
    struct buffer text = BUFFER_INIT;
    size_t left = VARIABLES_BYTES;
    for (unsigned i = 1; i <= LIMIT_TUPLE_FIELDS; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "TSD_%u", i);
        (void)unsetenv(name);
        if (i > head.length)
            continue;
        buffer_clear(&text);
        write_field(&text, field);
        buffer_append_byte(&text, '\0');
        memory_check(!text.failed);
        if (text.size <= VARIABLE_BYTES && text.size <= left) {
            left -= text.size;
            (void)setenv(name, (const char *)text.bytes, 1);
        }
        field = value_skip_trusted(field);
    }
    buffer_deinit(&text);
}
