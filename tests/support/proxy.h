/* A TCP proxy on loopback that hurts: a thread of the test between a client and a server. Without a server behind it,
 * it is a peer that says one thing. */
#ifndef SUPPORT_PROXY_H
#define SUPPORT_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROXY_WELL  0
#define PROXY_RESET 1 /* RST to both sides */
#define PROXY_HOLE  2 /* takes what comes and gives nothing, both ways, also on connections that come later */
#define PROXY_HALF  3 /* says the end in this direction, and drops what still comes from there */
#define PROXY_AWAY  4 /* at once, and until the next call: every connection is reset, as where nobody listens */

/* Of each direction: how long a piece is held, how large one is at most (0: as it comes), and the pause behind it, in
 * µs. */
typedef struct proxy_pace {
    int64_t delay;
    size_t piece;
    int64_t gap;
} proxy_pace;

typedef struct proxy_seen {
    int64_t connections, open; /* accepted, and not closed yet */
    int64_t up, down;          /* bytes passed on */
    bool fired;                /* what proxy_hurt() asked for last has happened */
} proxy_seen;

typedef struct proxy proxy;

proxy *proxy_start(int server_port); /* 0: no server */
void proxy_stop(proxy *p);
int proxy_port(const proxy *p);
/* What happens once `at` more bytes went one way (`down`: from the server), counted over all connections from now on.
 * It happens once, but for a hole, which stays until the next call; connections in it are reset then. */
void proxy_hurt(proxy *p, int what, bool down, int64_t at);
void proxy_slow(proxy *p, proxy_pace pace);
proxy_seen proxy_look(proxy *p);
/* The first bytes that the client of the newest connection sent; how many there are of them. */
#define PROXY_HEARD 4096
size_t proxy_heard(proxy *p, unsigned char out[PROXY_HEARD]);
/* Without a server: the answer to what the next client says first. Borrowed. */
void proxy_say(proxy *p, const void *bytes, size_t size);

#endif
