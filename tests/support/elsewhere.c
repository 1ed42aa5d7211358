#include "elsewhere.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK "--elsewhere"

/* ---- in the other process ---- */

static hc_session *as;

static hc_status open_session(const char *token)
{
    hc_session *opened = NULL;
    hc_status status = hc_session_open(&opened, house.client, token, strlen(token), NULL, NULL);

    if (status < 0)
        return status;
    hc_session_free(as);
    as = opened;
    return status;
}

static hc_status read_self(void)
{
    hc_user *me = NULL;
    hc_status status = hc_user_get(&me, as, hc_session_user_id(as), NULL);

    hc_user_free(me);
    return status;
}

static hc_status change_price(int64_t cents)
{
    hc_property *home = NULL, *changes;
    hc_status status = hc_property_get(&home, as, house.anas_ids[0], NULL);

    if (status < 0)
        return status;
    changes = hc_property_edit(home);
    hc_property_set_price(changes, cents);
    status = hc_property_update(NULL, as, changes, NULL);
    hc_property_free(changes);
    hc_property_free(home);
    return status;
}

static hc_status list_home(int64_t cents)
{
    hc_property *home = house_sketch("Home from elsewhere", cents);
    hc_id id;
    hc_status status = hc_property_create(&id, as, home, NULL);

    hc_property_free(home);
    return status;
}

static hc_status obey(char *line)
{
    char *word = strchr(line, ' ');

    if (word != NULL)
        *word++ = '\0';
    if (strcmp(line, "open") == 0)
        return open_session(word);
    if (strcmp(line, "self") == 0)
        return read_self();
    if (strcmp(line, "price") == 0)
        return change_price(strtoll(word, NULL, 10));
    if (strcmp(line, "list") == 0)
        return list_home(strtoll(word, NULL, 10));
    return HC_ERR_UNSUPPORTED;
}

void elsewhere_main(int argc, char **argv)
{
    char line[8192];
    hc_client_options options;

    if (argc != 6 || strcmp(argv[1], MARK) != 0)
        return;
    snprintf(house.uri, sizeof house.uri, "%s", argv[2]);
    snprintf(house.keys, sizeof house.keys, "%s", argv[5]);
    house_set_time(strtoll(argv[3], NULL, 10));
    hc_id_parse(&house.anas_ids[0], argv[4], strlen(argv[4]), NULL);
    house_options(&options); /* no house_client(): an assertion needs a suite around it */
    printf("%d\n", (int)hc_client_open(&house.client, &options, NULL));
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        printf("%d\n", (int)obey(line));
        fflush(stdout);
    }
    hc_session_free(as);
    house_leave();
    exit(EXIT_SUCCESS);
}

/* ---- in this one ---- */

static hc_status answer(elsewhere *at)
{
    int status = 0;

    ck_assert_msg(fscanf(at->from, "%d", &status) == 1, "the other process is gone");
    return status;
}

void elsewhere_start(elsewhere *out)
{
    char now[32], home[HC_ID_TEXT_SIZE];
    int down[2], up[2];

    snprintf(now, sizeof now, "%" PRId64, house_now());
    hc_id_format(home, house.anas_ids[0]);
    ck_assert_int_eq(pipe(down), 0);
    ck_assert_int_eq(pipe(up), 0);
    out->pid = fork();
    ck_assert_int_ge(out->pid, 0);
    if (out->pid == 0) {
        dup2(down[0], STDIN_FILENO);
        dup2(up[1], STDOUT_FILENO);
        close(down[0]);
        close(down[1]);
        close(up[0]);
        close(up[1]);
        execl("/proc/self/exe", "elsewhere", MARK, house.uri, now, home, house.keys, (char *)NULL);
        _exit(127);
    }
    close(down[0]);
    close(up[1]);
    out->to = fdopen(down[1], "w");
    out->from = fdopen(up[0], "r");
    ck_assert_int_eq(answer(out), 0);
}

hc_status elsewhere_ask(elsewhere *at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(at->to, format, args);
    va_end(args);
    fputc('\n', at->to);
    fflush(at->to);
    return answer(at);
}

void elsewhere_stop(elsewhere *at)
{
    int status = 0;

    fclose(at->to);
    fclose(at->from);
    ck_assert_int_eq(waitpid(at->pid, &status, 0), at->pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the other process ended with %d", status);
}
