/* A peer that speaks as much of MongoDB's protocol as a client needs, and says what a script tells it: also what no
 * server that is alive would say. A thread of the test, on a free port of loopback. */
#ifndef SUPPORT_MONGO_PEER_H
#define SUPPORT_MONGO_PEER_H

#include <mongoc/mongoc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define PEER_CLIENTS 16

typedef enum peer_turn {
    PEER_ANSWER,  /* the reply */
    PEER_TEAR,    /* half of it, then the connection ends */
    PEER_HANG_UP, /* nothing, and the connection ends */
    PEER_GARBAGE, /* bytes that are no message */
    PEER_SILENCE  /* nothing, for good */
} peer_turn;

typedef struct mongo_peer mongo_peer;
/* `reply` has {ok: 1} appended unless the script puts another `ok`. Greetings are answered without it. */
typedef peer_turn (*peer_script)(mongo_peer *peer, const char *command, const bson_t *ask, bson_t *reply);

struct mongo_peer {
    int port;
    bool set_of_servers; /* it says that it is the primary of a replica set, with sessions */
    const char *named;   /* the host that it says it is; NULL: 127.0.0.1 */
    const char *member;  /* of the set, beside it; NULL: none */
    peer_script script;
    atomic_int asked; /* commands that the script got */
    atomic_int greeted;
    /* private */
    int listener;
    int clients[PEER_CLIENTS];
    pthread_t thread;
    atomic_bool stop;
};

bool mongo_peer_start(mongo_peer *peer, peer_script script, bool set_of_servers);
void mongo_peer_stop(mongo_peer *peer);

#endif
