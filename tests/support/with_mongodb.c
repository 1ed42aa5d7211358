/* with_mongodb [--second] PROGRAM [ARGUMENTS]: runs a test program on a pair of stores: its document kinds are in
 * MongoDB, or in what stands in for it (`--second`: the other one). A private server, or the one that with_mongodb
 * --for-all COMMAND [ARGUMENTS] started for all programs that COMMAND runs. Behind it with_postgres and with_mysql do
 * the rest. */
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server_mongodb.h"

#define SHARED "HC_TEST_SHARED_MONGODB"

static int run(char **program)
{
    int status = 0;
    pid_t pid;

    (void)fflush(stdout);
    pid = fork();
    if (pid == 0) {
        execvp(program[0], program);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return EXIT_FAILURE;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

static int run_on(const char *base, char **program)
{
    setenv("HC_TEST_DOCUMENTS", base, 1);
    return run(program);
}

static bool is_a_set(const char *base)
{
    bson_t *ask = BCON_NEW("ismaster", BCON_INT32(1)), reply;
    mongoc_client_t *client;
    bool out;

    mongoc_init();
    client = mongoc_client_new(base);
    out = client != NULL && mongoc_client_command_simple(client, "admin", ask, NULL, &reply, NULL);
    if (out) {
        out = bson_has_field(&reply, "setName");
        bson_destroy(&reply);
    }
    bson_destroy(ask);
    mongoc_client_destroy(client);
    return out;
}

/* What a run on this server does not check. */
static void tell(const server_mongodb *server)
{
    server_mongodb_tell(server);
    if (!is_a_set(server->base))
        (void)printf(
            "skip: no replica set in HC_TEST_MONGODB_URI, so pairs of stores saw no failover but a scripted one\n");
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *shared = getenv(SHARED), *given = getenv("HC_TEST_MONGODB_URI");
    bool for_all = argc > 2 && strcmp(argv[1], "--for-all") == 0;
    bool second = argc > 2 && strcmp(argv[1], "--second") == 0;
    bool own = argc > 2 && strcmp(argv[1], "--own") == 0;
    char **program = argv + (for_all || second || own ? 2 : 1);
    server_mongodb server;
    int status;

    if (argc < 2)
        return EXIT_FAILURE;
    if (own && given != NULL) {
        unsetenv("HC_TEST_MONGODB_URI");
        shared = NULL;
    }
    if (shared != NULL && !for_all && !second)
        return run_on(shared, program);
    if (!server_mongodb_start(&server, second)) {
        (void)printf("skipped: %s\n", server.reason);
        server_mongodb_stop(&server);
        return for_all ? run(program) : SERVER_SKIPPED; /* each program will say so again */
    }
    if (for_all) {
        tell(&server);
        setenv(SHARED, server.base, 1);
        status = run(program);
    } else {
        status = run_on(server.base, program);
    }
    server_mongodb_stop(&server);
    return status;
}
