/* SPDX-License-Identifier: MIT */
#include "contrib/bench/client.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "contrib/bench/check.h"
#include "contrib/bench/tuple.h"

static const char *name_of(const struct client *client)
{
    return client->run->server->driver->name;
}

bool client_open(struct client *client, struct run *run, unsigned index)
{
    client->run = run;
    client->index = index;
    client->random = UINT64_C(0x9e3779b97f4a7c15) * (index + 1);
    client->fd = server_connect(run->server, SOCK_NONBLOCK);
    if (client->fd < 0)
        return check_failed("%s: client %u cannot connect", name_of(client), index);
    client->out_size = run->server->driver->encode(client->out, VERB_OPEN, NULL);
    client->opened = client->out_size == 0;
    return true;
}

void client_close(struct client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
}

static uint32_t next_key(struct client *client)
{
    const struct load *load = client->run->load;
    uint32_t part = load->key_count / load->clients;

    if (load->subject) /* it says at each take */
        return client->key;
    switch (load->keys) {
    case KEYS_BY_CLIENT:
        return client->index;
    case KEYS_ONE:
        return 0;
    case KEYS_EACH:
        return (uint32_t)client->sent;
    case KEYS_RANDOM:
        break;
    }
    client->random ^= client->random << 13;
    client->random ^= client->random >> 7;
    client->random ^= client->random << 17;
    return client->index * part + (uint32_t)((client->random >> 32) * part >> 32);
}

/* Whether the next request is a take; starts or ends a pair. */
static bool next_step(struct client *client)
{
    enum load_steps steps = client->run->load->steps;

    if (steps == LOAD_PUT || steps == LOAD_TAKE) {
        client->key = next_key(client);
        return steps == LOAD_TAKE;
    }
    if (!client->half)
        client->key = next_key(client);
    client->half = !client->half;
    return client->half == (steps == LOAD_TAKE_PUT);
}

static size_t encode(struct client *client, bool take, struct request_data *data, uint8_t *out)
{
    const struct run *run = client->run;
    const struct subject *subject = run->load->subject;

    if (!subject) {
        if (!take)
            data->tuple_number = ledger_issue(run->ledger);
        return run->server->driver->encode(out, take ? VERB_TAKE : VERB_PUT, data);
    }
    return take ? subject->take(subject->context, client->index, data, out)
                : subject->put(subject->context, data, out);
}

static void ask(struct client *client)
{
    bool take = next_step(client);
    struct request_data data = {++client->sent, client->ack, client->key, 0};

    client->out_size += encode(client, take, &data, client->out + client->out_size);
    client->key = data.key;
    client->asked[data.number % WINDOW_MAX] = (struct asked){true, take, client->key};
    client->in_flight++;
    client->run->begun++;
}

static bool may_ask(const struct client *client)
{
    const struct run *run = client->run;

    if (client->in_flight >= run->load->window ||
        client->asked[(client->sent + 1) % WINDOW_MAX].in_flight ||
        client->out_size > CLIENT_BYTES - REQUEST_MAX)
        return false;
    if (client->half)
        return true;
    return !run->ending && (run->load->limit == 0 || run->begun < run->load->limit);
}

static bool is_done(const struct client *client)
{
    const struct run *run = client->run;

    return client->in_flight == 0 && !client->half && !client->leaving &&
           (run->ending || (run->load->limit && run->begun >= run->load->limit));
}

static void leave(struct client *client)
{
    struct request_data data = {++client->sent, client->ack, 0, 0};

    client->leaving = true;
    size_t size =
        client->run->server->driver->encode(client->out + client->out_size, VERB_LEAVE, &data);
    client->out_size += size;
    client->left = size == 0;
}

bool client_pump(struct client *client)
{
    while (may_ask(client))
        ask(client);
    if (is_done(client))
        leave(client);
    client->stuck = false;
    if (client->out_size == 0)
        return true;
    ssize_t n = send(client->fd, client->out, client->out_size, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN)
        return check_failed("%s: client %u cannot write: %s", name_of(client), client->index,
                            strerror(errno));
    if (n > 0) {
        client->out_size -= (size_t)n;
        memmove(client->out, client->out + n, client->out_size);
    }
    client->stuck = client->out_size > 0;
    return true;
}

static bool check_echo(struct client *client, const struct asked *asked,
                       const struct answer *answer)
{
    uint8_t expected[REQUEST_MAX];
    struct request_data data = {answer->number, 0, asked->key, 0};
    size_t size = driver_echo.encode(expected, asked->take ? VERB_TAKE : VERB_PUT, &data);

    if (answer->size != size)
        return check_failed("echo: %zu bytes came back instead of %zu", answer->size, size);
    if (!asked->take)
        client->run->ledger->put++;
    return true;
}

static bool check_taken(struct client *client, const struct asked *asked,
                        const struct answer *answer)
{
    const struct subject *subject = client->run->load->subject;
    uint64_t number;

    if (answer->kind != ANSWER_TUPLE)
        return check_failed("%s answered a take without a tuple: %s", name_of(client),
                            answer->kind == ANSWER_FAILED ? answer->text : "done");
    if (subject ? !subject->is(subject->context, asked->key, answer->tuple, answer->size)
                : !tuple_read(answer->tuple, answer->size, asked->key, &number))
        return check_failed("%s gave a tuple that is none of key %u", name_of(client), asked->key);
    if (answer->delivery > client->ack)
        client->ack = answer->delivery;
    return subject || ledger_take(client->run->ledger, number, name_of(client));
}

static bool check_answer(struct client *client, const struct answer *answer)
{
    uint64_t number = answer->number ? answer->number : client->answered + 1;
    struct asked *asked = &client->asked[number % WINDOW_MAX];

    if (answer->kind == ANSWER_OPENED && !client->opened) {
        client->opened = true;
        return true;
    }
    if (!client->opened)
        return check_failed("%s answered before its opening: %s", name_of(client), answer->text);
    if (client->leaving && number == client->sent && answer->kind == ANSWER_DONE) {
        client->left = true;
        return true;
    }
    if (number > client->sent || number + WINDOW_MAX <= client->sent || !asked->in_flight)
        return check_failed("%s answered %" PRIu64 ", which nobody asked: %s", name_of(client),
                            number, answer->kind == ANSWER_FAILED ? answer->text : "");
    asked->in_flight = false;
    client->in_flight--;
    client->answered++;
    client->run->answered++;
    if (answer->kind == ANSWER_ECHO)
        return check_echo(client, asked, answer);
    if (asked->take)
        return check_taken(client, asked, answer);
    if (answer->kind == ANSWER_FAILED || answer->kind == ANSWER_TUPLE)
        return check_failed("%s answered a put: %s", name_of(client),
                            answer->kind == ANSWER_FAILED ? answer->text : "a tuple");
    if (client->run->ledger)
        client->run->ledger->put++;
    return true;
}

bool client_read(struct client *client)
{
    struct answer answer;
    size_t at = 0;
    long used;
    ssize_t n = recv(client->fd, client->in + client->in_size, CLIENT_BYTES - client->in_size, 0);

    if (n < 0 && errno == EAGAIN)
        return true;
    if (n == 0 && client->left)
        return true;
    if (n <= 0)
        return check_failed("%s closed client %u's connection", name_of(client), client->index);
    client->in_size += (size_t)n;
    answer.text[0] = '\0';
    while ((used = client->run->server->driver->decode(client->in + at, client->in_size - at,
                                                       &answer)) > 0) {
        if (!check_answer(client, &answer))
            return false;
        at += (size_t)used;
    }
    if (used < 0 || (at == 0 && client->in_size == CLIENT_BYTES))
        return check_failed("%s sent what is no answer", name_of(client));
    client->in_size -= at;
    memmove(client->in, client->in + at, client->in_size);
    return true;
}
