/* Calls about documents of listings and about conversations that bytes choose, beside the world. */
#include "homeconnect/chat.h"
#include "homeconnect/document.h"
#include "homeconnect/query.h"
#include "public.h"
#include "store.h"

static const char *const captions[] = {NULL, "the garden", "a room"};
static const char *const names[] = {"plan", "deed", "survey"};
static const char *const kinds[] = {HC_DOCUMENT_LEGAL, "report", "floor_plan"};
static const char *const tours[] = {NULL, "https://tours.example.com/1", "https://tours.example.com/2"};
static const char *const urls[] = {"https://media.example.com/1", "https://media.example.com/2",
                                   "https://media.example.com/3", "https://media.example.com/4"};

/* ---- choices ---- */

static const struct paper *paper_of(size_t home)
{
    static const struct paper none;

    return home < now_is.count ? &now_is.papers[home] : &none;
}

/* 0 is one of them: there is no document yet. */
static int32_t take_paper_version(size_t home)
{
    uint8_t choice = take();

    return choice < 200 ? paper_of(home)->version : choice % 4;
}

static hc_id take_item_id(size_t home)
{
    const struct paper *paper = paper_of(home);
    size_t images = paper->counts[IMAGES], which = take() % (images + paper->counts[FILES] + 1);
    hc_id id;

    memset(&id, 0x44, sizeof(id));
    if (which < images)
        return paper->items[IMAGES][which].id;
    return which - images < paper->counts[FILES] ? paper->items[FILES][which - images].id : id;
}

static struct item take_item(enum list list)
{
    uint8_t looks = take(), shown = take();
    struct item item = {.url = looks % 4, .word = looks / 4 % 3, .visibility = shown % 4};

    item.kind = list == FILES ? looks / 12 % 3 : 0;
    item.primary = list == IMAGES && shown >= 192;
    return item;
}

static hc_document_image image_of(const struct item *item)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;

    image.url = urls[item->url];
    image.caption = captions[item->word];
    image.visibility = item->visibility;
    image.is_primary = item->primary;
    return image;
}

static hc_document_file file_of(const struct item *item)
{
    hc_document_file file = HC_DOCUMENT_FILE_INIT;

    file.url = urls[item->url];
    file.name = names[item->word];
    file.type = kinds[item->kind];
    file.visibility = item->visibility;
    return file;
}

static int32_t number_of(enum list list)
{
    return list == IMAGES ? HC_DOCUMENT_IMAGES : HC_DOCUMENT_FILES;
}

/* What a change of documents answered, and the version that it gave. */
static bool settle_paper(const char *what, size_t home, int32_t next, hc_status got, hc_status want,
                         const hc_error *err)
{
    if (!settle_from(what, got, want, err, 0)) /* 0: there is no document yet */
        return false;
    if (got == HC_ERR_CONFLICT && strcmp(err->field, "version") == 0 && err->detail != paper_of(home)->version)
        return differs("%s: the version of the documents is told as %lld", what, (long long)err->detail);
    return got < 0 || next == now_is.papers[home].version || differs("%s: version %d of the documents", what, next);
}

/* ---- documents ---- */

static bool same_text(const char *a, const char *b)
{
    return a == NULL ? b == NULL : b != NULL && strcmp(a, b) == 0;
}

static bool same_item(const hc_document_item *found, const struct item *item, enum list list, bool primary)
{
    hc_id id = hc_document_item_id(found);

    return memcmp(&id, &item->id, sizeof(id)) == 0 && same_text(hc_document_item_url(found), urls[item->url]) &&
           same_text(hc_document_item_caption(found), list == IMAGES ? captions[item->word] : NULL) &&
           same_text(hc_document_item_name(found), list == FILES ? names[item->word] : NULL) &&
           same_text(hc_document_item_type(found), list == FILES ? kinds[item->kind] : NULL) &&
           hc_document_item_visibility(found) == item->visibility && hc_document_item_is_primary(found) == primary;
}

/* The items that a reader may see, in order, one of the images before the others. */
static bool same_list(const hc_document *found, enum reader who, size_t home, enum list list)
{
    const struct paper *paper = &now_is.papers[home];
    const struct item *seen[ITEMS];
    size_t count = 0, primary = 0;

    for (size_t i = 0; i < paper->counts[list]; i++) {
        if (!world_shows_item(who, home, &paper->items[list][i]))
            continue;
        if (paper->items[list][i].primary)
            primary = count;
        seen[count++] = &paper->items[list][i];
    }
    if (hc_document_count(found, number_of(list)) != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!same_item(hc_document_at(found, number_of(list), i), seen[i], list, list == IMAGES && i == primary))
            return false;
    return true;
}

static bool same_paper(const hc_document *found, enum reader who, size_t home)
{
    const struct paper *paper = &now_is.papers[home];

    return (hc_document_version(found) == paper->version &&
            same_text(hc_document_virtual_tour_url(found), tours[paper->tour]) && same_list(found, who, home, IMAGES) &&
            same_list(found, who, home, FILES)) ||
           differs("documents of listing %zu for reader %d: others, at version %d of %d", home, (int)who,
                   hc_document_version(found), paper->version);
}

static bool call_read(hc_session *as, enum reader who, int failing_at)
{
    size_t home = take_home();
    hc_document *found = NULL;
    hc_error err = {0};
    hc_status got;
    bool same;

    lend(failing_at);
    got = hc_document_get(&found, as, id_of(home), &err);
    same = settle("get", got, world_read(who, home), &err) && (found == NULL || same_paper(found, who, home));
    hc_document_free(found);
    return same;
}

static bool call_add(hc_session *as, enum reader who, int failing_at)
{
    uint8_t key = now_is.in_unit ? 0 : take() % 8;
    struct added given = {.who = who, .home = take_home(), .at = store_now()}, known = given;
    int32_t version = take_paper_version(given.home), next = 0;
    hc_document_image image;
    hc_document_file file;
    hc_error err = {0};
    hc_status got;
    char name[40];
    hc_id id;

    given.list = (enum list)(take() % LISTS);
    given.item = take_item(given.list);
    given.key = key > 3 || who == GUEST || who == SYSTEM ? 0 : key;
    if (paper_of(given.home)->counts[given.list] == ITEMS || now_is.added_count == KEYS)
        return true;
    (void)snprintf(name, sizeof(name), "paper %u-%d", inputs, given.key);
    if (given.key != 0)
        FUZZ_ASSERT(hc_session_set_idempotency_key(as, name, &err) == HC_OK);
    image = image_of(&given.item);
    file = file_of(&given.item);
    lend(failing_at);
    got = given.list == IMAGES ? hc_document_add_image(&id, &next, as, id_of(given.home), version, &image, &err)
                               : hc_document_add_file(&id, &next, as, id_of(given.home), version, &file, &err);
    if (!settle_paper("add", given.home, next, got, world_add_item(who, given.home, version, &given, &known), &err))
        return false;
    if (got == HC_OK)
        world_name_item(&given, id);
    return got != HC_NOTE_REPLAYED || memcmp(&known.item.id, &id, sizeof(id)) == 0 ||
           differs("add: a key gives another item");
}

static bool call_replace(hc_session *as, enum reader who, int failing_at)
{
    size_t home = take_home();
    int32_t version = take_paper_version(home), next = 0;
    hc_id id = take_item_id(home);
    enum list list = (enum list)(take() % LISTS);
    struct item item = take_item(list);
    hc_document_image image = image_of(&item);
    hc_document_file file = file_of(&item);
    hc_error err = {0};
    hc_status got;

    lend(failing_at);
    got = list == IMAGES ? hc_document_replace_image(&next, as, id_of(home), version, id, &image, &err)
                         : hc_document_replace_file(&next, as, id_of(home), version, id, &file, &err);
    return settle_paper("replace", home, next, got, world_replace_item(who, home, version, id, list, &item), &err);
}

/* One thing about an item, or the tour. */
static bool call_edit(hc_session *as, enum reader who, int failing_at)
{
    size_t home = take_home();
    int32_t version = take_paper_version(home), next = 0;
    hc_id id = take_item_id(home), listing = id_of(home);
    uint8_t what = take(), how = take() % 3;
    hc_error err = {0};
    hc_status got, want;

    lend(failing_at);
    switch (what % 5) {
    case 0:
        got = hc_document_set_caption(&next, as, listing, version, id, captions[how], &err);
        want = world_set_caption(who, home, version, id, how);
        break;
    case 1:
        got = hc_document_set_primary(&next, as, listing, version, id, &err);
        want = world_promote(who, home, version, id);
        break;
    case 2:
        got = hc_document_set_visibility(&next, as, listing, version, id, how + 1, &err);
        want = world_show(who, home, version, id, how + 1);
        break;
    case 3:
        got = hc_document_remove(&next, as, listing, version, id, &err);
        want = world_remove_item(who, home, version, id);
        break;
    default:
        got = hc_document_set_virtual_tour(&next, as, listing, version, tours[how], &err);
        want = world_set_tour(who, home, version, how);
    }
    return settle_paper("edit", home, next, got, want, &err);
}

static bool call_turn(hc_session *as, enum reader who, int failing_at)
{
    size_t home = take_home();
    int32_t version = take_paper_version(home), next = 0;
    enum list list = (enum list)(take() % LISTS);
    size_t count = paper_of(home)->counts[list], from = count == 0 ? 0 : take() % count;
    hc_id ids[ITEMS];
    hc_error err = {0};
    hc_status got;

    for (size_t i = 0; i < count; i++)
        ids[i] = paper_of(home)->items[list][(from + i) % count].id;
    lend(failing_at);
    got = hc_document_reorder(&next, as, id_of(home), version, number_of(list), ids, count, &err);
    return settle_paper("turn", home, next, got, world_turn(who, home, version, list, from), &err);
}

static bool call_share(hc_session *as, enum reader who, int failing_at)
{
    size_t home = take_home(), deal;
    hc_id item = take_item_id(home);
    bool back = take() % 4 == 0;
    hc_error err = {0};
    hc_status got, want;

    deal = take() % (now_is.deal_count + 1);
    if (now_is.share_count == SHARES || deal == DEALS)
        return true;
    lend(failing_at);
    got = (back ? hc_document_unshare : hc_document_share)(as, id_of(home), item, deal_id(deal), &err);
    want = back ? world_unshare(who, home, item, deal) : world_share(who, home, item, deal);
    return settle("share", got, want, &err);
}

bool call_paper(hc_session *as, enum reader who, int failing_at)
{
    static bool (*const calls[])(hc_session * as, enum reader who, int failing_at) = {
        call_add, call_add, call_add, call_replace, call_edit, call_edit, call_edit, call_turn, call_share, call_read};

    if (!world_has_room())
        return true;
    return calls[take() % (sizeof(calls) / sizeof(calls[0]))](as, who, failing_at);
}

static bool same_shares(size_t home)
{
    hc_document_shares *shares = NULL;
    size_t found = 0, expected = 0;
    hc_error err;

    FUZZ_ASSERT(hc_document_list_shares(&shares, store_session(SYSTEM), id_of(home), &err) == HC_OK);
    for (size_t i = 0; i < now_is.share_count; i++) {
        const struct share *share = &now_is.shares[i];
        hc_id lead = deal_id(share->deal);

        if (share->home != home)
            continue;
        expected++;
        for (size_t k = 0; k < hc_document_shares_count(shares); k++) {
            hc_id item = hc_document_shares_item_id(shares, k), other = hc_document_shares_lead_id(shares, k);

            found += memcmp(&item, &share->item, sizeof(item)) == 0 && memcmp(&other, &lead, sizeof(lead)) == 0;
        }
    }
    found = hc_document_shares_count(shares) == expected ? found : SHARES + 1;
    hc_document_shares_free(shares);
    return found == expected || differs("shares of listing %zu in the end", home);
}

bool same_papers(void)
{
    bool same = true;

    for (size_t home = 0; home < now_is.count && same; home++) {
        hc_document *found = NULL;
        hc_error err;

        if (!world_sees(SYSTEM, home))
            continue;
        FUZZ_ASSERT(hc_document_get(&found, store_session(SYSTEM), id_of(home), &err) == HC_OK);
        same = same_paper(found, SYSTEM, home) && same_shares(home);
        hc_document_free(found);
    }
    return same;
}

/* ---- conversations ---- */

#define LARGE                                                                                                          \
    224 /* numbers from here on say as much as a message may, in bytes that are six each where they are kept */

static size_t words(char *out, uint8_t what)
{
    if (what < LARGE)
        return (size_t)snprintf(out, 32, "message \"%u\"", what);
    memset(out, '\1', 32768);
    out[0] = (char)what % 64 + 64;
    return 32768;
}

static const char *talk_id(size_t talk)
{
    return talk < now_is.talk_count ? now_is.talks[talk].id : "0123456789abcdef0123456789abcdef";
}

static bool call_start(hc_session *as, enum reader who, int failing_at)
{
    size_t talk = now_is.talk_count;
    char id[HC_CHAT_SESSION_SIZE];
    hc_error err = {0};
    hc_status got;

    if (talk == TALKS)
        return true;
    lend(failing_at);
    got = hc_chat_start(id, as, &err);
    if (!settle("start", got, world_start_talk(who), &err))
        return false;
    if (got == HC_OK)
        memcpy(now_is.talks[talk].id, id, sizeof(id));
    return true;
}

static bool call_say(hc_session *as, enum reader who, int failing_at)
{
    static char text[32768];
    size_t talk = take() % (now_is.talk_count + 1), size;
    uint8_t what = take();
    hc_error err = {0};
    hc_status got;

    if (talk < TALKS && now_is.talks[talk].count == MESSAGES)
        return true;
    size = words(text, what);
    lend(failing_at);
    got = hc_chat_append(as, talk_id(talk), HC_CHAT_ROLE_USER + what % 3, text, size, &err);
    return settle("say", got, world_say(who, talk, what), &err);
}

static bool call_sum_up(hc_session *as, enum reader who, int failing_at)
{
    size_t talk = take() % (now_is.talk_count + 1);
    uint8_t summary = take() % 3;
    hc_error err = {0};
    hc_status got;

    lend(failing_at);
    got = hc_chat_set_summary(as, talk_id(talk), captions[summary], &err);
    return settle("sum up", got, world_sum_up(who, talk, summary), &err);
}

/* The messages of a page are the last of the first `count`. */
static bool same_page(const hc_message_page *page, const struct talk *talk, size_t count)
{
    static char text[32769];
    size_t heard = hc_message_page_count(page);

    if (heard > count || (heard == 0 && count > 0))
        return differs("messages: %zu of %zu", heard, count);
    for (size_t i = 0; i < heard; i++) {
        uint8_t what = talk->said[count - heard + i];

        text[words(text, what)] = '\0';
        if (strcmp(hc_message_page_content(page, i), text) != 0 ||
            hc_message_page_role(page, i) != HC_CHAT_ROLE_USER + what % 3)
            return differs("message %zu: another", count - heard + i);
    }
    return (hc_message_page_before(page) != 0) == (heard < count) || differs("messages: there are more, or none");
}

static bool call_hear(hc_session *as, enum reader who, int failing_at)
{
    size_t talk = take() % (now_is.talk_count + 1), count = talk < TALKS ? now_is.talks[talk].count : 0;
    int32_t limit = 1 + take() % 8;
    int64_t before = 0;
    bool same;

    do {
        hc_message_page *page = NULL;
        hc_error err = {0};
        hc_status got;

        lend(failing_at);
        got = hc_chat_messages(&page, as, talk_id(talk), before, limit, &err);
        same = settle("get", got, world_hear(who, talk), &err) &&
               (page == NULL || same_page(page, &now_is.talks[talk], count));
        before = hc_message_page_before(page);
        count -= same ? hc_message_page_count(page) : 0;
        hc_message_page_free(page);
    } while (same && before > 0);
    return same;
}

bool call_talk(hc_session *as, enum reader who, int failing_at)
{
    static bool (*const calls[])(hc_session * as, enum reader who, int failing_at) = {
        call_start, call_say, call_say, call_say, call_say, call_sum_up, call_hear, call_hear};

    return calls[take() % (sizeof(calls) / sizeof(calls[0]))](as, who, failing_at);
}

/* What the newest conversations of who had it say of it; it may be behind them. */
static bool is_listed(const struct talk *talk)
{
    hc_query *query = NULL;
    hc_chat_page *page = NULL;
    bool found = false, same = true;
    hc_error err;

    FUZZ_ASSERT(hc_query_new(&query, store_client(), HC_KIND_CHAT, &err) == HC_OK);
    FUZZ_ASSERT(hc_query_set_limit(query, 100, &err) == HC_OK);
    FUZZ_ASSERT(hc_chat_list(&page, store_session(talk->who), query, &err) == HC_OK);
    for (size_t i = 0; i < hc_chat_page_count(page); i++) {
        const hc_chat *row = hc_chat_page_at(page, i);

        if (strcmp(hc_chat_session_id(row), talk->id) != 0)
            continue;
        found = true;
        same = (size_t)hc_chat_message_count(row) == talk->count &&
               same_text(hc_chat_summary(row), captions[talk->summary]);
    }
    same = same && (found || hc_chat_page_has_more(page));
    hc_chat_page_free(page);
    hc_query_free(query);
    return same || differs("a conversation of %zu messages is listed otherwise", talk->count);
}

bool same_talks(void)
{
    bool same = true;

    for (size_t i = 0; i < now_is.talk_count && same; i++) {
        const struct talk *talk = &now_is.talks[i];
        hc_message_page *page = NULL;
        hc_error err;

        FUZZ_ASSERT(hc_chat_messages(&page, store_session(talk->who), talk->id, 0, 200, &err) == HC_OK);
        same = same_page(page, talk, talk->count) && is_listed(talk);
        hc_message_page_free(page);
    }
    return same;
}
