/* Moves a store: move [--from-documents URI] [--to-documents URI] FROM TO [KEYS]
 *
 * The options name where documents live, such as mongodb://localhost/homes; without one, in FROM or TO itself. FROM and
 * TO are storage URIs, such as sqlite:homes.db and postgresql://ana@localhost/homes. KEYS is the key file of FROM; a
 * SQLite file has its own beside it. Run it again after it was stopped, and once more when nobody writes to FROM any
 * longer: what is there already is not written again. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <homeconnect/homeconnect.h>

static int failed(const char *doing, const hc_error *err)
{
    fprintf(stderr, "%s: %s%s%s: %s\n", doing, hc_status_name(err->status), err->field[0] == '\0' ? "" : ", field ",
            err->field, err->message);
    return 1;
}

static hc_status on_progress(const char *kind, const hc_copy_counts *of_kind, const hc_copy_counts *all, void *data)
{
    const int *terminal = data;
    int64_t half = 2 * all->same + all->copied + all->verified; /* a row is written, and read back */

    if (*terminal)
        printf("\r  %3d %%  %-20s %" PRId64 " rows\x1b[K", (int)(all->total == 0 ? 100 : half * 50 / all->total), kind,
               of_kind->same + of_kind->copied);
    fflush(stdout);
    return HC_OK;
}

static hc_status copy(const hc_client_options *from, const hc_client_options *to, hc_error *err)
{
    hc_copy_options options = HC_COPY_OPTIONS_INIT;
    hc_copy_counts counts = {0, 0, 0, 0, 0};
    int terminal = isatty(STDOUT_FILENO);
    hc_client *client;
    hc_status status = hc_client_open(&client, from, err);

    if (status < 0)
        return status;
    options.storage_uri = to->storage_uri;
    options.document_uri = to->document_uri;
    options.progress = on_progress;
    options.data = &terminal;
    status = hc_copy(&counts, client, &options, err);
    if (counts.total > 0)
        printf("%s%" PRId64 " rows: %" PRId64 " copied and verified, %" PRId64 " were there, %" PRId64 " taken out\n",
               terminal ? "\r\x1b[K" : "", counts.total, counts.verified, counts.same, counts.removed);
    hc_client_close(client);
    return status;
}

/* As a host will open it: with the keys of the store that it came from, so that the seals of the audit log hold. */
static hc_status look(const hc_client_options *to, hc_error *err)
{
    hc_audit_report report = HC_AUDIT_REPORT_INIT;
    hc_client *client;
    hc_session *system;
    hc_status status = hc_client_open(&client, to, err);

    if (status < 0)
        return status;
    status = hc_session_system(&system, client, err);
    if (status >= 0) {
        status = hc_audit_verify(&report, system, NULL, err);
        hc_session_free(system);
    }
    if (status >= 0)
        printf("the audit log is whole: %" PRId64 " rows\n", report.rows + report.waiting);
    hc_client_close(client);
    return status;
}

/* To open a file that is not there makes a new store, and to copy that would go well. */
static bool is_no_file(const char *uri)
{
    char path[4096];

    if (strncmp(uri, "sqlite:", 7) != 0)
        return false;
    snprintf(path, sizeof path, "%.*s", (int)strcspn(uri + 7, "?"), uri + 7);
    return access(path, F_OK) != 0;
}

int main(int argc, char **argv)
{
    hc_client_options from = HC_CLIENT_OPTIONS_INIT, to = HC_CLIENT_OPTIONS_INIT;
    char keys[4096];
    hc_error err;

    for (; argc > 2 && strncmp(argv[1], "--", 2) == 0; argc -= 2, argv += 2) {
        if (strcmp(argv[1], "--from-documents") == 0)
            from.document_uri = argv[2];
        else if (strcmp(argv[1], "--to-documents") == 0)
            to.document_uri = argv[2];
        else
            argc = 0;
    }
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: move [--from-documents URI] [--to-documents URI] FROM TO [KEYS]\n");
        return 2;
    }
    from.storage_uri = argv[1];
    to.storage_uri = argv[2];
    from.key_file = argc == 4 ? argv[3] : NULL;
    if (argc == 3 && strncmp(argv[1], "sqlite:", 7) != 0) {
        fprintf(stderr, "a store on a server has its keys elsewhere: name their file\n");
        return 2;
    }
    if (argc == 3)
        snprintf(keys, sizeof keys, "%.*s.keys", (int)strcspn(argv[1] + 7, "?"), argv[1] + 7);
    to.key_file = argc == 4 ? argv[3] : keys;
    if (is_no_file(argv[1])) {
        fprintf(stderr, "there is no store to move: %s\n", argv[1]);
        return 1;
    }
    if (access(to.key_file, F_OK) != 0) { /* beside a SQLite file others would be made, which seal its log anew */
        fprintf(stderr, "there is no key file %s\n", to.key_file);
        return 1;
    }
    if (copy(&from, &to, &err) < 0)
        return failed("copying", &err);
    if (look(&to, &err) < 0)
        return failed("looking at the copy", &err);
    printf("open it with the key file %s\n", to.key_file);
    return 0;
}
