/* A host of the installed library: what any of the ways to link it must be able to build and run, as C and as C++. */
#include <stdio.h>
#include <string.h>

#include "homeconnect/client.h"
#include "homeconnect/property.h"
#include "homeconnect/query.h"
#include "homeconnect/session.h"
#include "homeconnect/version.h"

static int fail(const char *what, const hc_error *err)
{
    fprintf(stderr, "%s: %s %s\n", what, hc_status_name(err->status), err->message);
    return 1;
}

int main(void)
{
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    hc_client *client;
    hc_session *guest;
    hc_query *query;
    hc_property_page *page;
    hc_error err;

    if (strcmp(hc_version(), HC_VERSION_STRING) != 0)
        return 1;
    options.storage_uri = "sqlite::memory:";
    if (hc_client_open(&client, &options, &err) < 0)
        return fail("open", &err);
    if (hc_session_guest(&guest, client, "203.0.113.7", &err) < 0)
        return fail("guest", &err);
    if (hc_query_parse(&query, client, "city eq 'Austin' and price le 500000", "price", &err) < 0)
        return fail("query", &err);
    if (hc_property_list(&page, guest, query, &err) < 0)
        return fail("list", &err);
    printf("homeconnect %s: %d listings\n", hc_version(), (int)hc_property_page_count(page));
    hc_property_page_free(page);
    hc_query_free(query);
    hc_session_free(guest);
    hc_client_close(client);
    return 0;
}
