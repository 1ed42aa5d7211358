/* The page of the permission table, which the repository keeps for readers: a run with HC_GOLDEN=write writes it anew.
 */
#include <stdio.h>
#include <string.h>

#include "homeconnect/policy.h"
#include "house.h"

#define PAGE HC_SOURCE_DIR "/lib/client/PERMISSIONS.md"

START_TEST(the_page_kept_in_the_tree_is_the_one_that_is_printed)
{
    static char kept[1 << 17];
    const char *mode = getenv("HC_GOLDEN");
    bool write = mode != NULL && strcmp(mode, "write") == 0;
    hc_text *page = NULL;
    FILE *file;
    size_t size;

    HOUSE_OK(hc_policy_text(&page, house.client, err));
    file = fopen(PAGE, write ? "w" : "r");
    ck_assert_msg(file != NULL, "%s cannot be opened", PAGE);
    if (write)
        ck_assert_uint_eq(fwrite(hc_text_data(page), 1, hc_text_size(page), file), hc_text_size(page));
    size = write ? 0 : fread(kept, 1, sizeof kept, file);
    fclose(file);
    ck_assert_msg(write || (size == hc_text_size(page) && memcmp(kept, hc_text_data(page), size) == 0),
                  "the permissions are not those of %s: look at them with HC_GOLDEN=write and git diff", PAGE);
    hc_text_free(page);
}
END_TEST

START_TEST(it_asks_for_a_client_and_a_place)
{
    hc_text *page = (hc_text *)&house;

    HOUSE_FAILS(hc_policy_text(&page, NULL, err), HC_ERR_MISUSE, "client");
    ck_assert_ptr_null(page);
    HOUSE_FAILS(hc_policy_text(NULL, house.client, err), HC_ERR_MISUSE, "out");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_page_kept_in_the_tree_is_the_one_that_is_printed);
    tcase_add_test(tcase, it_asks_for_a_client_and_a_place);
}

int main(void)
{
    return suite_main("api.policy.page", fill, house_open_memory, house_close);
}
