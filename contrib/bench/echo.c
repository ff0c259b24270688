/* SPDX-License-Identifier: MIT */
/*
 * A bare echo of frames over a Unix socket with libuv: what any server of this kind costs at least.
 *
 * Reads into one buffer that stays, finds the whole frames (0xce and a size in four bytes, then so
 * many bytes), and writes them back at once, one write a connection and loop round. It does nothing
 * else: no answer is made, nothing is kept.
 *
 *     echo PATH        serves until SIGTERM
 *     echo --version   libuv's version
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#define FRAME_MAX 4096 /* bytes of a frame; longer ones end the connection */

struct peer {
    uv_pipe_t pipe;
    size_t kept; /* bytes of a frame of which the rest has not come */
    uint8_t begun[FRAME_MAX];
};

struct rest { /* what the socket did not take */
    uv_write_t write;
    char bytes[];
};

static char buffer[FRAME_MAX + (64 << 10)]; /* room for what a peer has kept, then what is read */

static void peer_free(uv_handle_t *handle)
{
    free(handle->data);
}

static void peer_close(struct peer *peer)
{
    if (!uv_is_closing((uv_handle_t *)&peer->pipe))
        uv_close((uv_handle_t *)&peer->pipe, peer_free);
}

static void room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct peer *peer = handle->data;

    (void)suggested;
    *buf = uv_buf_init(buffer + peer->kept, sizeof buffer - FRAME_MAX);
}

static void rest_written(uv_write_t *write, int status)
{
    (void)status;
    free(write->data);
}

static void peer_write(struct peer *peer, char *bytes, size_t size)
{
    uv_buf_t buf = uv_buf_init(bytes, (unsigned)size);
    int n = uv_try_write((uv_stream_t *)&peer->pipe, &buf, 1);
    size_t left = size - (n > 0 ? (size_t)n : 0);

    if (n < 0 && n != UV_EAGAIN) {
        peer_close(peer);
        return;
    }
    if (left == 0)
        return;
    struct rest *rest = malloc(sizeof *rest + left);
    if (!rest)
        abort();
    rest->write.data = rest;
    memcpy(rest->bytes, bytes + size - left, left);
    buf = uv_buf_init(rest->bytes, (unsigned)left);
    if (uv_write(&rest->write, (uv_stream_t *)&peer->pipe, &buf, 1, rest_written) != 0)
        free(rest);
}

/* The bytes of whole frames at the front; SIZE_MAX where one is none. */
static size_t whole_frames(const uint8_t *p, size_t size)
{
    size_t at = 0;

    while (size - at >= 5) {
        size_t body = (size_t)p[at + 1] << 24 | p[at + 2] << 16 | p[at + 3] << 8 | p[at + 4];
        if (p[at] != 0xce || body > FRAME_MAX - 5)
            return SIZE_MAX;
        if (size - at - 5 < body)
            break;
        at += 5 + body;
    }
    return at;
}

static void has_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct peer *peer = stream->data;

    (void)buf;
    if (n == 0)
        return;
    if (n < 0) {
        peer_close(peer);
        return;
    }
    memcpy(buffer, peer->begun, peer->kept);
    size_t size = peer->kept + (size_t)n;
    size_t whole = whole_frames((uint8_t *)buffer, size);
    if (whole == SIZE_MAX) {
        peer_close(peer);
        return;
    }
    peer->kept = size - whole;
    memcpy(peer->begun, buffer + whole, peer->kept);
    if (whole > 0)
        peer_write(peer, buffer, whole);
}

static void has_come(uv_stream_t *listener, int status)
{
    struct peer *peer = calloc(1, sizeof *peer);

    if (status != 0 || !peer)
        abort();
    peer->pipe.data = peer;
    uv_pipe_init(listener->loop, &peer->pipe, 0);
    if (uv_accept(listener, (uv_stream_t *)&peer->pipe) != 0) {
        peer_close(peer);
        return;
    }
    uv_read_start((uv_stream_t *)&peer->pipe, room, has_read);
}

static void end(uv_handle_t *handle, void *none)
{
    (void)none;
    if (!uv_is_closing(handle)) /* peers alone have data */
        uv_close(handle, handle->data ? peer_free : NULL);
}

static void stop(uv_signal_t *handle, int number)
{
    (void)number;
    uv_walk(handle->loop, end, NULL);
}

int main(int argc, char **argv)
{
    uv_loop_t *loop = uv_default_loop();
    uv_pipe_t listener = {0};
    uv_signal_t terminate = {0};

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("libuv %s\n", uv_version_string());
        return 0;
    }
    if (argc != 2) {
        fputs("usage: echo PATH\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    uv_signal_init(loop, &terminate);
    uv_signal_start(&terminate, stop, SIGTERM);
    uv_pipe_init(loop, &listener, 0);
    if (uv_pipe_bind(&listener, argv[1]) != 0 ||
        uv_listen((uv_stream_t *)&listener, 128, has_come) != 0) {
        fprintf(stderr, "echo: cannot listen at %s\n", argv[1]);
        return 1;
    }
    uv_run(loop, UV_RUN_DEFAULT);
    return uv_loop_close(loop) != 0;
}
