/* What public calls must answer: a world of a few listings in plain structs, and each call as domain.md has it. Rows,
 * queries and their answers are those of tests/reference. Shares no code with the library. */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "homeconnect/error.h"
#include "reference.h"

#define HOMES  12
#define KEYS   16
#define EVENTS 128

/* What an update sets. Texts are a drafted row's, which outlives the world. */
enum change {
    SETS_PRICE = 1,
    SETS_TITLE = 2,
    SETS_BEDS = 4,
    SETS_STATUS = 8,
    SETS_DISPLAY = 16,
    SETS_ADDRESS_OK = 32,
    SETS_PLACE = 64, /* city, state, zip code */
    SETS_DESCRIPTION = 128
};

struct known_key {
    enum reader who;
    int number;
    uint8_t draft; /* the body's */
    size_t home;
    int64_t at;
};

struct happening {
    bool favorite;
    int32_t what; /* HC_EVENT_ */
    size_t home;
    int32_t version;
};

typedef struct world {
    struct row rows[HOMES];
    int32_t versions[HOMES];
    int64_t previous_price[HOMES]; /* 0: none */
    bool gone[HOMES];              /* purged */
    size_t count;
    bool saved[READERS][HOMES];
    struct known_key keys[KEYS];
    size_t key_count;
    struct happening events[EVENTS];
    size_t event_count;
    bool in_unit, doomed;
    bool unsure; /* a read of the unit had no memory, perhaps for a write before it */
} world;
extern world now_is;

/* `home` may be one that never was. What is refused changes nothing. */
bool world_sees(enum reader who, size_t home);
bool world_sees_address(enum reader who, size_t home);
bool world_finds(enum reader who, size_t home); /* also what was deleted */
bool world_is_full(void);

hc_status world_read(enum reader who, size_t home);
/* *home: which it is, or was made before with this key; key 0: none. */
hc_status world_create(enum reader who, const struct row *draft, uint8_t number, int key, int64_t at, size_t *home);
hc_status world_update(enum reader who, size_t home, int32_t version, unsigned sets, const struct row *to, int64_t at);
hc_status world_delete(enum reader who, size_t home, int32_t version, int64_t at);
hc_status world_restore(enum reader who, size_t home, int64_t at);
hc_status world_purge(enum reader who, size_t home);
hc_status world_save(enum reader who, size_t home);
hc_status world_forget(enum reader who, size_t home);

#endif
