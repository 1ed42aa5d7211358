#include "proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PAIRS 64
#define ROOM  16384

/* What one side said and the other has not got yet. */
struct way {
    unsigned char bytes[ROOM];
    size_t size, sent;
    int64_t due;   /* not before */
    bool ended;    /* its speaker said the end */
    bool finished; /* which was passed on */
    bool cut;      /* what still comes is dropped */
};

/* fd[0] is the client, fd[1] the server, or -1; ways[0] leads to the server. */
struct pair {
    int fd[2];
    bool deaf;
    struct way ways[2];
};

struct proxy {
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    int listener, alarm[2], port, server_port;
    bool stopping;
    int fault;
    bool down;    /* counts what the server says */
    int64_t left; /* bytes until it happens; -1: none is armed */
    proxy_pace pace;
    proxy_seen seen;
    const void *answer;
    size_t answer_size;
    size_t heard_size;
    unsigned char heard[PROXY_HEARD];
    struct pair pairs[PAIRS];
};

static int64_t micros(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * INT64_C(1000000) + at.tv_nsec / 1000;
}

static void shut(struct pair *pair, bool hard)
{
    const struct linger now = {1, 0};

    for (int i = 0; i < 2; i++) {
        if (pair->fd[i] >= 0 && hard)
            setsockopt(pair->fd[i], SOL_SOCKET, SO_LINGER, &now, sizeof now);
        if (pair->fd[i] >= 0)
            close(pair->fd[i]);
        pair->fd[i] = -1;
    }
}

static void prepare(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(const int){1}, sizeof(int));
}

static int reach(int port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        abort();
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    close(fd);
    return -1;
}

static void take_client(proxy *p)
{
    int fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
    struct pair *pair = NULL;

    for (int i = 0; i < PAIRS && pair == NULL; i++)
        pair = p->pairs[i].fd[0] < 0 ? &p->pairs[i] : NULL;
    if (fd < 0)
        return;
    if (pair == NULL)
        abort();
    p->seen.connections++;
    p->heard_size = 0;
    memset(pair, 0, sizeof *pair);
    pair->fd[0] = fd;
    pair->fd[1] = -1;
    pair->deaf = p->fault == PROXY_HOLE && p->seen.fired;
    prepare(fd);
    if (p->fault == PROXY_AWAY)
        shut(pair, true);
    if (p->fault == PROXY_AWAY || pair->deaf || p->server_port == 0)
        return;
    pair->fd[1] = reach(p->server_port);
    if (pair->fd[1] < 0)
        shut(pair, true); /* as the server's machine does when nobody listens */
    else
        prepare(pair->fd[1]);
}

static void happen(proxy *p, struct pair *pair, int way)
{
    p->left = -1;
    p->seen.fired = true;
    if (p->fault == PROXY_RESET)
        shut(pair, true);
    for (int i = 0; i < PAIRS && p->fault == PROXY_HOLE; i++)
        p->pairs[i].deaf = true;
    if (p->fault == PROXY_HALF) {
        shutdown(pair->fd[1 - way], SHUT_WR);
        pair->ways[way].cut = pair->ways[way].finished = true;
    }
}

static void answer(proxy *p, struct pair *pair)
{
    struct way *down = &pair->ways[1];

    if (p->server_port != 0 || pair->deaf || down->size > 0)
        return;
    down->size = p->answer_size < ROOM ? p->answer_size : ROOM;
    memcpy(down->bytes, p->answer, down->size);
    p->answer_size = 0;
}

static void hear(proxy *p, struct pair *pair, int way)
{
    struct way *w = &pair->ways[way];
    bool counted = p->left >= 0 && (way == 1) == p->down && !pair->deaf && !w->cut;
    size_t room = sizeof w->bytes;
    ssize_t got;

    if (counted && p->left == 0) {
        happen(p, pair, way);
        return;
    }
    if (counted && (uint64_t)p->left < room)
        room = (size_t)p->left;
    got = read(pair->fd[way], w->bytes, room);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got < 0) {
        shut(pair, true);
        return;
    }
    w->ended = got == 0;
    if (way == 0 && got > 0) {
        size_t more = sizeof p->heard - p->heard_size;

        more = (size_t)got < more ? (size_t)got : more;
        memcpy(p->heard + p->heard_size, w->bytes, more);
        p->heard_size += more;
        answer(p, pair);
    }
    if (pair->deaf || w->cut || pair->fd[1 - way] < 0)
        return;
    if (counted)
        p->left -= got;
    w->size = (size_t)got;
    w->sent = 0;
    w->due = p->pace.delay == 0 ? 0 : micros() + p->pace.delay;
}

static void speak(proxy *p, struct pair *pair, int way)
{
    struct way *w = &pair->ways[way];
    size_t size = w->size - w->sent;
    ssize_t put;

    if (p->pace.piece > 0 && p->pace.piece < size)
        size = p->pace.piece;
    put = send(pair->fd[1 - way], w->bytes + w->sent, size, MSG_NOSIGNAL);
    if (put < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (put < 0) {
        shut(pair, true);
        return;
    }
    *(way == 0 ? &p->seen.up : &p->seen.down) += put;
    w->sent += (size_t)put;
    w->due = p->pace.gap == 0 ? 0 : micros() + p->pace.gap;
    if (w->sent < w->size)
        return;
    w->size = w->sent = 0;
    if (p->left == 0 && (way == 1) == p->down)
        happen(p, pair, way);
}

/* Passes an end on; both ends said: closed. */
static void finish(struct pair *pair)
{
    for (int i = 0; i < 2 && pair->fd[0] >= 0; i++) {
        struct way *w = &pair->ways[i];

        if (!w->ended || w->size > 0 || w->finished)
            continue;
        w->finished = true;
        if (pair->fd[1 - i] >= 0 && !pair->deaf)
            shutdown(pair->fd[1 - i], SHUT_WR);
    }
    if (pair->fd[0] >= 0 && pair->ways[0].ended && (pair->ways[1].ended || pair->fd[1] < 0))
        shut(pair, false);
}

/* ---- the thread ---- */

/* What to wait for of one way; brings `wait` (ms) forward to when it is due. */
static void want(const struct pair *pair, int way, struct pollfd *from, struct pollfd *to, int *wait)
{
    const struct way *w = &pair->ways[way];
    int64_t left = w->due - micros();

    if (w->size == 0 && !w->ended)
        from->events |= POLLIN;
    if (w->size == 0 || pair->deaf)
        return;
    if (left <= 0)
        to->events |= POLLOUT;
    else if (left / 1000 + 1 < *wait)
        *wait = (int)(left / 1000) + 1;
}

static void serve(proxy *p, struct pollfd fds[2 + 2 * PAIRS])
{
    for (int i = 0; i < PAIRS; i++) {
        struct pair *pair = &p->pairs[i];
        const struct pollfd *at = fds + 2 + 2 * i;

        for (int way = 0; way < 2; way++) {
            bool heard = (at[way].revents & (POLLIN | POLLHUP | POLLERR)) != 0;

            if (pair->fd[way] == at[way].fd && at[way].fd >= 0 && heard && pair->ways[way].size == 0 &&
                !pair->ways[way].ended)
                hear(p, pair, way);
            if (pair->fd[0] >= 0 && pair->fd[1 - way] == at[1 - way].fd && at[1 - way].fd >= 0 &&
                (at[1 - way].revents & POLLOUT) != 0 && pair->ways[way].size > 0)
                speak(p, pair, way);
        }
        finish(pair);
    }
    if ((fds[0].revents & POLLIN) != 0)
        take_client(p);
}

static void *run(void *data)
{
    proxy *p = data;
    struct pollfd fds[2 + 2 * PAIRS];
    char byte;

    pthread_mutex_lock(&p->lock);
    while (!p->stopping) {
        int wait = 60000;

        fds[0] = (struct pollfd){p->listener, POLLIN, 0};
        fds[1] = (struct pollfd){p->alarm[0], POLLIN, 0};
        for (int i = 0; i < PAIRS; i++) {
            struct pair *pair = &p->pairs[i];

            fds[2 + 2 * i] = (struct pollfd){pair->fd[0], 0, 0};
            fds[3 + 2 * i] = (struct pollfd){pair->fd[1], 0, 0};
            for (int way = 0; way < 2 && pair->fd[0] >= 0; way++)
                want(pair, way, &fds[2 + 2 * i + way], &fds[3 + 2 * i - way], &wait);
            for (int side = 0; side < 2; side++) /* an end that was heard would be told again and again */
                if (fds[2 + 2 * i + side].events == 0)
                    fds[2 + 2 * i + side].fd = -1;
        }
        pthread_mutex_unlock(&p->lock);
        (void)poll(fds, 2 + 2 * PAIRS, wait);
        pthread_mutex_lock(&p->lock);
        while (read(p->alarm[0], &byte, 1) == 1)
            continue;
        serve(p, fds);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* ---- the test's side ---- */

static void unlock(proxy *p)
{
    pthread_mutex_unlock(&p->lock);
    if (write(p->alarm[1], "", 1) != 1)
        abort();
}

proxy *proxy_start(int server_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    proxy *p = calloc(1, sizeof *p);

    if (p == NULL || pipe2(p->alarm, O_CLOEXEC | O_NONBLOCK) != 0 || pthread_mutex_init(&p->lock, NULL) != 0)
        abort();
    for (int i = 0; i < PAIRS; i++)
        p->pairs[i].fd[0] = p->pairs[i].fd[1] = -1;
    p->left = -1;
    p->server_port = server_port;
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (p->listener < 0 || bind(p->listener, (struct sockaddr *)&at, size) != 0 || listen(p->listener, 64) != 0 ||
        getsockname(p->listener, (struct sockaddr *)&at, &size) != 0 || pthread_create(&p->thread, NULL, run, p) != 0)
        abort();
    p->port = ntohs(at.sin_port);
    return p;
}

void proxy_stop(proxy *p)
{
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    unlock(p);
    pthread_join(p->thread, NULL);
    for (int i = 0; i < PAIRS; i++)
        shut(&p->pairs[i], false);
    close(p->listener);
    close(p->alarm[0]);
    close(p->alarm[1]);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

int proxy_port(const proxy *p)
{
    return p->port;
}

void proxy_hurt(proxy *p, int what, bool down, int64_t at)
{
    pthread_mutex_lock(&p->lock);
    /* Connections that fell into a hole stay there: their bytes are gone. */
    for (int i = 0; i < PAIRS; i++)
        if (p->pairs[i].deaf || what == PROXY_AWAY)
            shut(&p->pairs[i], true);
    p->fault = what;
    p->down = down;
    p->left = what == PROXY_WELL || what == PROXY_AWAY ? -1 : at;
    p->seen.fired = false;
    unlock(p);
}

void proxy_slow(proxy *p, proxy_pace pace)
{
    pthread_mutex_lock(&p->lock);
    p->pace = pace;
    unlock(p);
}

proxy_seen proxy_look(proxy *p)
{
    proxy_seen out;

    pthread_mutex_lock(&p->lock);
    p->seen.open = 0;
    for (int i = 0; i < PAIRS; i++)
        p->seen.open += p->pairs[i].fd[0] >= 0;
    out = p->seen;
    pthread_mutex_unlock(&p->lock);
    return out;
}

size_t proxy_heard(proxy *p, unsigned char out[PROXY_HEARD])
{
    size_t size;

    pthread_mutex_lock(&p->lock);
    size = p->heard_size;
    memcpy(out, p->heard, size);
    pthread_mutex_unlock(&p->lock);
    return size;
}

void proxy_say(proxy *p, const void *bytes, size_t size)
{
    pthread_mutex_lock(&p->lock);
    p->answer = bytes;
    p->answer_size = size;
    unlock(p);
}
