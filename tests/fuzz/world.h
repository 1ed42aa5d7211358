/* What public calls must answer: a world of a few listings in plain structs, and each call as domain.md has it. Rows,
 * queries and their answers are those of tests/reference. Shares no code with the library. */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "homeconnect/error.h"
#include "homeconnect/types.h"
#include "reference.h"

#define HOMES    12
#define KEYS     16
#define DEALS    8
#define VIEWINGS 8
#define ITEMS    5 /* of a list */
#define SHARES   8
#define TALKS    4
#define MESSAGES 16
#define EVENTS   512
#define LONGEST  30 /* events of one call */

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

enum noun { LISTING, FAVORITE, LEAD, TOUCH, VIEWING, PAPER, SHARE };

struct happening {
    enum noun noun;
    int32_t what; /* HC_EVENT_ */
    size_t of;    /* which listing, lead or viewing */
    int32_t version;
    unsigned group; /* those of one, but 0, come in any order */
};

/* A lead about a listing. The one agent has it, or nobody. */
struct deal {
    hc_id id;
    size_t home;
    int contact; /* 0: the buyer's own */
    bool of_buyer, of_agent;
    bool budget; /* is known */
    bool waits;  /* for an answer */
    int32_t status, lost, version, reopened;
};

struct viewing {
    hc_id id;
    size_t deal;
    int32_t status, version, sequence;
    int64_t start, end;
    int64_t held; /* pending: until then */
};

/* What hangs on a listing. Numbers decide texts; 0 of what may be missing: it is. */
enum list { IMAGES, FILES, LISTS };

struct item {
    hc_id id;
    uint8_t url, word, kind; /* word: caption of an image, name of a file; kind: type of a file, 0 legal */
    int32_t visibility;
    bool primary;
};

struct paper {
    int32_t version;
    struct item items[LISTS][ITEMS];
    size_t counts[LISTS];
    uint8_t tour;
};

/* A call that added an item; key 0: without one. */
struct added {
    enum reader who;
    int key;
    size_t home;
    enum list list;
    struct item item; /* visibility 0: nothing was said */
    int64_t at;
};

struct share {
    hc_id item;
    size_t home, deal;
};

/* A conversation; what was said is decided by a number, too. */
struct talk {
    char id[40];
    enum reader who;
    uint8_t said[MESSAGES];
    size_t count;
    uint8_t summary;
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
    struct deal deals[DEALS];
    size_t deal_count;
    struct viewing viewings[VIEWINGS];
    size_t viewing_count;
    struct paper papers[HOMES];
    struct added added[KEYS];
    size_t added_count;
    struct share shares[SHARES];
    size_t share_count;
    struct talk talks[TALKS];
    size_t talk_count;
    struct happening events[EVENTS];
    size_t event_count;
    unsigned group, groups; /* of what happens now, and how many there were */
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

/* ---- deals.c: leads and viewings ---- */

/* What is done with a viewing that was booked. */
enum act { CONFIRM, DECLINE, CANCEL, COMPLETE, NO_SHOW, RESCHEDULE, ACTS };

bool world_sees_deal(enum reader who, size_t deal);
bool world_is_asked_about(size_t home); /* by a lead that was ever made */
bool world_waits_for(size_t home);      /* an open lead, or a viewing */
bool world_shows(size_t deal);          /* a viewing, whatever became of it */
bool world_has_room(void);              /* for a call about leads and viewings */
hc_status world_read_deal(enum reader who, size_t deal);
/* *deal: the one it made, or joined. */
hc_status world_ask(enum reader who, size_t home, int contact, bool budget, size_t *deal);
hc_status world_move(enum reader who, size_t deal, int32_t version, int32_t to, bool reason, bool price, int32_t lost,
                     int64_t at);
hc_status world_withdraw(enum reader who, size_t deal, int32_t version, int32_t reason, int64_t at);
hc_status world_log_call(enum reader who, size_t deal);
hc_status world_hand(enum reader who, size_t deal, int32_t version, bool to_agent); /* or to nobody */
/* hold: microseconds, 0: a booking. */
hc_status world_book(enum reader who, size_t deal, int64_t start, int64_t hold, int64_t at);
hc_status world_act(enum reader who, size_t viewing, int32_t version, enum act act, int64_t start, int64_t at);

/* ---- papers.c: documents of listings, and conversations ---- */

bool world_shows_item(enum reader who, size_t home, const struct item *item);
/* NULL: the listing has none of this id. */
struct item *world_item(size_t home, hc_id id, enum list *list);
/* *out: HC_NOTE_REPLAYED: the call that had the key. */
hc_status world_add_item(enum reader who, size_t home, int32_t version, const struct added *given, struct added *out);
void world_name_item(const struct added *given, hc_id id); /* which was just added */
hc_status world_replace_item(enum reader who, size_t home, int32_t version, hc_id id, enum list list,
                             const struct item *draft);
hc_status world_set_caption(enum reader who, size_t home, int32_t version, hc_id id, uint8_t word);
/* The list from item `from` on, and then those before it. */
hc_status world_turn(enum reader who, size_t home, int32_t version, enum list list, size_t from);
hc_status world_promote(enum reader who, size_t home, int32_t version, hc_id id);
hc_status world_show(enum reader who, size_t home, int32_t version, hc_id id, int32_t visibility);
hc_status world_remove_item(enum reader who, size_t home, int32_t version, hc_id id);
hc_status world_set_tour(enum reader who, size_t home, int32_t version, uint8_t tour);
hc_status world_share(enum reader who, size_t home, hc_id item, size_t deal);
hc_status world_unshare(enum reader who, size_t home, hc_id item, size_t deal);
void world_purge_papers(size_t home); /* with the listing */

hc_status world_start_talk(enum reader who);
hc_status world_say(enum reader who, size_t talk, uint8_t what);
hc_status world_sum_up(enum reader who, size_t talk, uint8_t summary);
hc_status world_hear(enum reader who, size_t talk);

/* ---- for deals.c and papers.c ---- */

bool world_may_change(enum reader who, size_t home);

hc_status world_refusal(enum reader who);
hc_status world_of_write(hc_status status); /* of a write that failed or not */
hc_status world_happened(enum noun noun, int32_t what, size_t of, int32_t version);

#endif
