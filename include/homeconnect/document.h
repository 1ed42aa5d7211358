/**
 * @file document.h  The documents of a listing: photos, files such as deeds and floor plans, and a virtual tour.
 *
 * A listing has one document, which holds both lists and has one version; each change names the version that it was read
 * at. Items are addresses and what is known of the bytes behind them; the library fetches none.
 */
#ifndef HOMECONNECT_DOCUMENT_H
#define HOMECONNECT_DOCUMENT_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The two lists. At most 200 items each. */
#define HC_DOCUMENT_IMAGES 1
#define HC_DOCUMENT_FILES  2

/* Who sees an item of a listing that they may read. */
#define HC_DOCUMENT_PUBLIC  1 /**< Everybody. */
#define HC_DOCUMENT_AGENT   2 /**< Every agent. */
#define HC_DOCUMENT_PRIVATE 3 /**< The listing's agent, admins, and buyers whom it was shared with. */

/* How far an item is. */
#define HC_DOCUMENT_READY   1
#define HC_DOCUMENT_PENDING 2 /**< Its bytes are not there yet. */
#define HC_DOCUMENT_FAILED  3

/** The type of files that are private unless something else is said. */
#define HC_DOCUMENT_LEGAL "legal"

typedef struct hc_document hc_document; /**< What hangs on a listing, as one caller may see it. */
typedef struct hc_document_item hc_document_item; /**< An image or a file of it. */
typedef struct hc_document_shares hc_document_shares; /**< Whom an item is shared with. */

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/**
 * Read the documents of a listing, as far as the caller may see them. Who may read the listing sees public items, an agent
 * those for agents, the listing's agent and admins all, and a buyer also what was shared with them on a lead of theirs.
 *
 * Items that the caller may not see are not there: nothing counts or numbers them.
 *
 * @param[out] out  Free with hc_document_free(); NULL on failure. A listing that never had any gives an empty document of
 *                  version 0.
 * @return HC_OK; HC_ERR_NOT_FOUND when the caller may not see the listing; HC_ERR_CORRUPT naming the field ("images",
 *         "documents") when another program left something else than a list there.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_get(hc_document **out, hc_session *as, hc_id property_id, hc_error *err);

/** Free a document; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_document_free(hc_document *document);

/** Its id; all zero while the listing has none. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_document_id(const hc_document *document);
/** The listing. RESO ResourceRecordKey. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_document_property_id(const hc_document *document);
/** The version that a change names; 0 while the listing has no document. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_document_version(const hc_document *document);
/** The virtual tour; NULL when there is none. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_document_virtual_tour_url(const hc_document *document);
/** When it was made, in microseconds since the Unix epoch, UTC, whole milliseconds. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int64_t hc_document_created_at(const hc_document *document);
/** When it was last changed, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_document_updated_at(const hc_document *document);

/** How many items of a list (HC_DOCUMENT_IMAGES or HC_DOCUMENT_FILES) the caller sees. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API size_t hc_document_count(const hc_document *document, int32_t list);
/** An item of a list by its position, borrowed until the document is freed; NULL past the end. @note Thread-safe. Does not
 *  block. Since 0.1. */
HC_API const hc_document_item *hc_document_at(const hc_document *document, int32_t list, size_t index);
/** An item of either list by its id, borrowed alike; NULL when the caller sees none. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API const hc_document_item *hc_document_find(const hc_document *document, hc_id item_id);

/**
 * The document as JSON, in the shape of the store: `images` of {url, caption, is_primary, ...}, `documents` of {name, url,
 * type, ...}, `virtual_tour_url`. What an item does not have is left out.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One document, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_document_to_json(hc_text **out, const hc_document *document, hc_error *err);

/* ---- items ------------------------------------------------------------------------------------------------------- */

/** Id. RESO MediaKey. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_document_item_id(const hc_document_item *item);
/** Address; what another program wrote there may be anything. RESO MediaURL. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API const char *hc_document_item_url(const hc_document_item *item);
/** Caption of an image; NULL when null. RESO ShortDescription. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_document_item_caption(const hc_document_item *item);
/** 1 for the image to show first: exactly one of those that the caller sees. RESO PreferredPhotoYN. @note Thread-safe. Does
 *  not block. Since 0.1. */
HC_API int32_t hc_document_item_is_primary(const hc_document_item *item);
/** Name of a file, a label; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_document_item_name(const hc_document_item *item);
/** Type of a file, such as HC_DOCUMENT_LEGAL; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_document_item_type(const hc_document_item *item);
/** Position in its list, from 0. RESO Order. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_document_item_position(const hc_document_item *item);
/** HC_DOCUMENT_PUBLIC, _AGENT or _PRIVATE. RESO Permission. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_document_item_visibility(const hc_document_item *item);
/** HC_DOCUMENT_READY, _PENDING or _FAILED. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_document_item_status(const hc_document_item *item);
/** SHA-256 of the bytes in 64 hexadecimal digits; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_document_item_sha256(const hc_document_item *item);
/** Bytes behind the address; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_document_item_size(const hc_document_item *item);
/** Media type of the bytes, such as "image/jpeg"; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_document_item_content_type(const hc_document_item *item);
/** When it was added, in microseconds since the Unix epoch, UTC; 0 when null. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int64_t hc_document_item_created_at(const hc_document_item *item);

/* ---- changing: by the listing's agent and admins ------------------------------------------------------------------ */

/*
 * All of them take the version that the document was read at (0: none yet) and give the new one; out_version may be NULL.
 * What they return stands at hc_document_add_image().
 *
 * An address is https with a public host name, in visible ASCII, at most 2,048 bytes.
 */

/** An image to add or to put in the place of another. */
typedef struct hc_document_image {
    size_t struct_size;
    const char *url;          /**< Required. */
    const char *caption;      /**< At most 500 code points, or NULL. */
    const char *content_type; /**< Such as "image/jpeg", or NULL. */
    const char *sha256;       /**< 64 lower-case hexadecimal digits, or NULL. */
    int32_t size;             /**< Bytes; 0: not known. */
    int32_t visibility;       /**< 0: public, and of a replaced image as it was. */
    int32_t is_primary;       /**< 1: the image to show first. */
    int32_t reserved;         /**< 0. */
} hc_document_image;

#define HC_DOCUMENT_IMAGE_INIT {sizeof(hc_document_image), NULL, NULL, NULL, NULL, 0, 0, 0, 0}

/** A file to add or to put in the place of another. */
typedef struct hc_document_file {
    size_t struct_size;
    const char *name;         /**< Required: 1 to 255 code points without control characters. A label, never a path. */
    const char *url;          /**< Required. */
    const char *type;         /**< Required: a word of [a-z0-9_], at most 50, such as "legal", "floor_plan", "report". */
    const char *content_type; /**< Such as "application/pdf", or NULL. */
    const char *sha256;       /**< 64 lower-case hexadecimal digits, or NULL. */
    int32_t size;             /**< Bytes; 0: not known. */
    int32_t visibility;       /**< 0: private when the type is "legal", else public; of a replaced file as it was, but
                                   private when it becomes "legal". */
} hc_document_file;

#define HC_DOCUMENT_FILE_INIT {sizeof(hc_document_file), NULL, NULL, NULL, NULL, NULL, 0, 0}

/**
 * Add an image at the end; the first one is primary. With an idempotency key a repeat gives the first call's id.
 *
 * @param[out] out  The item's id, or all zero on failure; may be NULL.
 * @return HC_OK; HC_NOTE_SAME when nothing differs: nothing is written then; HC_NOTE_REPLAYED for a repeated idempotency
 *         key; HC_ERR_NOT_FOUND, field "id", when the caller may not see the listing; HC_ERR_FORBIDDEN when they may see
 *         it but not change it; HC_ERR_CONFLICT, field "version", when the document changed since (hc_error.detail is
 *         the current version); HC_ERR_INVALID naming the field; HC_ERR_TOO_LARGE, field "images", when there are 200.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_add_image(hc_id *out, int32_t *out_version, hc_session *as, hc_id property_id,
                                       int32_t version, const hc_document_image *image, hc_error *err);

/**
 * Add a file at the end. With an idempotency key a repeat gives the first call's id.
 *
 * @param[out] out  The item's id, or all zero on failure; may be NULL.
 * @return As hc_document_add_image(); HC_ERR_TOO_LARGE, field "documents", when there are 200.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_add_file(hc_id *out, int32_t *out_version, hc_session *as, hc_id property_id,
                                      int32_t version, const hc_document_file *file, hc_error *err);

/**
 * Put another image in the place of one: it keeps its id, its position, whether it is primary, and whom it was shared with.
 *
 * @return As hc_document_add_image(); HC_ERR_NOT_FOUND, field "item_id", when there is no such item.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_replace_image(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                           hc_id item_id, const hc_document_image *image, hc_error *err);

/**
 * Put another file in the place of one: it keeps its id, its position, and whom it was shared with.
 *
 * @return As hc_document_replace_image().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_replace_file(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                          hc_id item_id, const hc_document_file *file, hc_error *err);

/**
 * Set the caption of an image.
 *
 * @param caption  At most 500 code points; NULL clears it.
 * @return As hc_document_replace_image().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_set_caption(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                         hc_id item_id, const char *caption, hc_error *err);

/**
 * Put the items of a list into another order.
 *
 * @param list  HC_DOCUMENT_IMAGES or HC_DOCUMENT_FILES.
 * @param ids   `count` ids: all of the list, each once; else HC_ERR_INVALID, field "ids".
 * @return As hc_document_replace_image().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_reorder(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                     int32_t list, const hc_id *ids, size_t count, hc_error *err);

/**
 * Make an image the primary one, and no other.
 *
 * @return As hc_document_replace_image().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_set_primary(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                         hc_id item_id, hc_error *err);

/**
 * Say who sees an item.
 *
 * @param visibility  HC_DOCUMENT_PUBLIC, _AGENT or _PRIVATE. Nothing is private by its type any more once this was said.
 * @return As hc_document_replace_image().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_set_visibility(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                            hc_id item_id, int32_t visibility, hc_error *err);

/**
 * Remove an item, and its shares.
 *
 * @return As hc_document_replace_image().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_remove(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                    hc_id item_id, hc_error *err);

/**
 * Set the address of the virtual tour.
 *
 * @param url  NULL clears it. HC_ERR_INVALID names the field "virtual_tour_url".
 * @return As hc_document_replace_image().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_set_virtual_tour(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                              const char *url, hc_error *err);

/* ---- sharing with a buyer ------------------------------------------------------------------------------------------ */

/**
 * Show an item to the buyer of a lead, whatever its visibility. The buyer sees it as long as they may read the listing, and
 * the lead is theirs.
 *
 * By the listing's agent, on a lead that is assigned to them, and by admins.
 *
 * @param lead_id  A signed-in buyer's lead on this listing. Guests are shown nothing.
 * @return HC_OK; HC_NOTE_SAME when it was shared before; HC_ERR_NOT_FOUND, field "id", "item_id" or "lead_id";
 *         HC_ERR_FORBIDDEN; HC_ERR_INVALID, field "lead_id", for a guest's lead, one about another listing, or one that was
 *         merged into another.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_share(hc_session *as, hc_id property_id, hc_id item_id, hc_id lead_id, hc_error *err);

/**
 * Take a share back. By the listing's agent and admins.
 *
 * @return HC_OK; HC_NOTE_SAME when it was not shared; HC_ERR_NOT_FOUND, field "id"; HC_ERR_FORBIDDEN.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_unshare(hc_session *as, hc_id property_id, hc_id item_id, hc_id lead_id, hc_error *err);

/**
 * List what was shared of a listing's documents, oldest first. For the listing's agent and admins.
 *
 * @param[out] out  The first 1,000. Free with hc_document_shares_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NOT_FOUND when the caller may not see the listing; HC_ERR_FORBIDDEN when they may, but it is not
 *         theirs.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_document_list_shares(hc_document_shares **out, hc_session *as, hc_id property_id, hc_error *err);

/** How many. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_document_shares_count(const hc_document_shares *shares);
/** The item; all zero past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_document_shares_item_id(const hc_document_shares *shares, size_t index);
/** The lead; all zero past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_document_shares_lead_id(const hc_document_shares *shares, size_t index);
/** Who shared it; all zero for the system and past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_document_shares_actor_id(const hc_document_shares *shares, size_t index);
/** When, in microseconds since the Unix epoch, UTC; 0 past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_document_shares_created_at(const hc_document_shares *shares, size_t index);
/** Free them; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_document_shares_free(hc_document_shares *shares);

#ifdef __cplusplus
}
#endif

#endif
