/* with_postgres PROGRAM [ARGUMENTS]: runs a test program on a private PostgreSQL server instead of a file. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server_postgres.h"

int main(int argc, char **argv)
{
    server_postgres server;
    int status = 0;
    pid_t pid;

    if (argc < 2 || !server_postgres_start(&server)) {
        printf("skipped: %s\n", argc < 2 ? "no program" : server.reason);
        return SERVER_SKIPPED;
    }
    setenv("HC_TEST_STORE", "postgres", 1);
    setenv("HC_TEST_POSTGRES_URI", server.uri, 1);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        execv(argv[1], argv + 1);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        status = 1 << 8;
    server_postgres_stop(&server);
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
