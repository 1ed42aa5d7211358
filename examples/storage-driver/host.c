/* A host that keeps its listings in the driver: nothing changes for it but the URI and where the driver lies.
 * host FOLDER */
#include <stdio.h>
#include <string.h>

#include "homeconnect/homeconnect.h"

static const char passphrase[] = "only for this demo, never in production";

static int failed(const hc_error *err)
{
    (void)fprintf(stderr, "%s (%s) %s\n", hc_status_name(err->status), err->field, err->message);
    return 1;
}

static hc_status make_agent(hc_session **out, hc_client *client, hc_session *host, hc_session *guest, hc_error *err)
{
    hc_login login = {sizeof(login), "ana@example.com", passphrase, strlen(passphrase)};
    hc_user *ana = hc_user_new(client);
    hc_agent *profile = hc_agent_new(client);
    hc_id id;
    hc_status status;

    hc_user_set_email(ana, "ana@example.com");
    hc_user_set_full_name(ana, "Ana Ortiz");
    hc_user_set_role(ana, HC_USER_ROLE_AGENT);
    status = hc_user_create(&id, host, ana, passphrase, strlen(passphrase), err);
    if (status >= 0) {
        hc_agent_set_user_id(profile, id);
        hc_agent_set_license_number(profile, "TX-0042");
        hc_agent_set_license_expires_on(profile, 47481); /* 2099-12-31, in days since 1970 */
        hc_agent_set_license_verified_at(profile, 1);
        status = hc_agent_create(&id, host, profile, err);
    }
    hc_user_free(ana);
    hc_agent_free(profile);
    return status < 0 ? status : hc_auth_login(out, guest, &login, err);
}

static hc_status add_home(hc_client *client, hc_session *agent, const char *title, int64_t price, hc_error *err)
{
    hc_property *home = hc_property_new(client);
    hc_status status;
    hc_id id;

    hc_property_set_title(home, title);
    hc_property_set_price(home, price);
    hc_property_set_address(home, "12 Creek Rd");
    hc_property_set_city(home, "Austin");
    hc_property_set_state(home, "TX");
    hc_property_set_zip_code(home, "78704");
    hc_property_set_property_type(home, HC_PROPERTY_HOUSE);
    status = hc_property_create(&id, agent, home, err);
    hc_property_free(home);
    return status;
}

static hc_status show(hc_client *client, hc_session *guest, const char *filter, int32_t *shown, hc_error *err)
{
    hc_query *query;
    hc_property_page *page;
    hc_status status = hc_query_parse(&query, client, filter, "price", err);

    if (status < 0)
        return status;
    status = hc_property_list(&page, guest, query, err);
    if (status >= 0) {
        for (size_t i = 0; i < hc_property_page_count(page); i++)
            (void)puts(hc_property_title(hc_property_page_at(page, i)));
        *shown = (int32_t)hc_property_page_count(page);
        hc_property_page_free(page);
    }
    hc_query_free(query);
    return status;
}

int main(int argc, char **argv)
{
    static const uint8_t key[HC_SECRET_KEY_SIZE] = {'d', 'e', 'm', 'o', ' ', 'k', 'e', 'y'};
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    hc_client *client;
    hc_session *host, *guest, *agent;
    int32_t shown = 0;
    hc_error err;

    options.storage_uri = "memtable:";
    options.driver_path = argc > 1 ? argv[1] : ".";
    options.secret_key = key; /* a store that is no SQLite file has no key file beside it */
    if (hc_client_open(&client, &options, &err) < 0)
        return failed(&err);
    if (hc_session_system(&host, client, &err) < 0 || hc_session_guest(&guest, client, "203.0.113.7", &err) < 0 ||
        make_agent(&agent, client, host, guest, &err) < 0)
        return failed(&err);
    if (add_home(client, agent, "House on the hill", 72500000, &err) < 0 ||
        add_home(client, agent, "Bungalow by the creek", 48900000, &err) < 0 ||
        add_home(client, agent, "Palace", 990000000, &err) < 0)
        return failed(&err);
    if (show(client, guest, "city eq 'Austin' and price le 1000000", &shown, &err) < 0)
        return failed(&err);
    hc_session_free(agent);
    hc_session_free(guest);
    hc_session_free(host);
    hc_client_close(client);
    return shown == 2 ? 0 : 1;
}
