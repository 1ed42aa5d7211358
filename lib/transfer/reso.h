/* RESO Data Dictionary 2.0 Property resources, to and from listings (domain.md D8). */
#ifndef HC__TRANSFER_RESO_H
#define HC__TRANSFER_RESO_H

#include "base/json.h"
#include "transfer/import.h"

/* Members that are more than one field of ours under another name. M(name) */
#define HC__RESO_MEMBERS(M)                                                                                            \
    M(ListingKey)                                                                                                      \
    M(ModificationTimestamp)                                                                                           \
    M(PropertyType)                                                                                                    \
    M(PropertySubType)                                                                                                 \
    M(StandardStatus)                                                                                                  \
    M(MlsStatus)                                                                                                       \
    M(UnparsedAddress)                                                                                                 \
    M(StreetNumber)                                                                                                    \
    M(StreetDirPrefix)                                                                                                 \
    M(StreetName)                                                                                                      \
    M(StreetSuffix)                                                                                                    \
    M(StreetDirSuffix)                                                                                                 \
    M(UnitNumber)                                                                                                      \
    M(StateOrProvince)                                                                                                 \
    M(PublicRemarks)                                                                                                   \
    M(BathroomsFull)                                                                                                   \
    M(BathroomsThreeQuarter)                                                                                           \
    M(BathroomsHalf)                                                                                                   \
    M(BathroomsOneQuarter)                                                                                             \
    M(BathroomsPartial)                                                                                                \
    M(BathroomsTotalInteger)                                                                                           \
    M(BathroomsTotalDecimal)                                                                                           \
    M(LivingArea)                                                                                                      \
    M(LivingAreaUnits)                                                                                                 \
    M(LotSizeSquareFeet)                                                                                               \
    M(LotSizeArea)                                                                                                     \
    M(LotSizeUnits)                                                                                                    \
    M(LotSizeAcres)                                                                                                    \
    M(OnMarketDate)                                                                                                    \
    M(ListingContractDate)                                                                                             \
    M(InternetEntireListingDisplayYN)                                                                                  \
    M(InternetAddressDisplayYN)

#define HC__RESO_CODE(name) hc__reso_##name,
typedef enum hc__reso_member { HC__RESO_MEMBERS(HC__RESO_CODE) hc__reso_members } hc__reso_member;
#undef HC__RESO_CODE

/* `kind` HC__JSON_END: the member is not there. Texts live as long as the reader. */
typedef struct hc__reso_value {
    hc__json_token kind;
    const char *text;
    size_t size;
} hc__reso_value;

const char *hc__reso_name(hc__reso_member member);
hc__reso_member hc__reso_find(const char *name);  /* hc__reso_members when it is none of them */
bool hc__reso_given(const hc__reso_value *value); /* there, and neither null nor "" */
/* Writes a member with the value as it was read. */
void hc__reso_put(hc__json_writer *writer, hc__reso_member member, const hc__reso_value *value);

/* One Property resource onto `row`. HC_ERR_INVALID: at fault, *err says where. `currency` may be NULL. */
hc_status hc__reso_read(hc__incoming *row, const hc__mem *mem, const char *text, size_t size, const char *currency,
                        hc_error *err);

/* ---- words ---- */

/* The code of an enumeration's word as a display string, without its spaces, or as Ns.Enum'Word'; 0 for none. */
int32_t hc__reso_word(const char *const *words, const char *text, size_t size);
/* property_type of a PropertyType and PropertySubType (0: none given); 0 with *reason when we have no such listings. */
int32_t hc__reso_type(const hc__reso_value *type, int32_t subtype, const char **reason);
/* PropertySubType of a listing that names none. */
const char *hc__reso_subtype_of(int32_t property_type);
/* The two letters of a state or province that is spelled out; NULL when it is none known. */
const char *hc__reso_state(const char *text, size_t size);

/* ---- baths ---- */

typedef enum hc__baths_found { HC__BATHS_NONE, HC__BATHS_EXACT, HC__BATHS_KEEP, HC__BATHS_FAULT } hc__baths_found;

/* Hundredths of the members' baths. KEEP: the members say more than their sum (or less, when only
 * BathroomsTotalInteger is given), so they are kept beside it. FAULT: *reason. */
hc__baths_found hc__baths_read(int64_t *hundredths, const hc__reso_value members[hc__reso_members],
                               const char **reason);
/* Writes the members of a sum: nothing for fractions that RESO cannot say. */
void hc__baths_put(hc__json_writer *writer, int64_t hundredths);
bool hc__reso_is_baths(hc__reso_member member);

/* ---- out ---- */

/* Who lists a listing; texts NULL: not known. */
typedef struct hc__lister {
    const char *agent, *office;
} hc__lister;

/* Appends one listing as a Property resource, without @reso.context. */
hc_status hc__reso_write(hc__buf *out, const hc__record *listing, const hc__mem *mem, hc__lister lister, hc_error *err);

#endif
