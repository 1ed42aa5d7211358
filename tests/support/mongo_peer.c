#include "mongo_peer.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OP_REPLY 1
#define OP_QUERY 2004
#define OP_MSG   2013
#define HEADER   16
#define LARGEST  (1 << 20)

static int32_t int_at(const uint8_t *at)
{
    return (int32_t)((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
}

static void put_int(uint8_t *at, int32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)((uint32_t)value >> (8 * i));
}

static bool read_all(int fd, uint8_t *out, size_t size)
{
    while (size > 0) {
        ssize_t got = recv(fd, out, size, 0);

        if (got <= 0)
            return false;
        out += got;
        size -= (size_t)got;
    }
    return true;
}

/* Of a set the primary, with sessions: so that a client writes again by itself what it may. */
static void greet(const mongo_peer *peer, bson_t *reply)
{
    bson_t hosts;
    char self[32];

    (void)snprintf(self, sizeof self, "%s:%d", peer->named == NULL ? "127.0.0.1" : peer->named, peer->port);
    BSON_APPEND_BOOL(reply, "ismaster", true);
    BSON_APPEND_BOOL(reply, "isWritablePrimary", true);
    BSON_APPEND_INT32(reply, "maxBsonObjectSize", 16 << 20);
    BSON_APPEND_INT32(reply, "maxMessageSizeBytes", 48000000);
    BSON_APPEND_INT32(reply, "maxWriteBatchSize", 100000);
    BSON_APPEND_INT32(reply, "minWireVersion", 0);
    BSON_APPEND_INT32(reply, "maxWireVersion", 13);
    BSON_APPEND_DATE_TIME(reply, "localTime", INT64_C(1700000000000));
    if (peer->set_of_servers) {
        BSON_APPEND_UTF8(reply, "setName", "rs");
        BSON_APPEND_INT32(reply, "logicalSessionTimeoutMinutes", 30);
        BSON_APPEND_UTF8(reply, "me", self);
        BSON_APPEND_UTF8(reply, "primary", self);
        BSON_APPEND_ARRAY_BEGIN(reply, "hosts", &hosts);
        BSON_APPEND_UTF8(&hosts, "0", self);
        if (peer->member != NULL)
            BSON_APPEND_UTF8(&hosts, "1", peer->member);
        bson_append_array_end(reply, &hosts);
    }
}

/* The documents behind a command: their member's name, then one after the other. */
static bool put_sequence(bson_t *out, const uint8_t *section, size_t size)
{
    const char *name = (const char *)section + 4;
    size_t at = 4 + strlen(name) + 1;
    uint32_t count = 0;
    bson_t array, one;
    bool good = true;

    BSON_APPEND_ARRAY_BEGIN(out, name, &array);
    while (good && at + 5 <= size) {
        int32_t length = int_at(section + at);
        char room[16];
        const char *key;

        good = length > 0 && at + (size_t)length <= size && bson_init_static(&one, section + at, (size_t)length);
        (void)bson_uint32_to_string(count++, &key, room, sizeof(room));
        good = good && bson_append_document(&array, key, -1, &one);
        at += (size_t)length;
    }
    bson_append_array_end(out, &array);
    return good;
}

/* The document of a command, and the documents behind it as a member of their name, as older servers were told. */
static bool body_of(bson_t *out, const uint8_t *message, size_t size, int32_t opcode)
{
    size_t at = HEADER + 4;
    bson_t part;

    bson_init(out);
    if (opcode == OP_QUERY) {
        at += strlen((const char *)message + at) + 1 + 8;
        return bson_init_static(&part, message + at, size - at) && bson_concat(out, &part);
    }
    while (at + 5 < size) {
        int32_t length = int_at(message + at + 1);
        bool good = length > 0 && at + 1 + (size_t)length <= size;

        if (good && message[at] == 0)
            good = bson_init_static(&part, message + at + 1, (size_t)length) && bson_concat(out, &part);
        else if (good && message[at] == 1)
            good = put_sequence(out, message + at + 1, (size_t)length);
        if (!good)
            return false;
        at += 1 + (size_t)length;
    }
    return true;
}

static bool answer(int fd, const uint8_t *asked, int32_t opcode, const bson_t *reply, peer_turn turn)
{
    static uint8_t out[LARGEST];
    size_t head = opcode == OP_QUERY ? HEADER + 20 : HEADER + 5;
    size_t size = head + reply->len;

    memset(out, 0, head);
    put_int(out, (int32_t)size);
    put_int(out + 8, int_at(asked + 4));
    put_int(out + 12, opcode == OP_QUERY ? OP_REPLY : OP_MSG);
    if (opcode == OP_QUERY)
        put_int(out + 32, 1);
    memcpy(out + head, bson_get_data(reply), reply->len);
    if (turn == PEER_TEAR)
        size /= 2;
    if (turn == PEER_GARBAGE)
        memset(out, 0xa5, size);
    return send(fd, out, size, MSG_NOSIGNAL) == (ssize_t)size && turn == PEER_ANSWER;
}

static bool is_greeting(const char *command)
{
    return strcasecmp(command, "ismaster") == 0 || strcmp(command, "hello") == 0;
}

/* False: the connection ends. */
static bool serve(mongo_peer *peer, int fd)
{
    static uint8_t message[LARGEST];
    peer_turn turn = PEER_ANSWER;
    bson_t ask, reply;
    bson_iter_t first;
    int32_t size, opcode;

    if (!read_all(fd, message, HEADER))
        return false;
    size = int_at(message);
    opcode = int_at(message + 12);
    if (size < HEADER + 5 || size > LARGEST || !read_all(fd, message + HEADER, (size_t)size - HEADER) ||
        !body_of(&ask, message, (size_t)size, opcode))
        return false;
    bson_init(&reply);
    if (bson_iter_init(&first, &ask) && bson_iter_next(&first) && is_greeting(bson_iter_key(&first))) {
        greet(peer, &reply);
        atomic_fetch_add(&peer->greeted, 1);
    } else {
        turn = peer->script(peer, bson_iter_key(&first), &ask, &reply);
        atomic_fetch_add(&peer->asked, 1);
    }
    if (!bson_has_field(&reply, "ok"))
        BSON_APPEND_INT32(&reply, "ok", 1);
    if (turn != PEER_SILENCE)
        turn = turn != PEER_HANG_UP && answer(fd, message, opcode, &reply, turn) ? PEER_ANSWER : PEER_HANG_UP;
    bson_destroy(&reply);
    bson_destroy(&ask);
    return turn != PEER_HANG_UP;
}

static void *run(void *data)
{
    mongo_peer *peer = data;

    while (!atomic_load(&peer->stop)) {
        struct pollfd all[PEER_CLIENTS + 1] = {{.fd = peer->listener, .events = POLLIN}};

        for (int i = 0; i < PEER_CLIENTS; i++)
            all[i + 1] = (struct pollfd){.fd = peer->clients[i], .events = POLLIN};
        if (poll(all, PEER_CLIENTS + 1, 20) <= 0)
            continue;
        for (int i = 0; i < PEER_CLIENTS; i++) {
            if (all[i + 1].revents != 0 && !serve(peer, peer->clients[i])) {
                close(peer->clients[i]);
                peer->clients[i] = -1;
            }
        }
        for (int i = 0; all[0].revents != 0 && i < PEER_CLIENTS; i++) {
            if (peer->clients[i] < 0) {
                peer->clients[i] = accept(peer->listener, NULL, NULL);
                break;
            }
        }
    }
    return NULL;
}

bool mongo_peer_start(mongo_peer *peer, peer_script script, bool set_of_servers)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    *peer = (mongo_peer){.script = script, .set_of_servers = set_of_servers, .named = peer->named, .member = peer->member};
    for (int i = 0; i < PEER_CLIENTS; i++)
        peer->clients[i] = -1;
    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (peer->listener < 0 || bind(peer->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(peer->listener, 16) != 0 || getsockname(peer->listener, (struct sockaddr *)&address, &size) != 0)
        return false;
    peer->port = ntohs(address.sin_port);
    return pthread_create(&peer->thread, NULL, run, peer) == 0;
}

void mongo_peer_stop(mongo_peer *peer)
{
    atomic_store(&peer->stop, true);
    (void)pthread_join(peer->thread, NULL);
    for (int i = 0; i < PEER_CLIENTS; i++) {
        if (peer->clients[i] >= 0)
            close(peer->clients[i]);
    }
    close(peer->listener);
}
