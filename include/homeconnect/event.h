/** @file event.h  The events feed: each change of each row, numbered in the order of commits.
 *
 * Whoever keeps a copy of something (a search engine, a cache, a partner's feed) reads on from the number they stopped at
 * and misses nothing: a number that was given out is never given again or to another change, no event appears below
 * one that was read, and none is taken out. A deletion is an event that stays, a tombstone. As RESO Data Dictionary 2.0
 * EntityEvent: `seq` is EntityEventSequence, `resource` ResourceName in the library's words, `resource_id`
 * ResourceRecordKey.
 *
 * An event tells that a row changed, by whom and when, not to what: read the row by its id, as somebody. Changes of one row
 * stand in the order of its versions; those of several rows in the order in which they were committed, or, when they were
 * committed at nearly the same time through several machines, in the order of those machines' clocks.
 */
#ifndef HOMECONNECT_EVENT_H
#define HOMECONNECT_EVENT_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fields, for hc_event_is_null(). */
#define HC_EVENT_ID          0
#define HC_EVENT_RESOURCE    1
#define HC_EVENT_RESOURCE_ID 2
#define HC_EVENT_CHANGE      3
#define HC_EVENT_VERSION     4
#define HC_EVENT_ACTOR_ID    5
#define HC_EVENT_CREATED_AT  6
#define HC_EVENT_SEQ         7

/* What hc_event_change() tells. */
#define HC_EVENT_CREATED  1
#define HC_EVENT_UPDATED  2
#define HC_EVENT_DELETED  3 /**< Nobody reads the row any more; a listing may be restored. */
#define HC_EVENT_RESTORED 4
#define HC_EVENT_PURGED   5 /**< The row is gone. */

/* ---- the feed ---------------------------------------------------------------------------------------------------- */

#define HC_EVENTS_LIMIT 1000 /**< Events of one page. */

/**
 * Read the events after a number, oldest first. Admins and the system.
 *
 * On a server events are numbered soon after they were committed; what waits for its number is given one before the answer,
 * so the feed does not lag behind the store. Reads go to the primary.
 *
 * @param[out] out    Free with hc_event_page_free(); NULL on failure.
 * @param      after  hc_event_page_last() of the page before; 0 from the beginning.
 * @param      limit  1 to HC_EVENTS_LIMIT; 0: 100.
 * @return HC_OK, also for an empty page; HC_ERR_INVALID, field "after", for a number below 0 or one that no event has yet:
 *         then the store was put back to an earlier day, and a copy of it must be made anew (hc_error.detail is the highest
 *         number there is); HC_ERR_INVALID, field "limit", for another limit; HC_ERR_FORBIDDEN or HC_ERR_UNAUTHENTICATED
 *         for everybody else; HC_ERR_MISUSE in a unit of work, whose own events may be taken back; HC_ERR_TIMEOUT past the
 *         deadline; HC_ERR_UNAVAILABLE when the store cannot be reached.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_events_read(hc_event_page **out, hc_session *as, int64_t after, int32_t limit, hc_error *err);

/** Events in the page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_event_page_count(const hc_event_page *page);
/** An event, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const hc_event *hc_event_page_at(const hc_event_page *page, size_t index);
/** What to read on after: the last event's number, or `after` of an empty page. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int64_t hc_event_page_last(const hc_event_page *page);
/** 1 when there were more events already. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_event_page_has_more(const hc_event_page *page);
/** Free a page and its events; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_event_page_free(hc_event_page *page);

/* ---- events ------------------------------------------------------------------------------------------------------ */

/** 1 when a field is null; else 0. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_event_is_null(const hc_event *event, int32_t field);

/**
 * An event as JSON: names of the columns, `seq` as a string, times RFC 3339, ids as UUID text.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_event_to_json(hc_text **out, const hc_event *event, hc_error *err);

/** Its number, 1 and up. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_event_seq(const hc_event *event);
/** Id of the event itself. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_event_id(const hc_event *event);
/** What changed: a noun, such as "property" or "lead". @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_event_resource(const hc_event *event);
/** And its id. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_event_resource_id(const hc_event *event);
/** HC_EVENT_CREATED and so on. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_event_change(const hc_event *event);
/** The row's version after it, 1 and up. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_event_version(const hc_event *event);
/** Who changed it; zero for a guest and the system. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_event_actor_id(const hc_event *event);
/** When, in microseconds since the Unix epoch, UTC, by the client's clock: times need not rise with the numbers.
 *  @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_event_created_at(const hc_event *event);

#ifdef __cplusplus
}
#endif

#endif
