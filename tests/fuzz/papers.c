/* Documents of the world's listings and conversations, as domain.md and document.h have them. */
#include <string.h>

#include "homeconnect/document.h"
#include "homeconnect/event.h"
#include "world.h"

#define DAY INT64_C(86400000000)

/* ---- who may, and what is ---- */

static bool same_id(hc_id a, hc_id b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

static bool is_shared(size_t home, hc_id item, size_t deal)
{
    for (size_t i = 0; i < now_is.share_count; i++)
        if (now_is.shares[i].home == home && now_is.shares[i].deal == deal && same_id(now_is.shares[i].item, item))
            return true;
    return false;
}

bool world_shows_item(enum reader who, size_t home, const struct item *item)
{
    bool shown = world_may_change(who, home) || item->visibility == HC_DOCUMENT_PUBLIC ||
                 (who == AGENT && item->visibility == HC_DOCUMENT_AGENT);

    for (size_t deal = 0; who == BUYER && deal < now_is.deal_count; deal++)
        shown |= now_is.deals[deal].of_buyer && is_shared(home, item->id, deal);
    return shown;
}

struct item *world_item(size_t home, hc_id id, enum list *list)
{
    struct paper *paper = &now_is.papers[home];

    for (*list = IMAGES; *list < LISTS && home < HOMES; ++*list)
        for (size_t i = 0; i < paper->counts[*list]; i++)
            if (same_id(paper->items[*list][i].id, id))
                return &paper->items[*list][i];
    return NULL;
}

/* ---- what stands in the way ---- */

static hc_status may_change(enum reader who, size_t home)
{
    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (who == GUEST || who == BUYER)
        return world_refusal(who);
    if (!world_sees(who, home))
        return HC_ERR_NOT_FOUND;
    return world_may_change(who, home) ? HC_OK : HC_ERR_FORBIDDEN;
}

static hc_status before_change(enum reader who, size_t home, int32_t version)
{
    hc_status status = may_change(who, home);

    return status >= 0 && version != now_is.papers[home].version ? HC_ERR_CONFLICT : status;
}

static hc_status refused(hc_status status)
{
    return status == HC_ERR_ABORTED ? status : world_of_write(status);
}

/* The first that is primary is; else the first. */
static hc_status changed(size_t home)
{
    struct paper *paper = &now_is.papers[home];
    size_t count = paper->counts[IMAGES], primary = 0;

    while (primary < count && !paper->items[IMAGES][primary].primary)
        primary++;
    for (size_t i = 0; i < count; i++)
        paper->items[IMAGES][i].primary = i == (primary < count ? primary : 0);
    paper->version++;
    return world_happened(PAPER, paper->version == 1 ? HC_EVENT_CREATED : HC_EVENT_UPDATED, home, paper->version);
}

/* ---- items ---- */

static void promote(struct paper *paper, const struct item *item)
{
    for (size_t i = 0; i < paper->counts[IMAGES]; i++)
        paper->items[IMAGES][i].primary = &paper->items[IMAGES][i] == item;
}

static bool same_looks(const struct item *a, const struct item *b)
{
    return a->url == b->url && a->word == b->word && a->kind == b->kind && a->visibility == b->visibility &&
           a->primary == b->primary;
}

static struct added *added_with(enum reader who, int key, int64_t at)
{
    for (size_t i = now_is.added_count; key != 0 && i-- > 0;)
        if (now_is.added[i].who == who && now_is.added[i].key == key && at - now_is.added[i].at < DAY)
            return &now_is.added[i];
    return NULL;
}

/* What a key stands for is asked before the version. */
hc_status world_add_item(enum reader who, size_t home, int32_t version, const struct added *given, struct added *out)
{
    hc_status status = may_change(who, home);
    struct paper *paper = &now_is.papers[home];
    const struct added *known = added_with(who, given->key, given->at);
    struct item *item;

    if (status < 0)
        return refused(status);
    if (known != NULL && (known->home != home || known->list != given->list || !same_looks(&known->item, &given->item)))
        return refused(HC_ERR_CONFLICT);
    if (known != NULL) {
        *out = *known;
        return HC_NOTE_REPLAYED;
    }
    if (version != paper->version)
        return refused(HC_ERR_CONFLICT);
    item = &paper->items[given->list][paper->counts[given->list]++];
    *item = given->item;
    if (item->visibility == 0)
        item->visibility = given->list == FILES && item->kind == 0 ? HC_DOCUMENT_PRIVATE : HC_DOCUMENT_PUBLIC;
    if (item->primary)
        promote(paper, item);
    if (given->key != 0)
        now_is.added[now_is.added_count++] = *given;
    return changed(home);
}

void world_name_item(const struct added *given, hc_id id)
{
    struct paper *paper = &now_is.papers[given->home];

    paper->items[given->list][paper->counts[given->list] - 1].id = id;
    if (given->key != 0)
        now_is.added[now_is.added_count - 1].item.id = id;
}

hc_status world_replace_item(enum reader who, size_t home, int32_t version, hc_id id, enum list list,
                             const struct item *draft)
{
    hc_status status = before_change(who, home, version);
    struct item *item, next;
    enum list where;

    if (status < 0)
        return refused(status);
    item = world_item(home, id, &where);
    if (item == NULL || where != list)
        return refused(HC_ERR_NOT_FOUND);
    next = *draft;
    next.id = item->id;
    next.primary = draft->primary || item->primary;
    if (draft->visibility == 0)
        next.visibility = list == FILES && draft->kind == 0 && item->kind != 0 ? HC_DOCUMENT_PRIVATE : item->visibility;
    if (same_looks(&next, item))
        return HC_NOTE_SAME;
    *item = next;
    if (draft->primary)
        promote(&now_is.papers[home], item);
    return changed(home);
}

/* An item, of the images alone where `images` says so. */
static hc_status find(struct item **item, enum reader who, size_t home, int32_t version, hc_id id, bool images)
{
    hc_status status = before_change(who, home, version);
    enum list list;

    if (status < 0)
        return refused(status);
    *item = world_item(home, id, &list);
    return *item == NULL || (images && list != IMAGES) ? refused(HC_ERR_NOT_FOUND) : HC_OK;
}

hc_status world_set_caption(enum reader who, size_t home, int32_t version, hc_id id, uint8_t word)
{
    struct item *item;
    hc_status status = find(&item, who, home, version, id, true);

    if (status < 0)
        return status;
    if (item->word == word)
        return HC_NOTE_SAME;
    item->word = word;
    return changed(home);
}

hc_status world_turn(enum reader who, size_t home, int32_t version, enum list list, size_t from)
{
    hc_status status = before_change(who, home, version);
    struct paper *paper = &now_is.papers[home];
    struct item before[ITEMS];

    if (status < 0)
        return refused(status);
    if (from == 0 || paper->counts[list] == 0)
        return HC_NOTE_SAME;
    memcpy(before, paper->items[list], sizeof(before));
    for (size_t i = 0; i < paper->counts[list]; i++)
        paper->items[list][i] = before[(from + i) % paper->counts[list]];
    return changed(home);
}

hc_status world_promote(enum reader who, size_t home, int32_t version, hc_id id)
{
    struct item *item;
    hc_status status = find(&item, who, home, version, id, true);

    if (status < 0)
        return status;
    if (item->primary)
        return HC_NOTE_SAME;
    promote(&now_is.papers[home], item);
    return changed(home);
}

hc_status world_show(enum reader who, size_t home, int32_t version, hc_id id, int32_t visibility)
{
    struct item *item;
    hc_status status = find(&item, who, home, version, id, false);

    if (status < 0)
        return status;
    if (item->visibility == visibility)
        return HC_NOTE_SAME;
    item->visibility = visibility;
    return changed(home);
}

static void forget_shares(size_t home, hc_id item)
{
    size_t kept = 0;

    for (size_t i = 0; i < now_is.share_count; i++)
        if (now_is.shares[i].home != home || !same_id(now_is.shares[i].item, item))
            now_is.shares[kept++] = now_is.shares[i];
    now_is.share_count = kept;
}

hc_status world_remove_item(enum reader who, size_t home, int32_t version, hc_id id)
{
    struct paper *paper = &now_is.papers[home];
    struct item *item;
    hc_status status = find(&item, who, home, version, id, false);
    enum list list;

    if (status < 0)
        return status;
    (void)world_item(home, id, &list);
    for (size_t i = (size_t)(item - paper->items[list]) + 1; i < paper->counts[list]; i++)
        paper->items[list][i - 1] = paper->items[list][i];
    paper->counts[list]--;
    forget_shares(home, id);
    return changed(home);
}

hc_status world_set_tour(enum reader who, size_t home, int32_t version, uint8_t tour)
{
    hc_status status = before_change(who, home, version);

    if (status < 0)
        return refused(status);
    if (now_is.papers[home].tour == tour)
        return HC_NOTE_SAME;
    now_is.papers[home].tour = tour;
    return changed(home);
}

void world_purge_papers(size_t home)
{
    struct paper *paper = &now_is.papers[home];

    if (paper->version > 0)
        (void)world_happened(PAPER, HC_EVENT_PURGED, home, paper->version + 1);
    memset(paper, 0, sizeof(*paper));
}

/* ---- shares ---- */

hc_status world_share(enum reader who, size_t home, hc_id item, size_t deal)
{
    hc_status status = may_change(who, home);
    enum list list;

    if (status < 0)
        return refused(status);
    if (world_item(home, item, &list) == NULL || !world_sees_deal(who, deal))
        return refused(HC_ERR_NOT_FOUND);
    if (now_is.deals[deal].home != home || !now_is.deals[deal].of_buyer)
        return refused(HC_ERR_INVALID);
    if (is_shared(home, item, deal))
        return HC_NOTE_SAME;
    now_is.shares[now_is.share_count++] = (struct share){item, home, deal};
    return world_happened(SHARE, HC_EVENT_CREATED, deal, 1);
}

hc_status world_unshare(enum reader who, size_t home, hc_id item, size_t deal)
{
    hc_status status = may_change(who, home);
    size_t kept = 0;

    if (status < 0)
        return refused(status);
    if (!is_shared(home, item, deal))
        return HC_NOTE_SAME;
    for (size_t i = 0; i < now_is.share_count; i++)
        if (now_is.shares[i].deal != deal || now_is.shares[i].home != home || !same_id(now_is.shares[i].item, item))
            now_is.shares[kept++] = now_is.shares[i];
    now_is.share_count = kept;
    return world_happened(SHARE, HC_EVENT_DELETED, deal, 2);
}

/* ---- conversations ---- */

static hc_status may_talk(enum reader who, size_t talk)
{
    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (who == GUEST || who == SYSTEM)
        return world_refusal(who);
    return talk < now_is.talk_count && now_is.talks[talk].who == who ? HC_OK : HC_ERR_NOT_FOUND;
}

hc_status world_start_talk(enum reader who)
{
    struct talk *talk = &now_is.talks[now_is.talk_count];

    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (who == GUEST || who == SYSTEM)
        return world_of_write(world_refusal(who));
    memset(talk, 0, sizeof(*talk));
    talk->who = who;
    now_is.talk_count++;
    return HC_OK;
}

hc_status world_say(enum reader who, size_t talk, uint8_t what)
{
    hc_status status = may_talk(who, talk);

    if (status < 0)
        return refused(status);
    now_is.talks[talk].said[now_is.talks[talk].count++] = what;
    return HC_OK;
}

hc_status world_sum_up(enum reader who, size_t talk, uint8_t summary)
{
    hc_status status = may_talk(who, talk);

    if (status < 0)
        return refused(status);
    now_is.talks[talk].summary = summary;
    return HC_OK;
}

hc_status world_hear(enum reader who, size_t talk)
{
    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (who == GUEST)
        return world_refusal(who);
    return talk < now_is.talk_count && (who == ADMIN || who == SYSTEM || now_is.talks[talk].who == who)
               ? HC_OK
               : HC_ERR_NOT_FOUND;
}
