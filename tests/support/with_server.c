#include "with_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIPPED 77 /* as SERVER_SKIPPED */

static int run(char **program)
{
    int status = 0;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        execvp(program[0], program);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return EXIT_FAILURE;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

static int run_on(const with_server *how, const char *uri, char **program)
{
    setenv("HC_TEST_STORE", how->store, 1);
    setenv(how->given, uri, 1);
    return run(program);
}

int with_server_main(const with_server *how, int argc, char **argv)
{
    const char *shared = getenv(how->shared);
    bool for_all = argc > 2 && strcmp(argv[1], "--for-all") == 0;
    int status;

    if (argc < 2)
        return EXIT_FAILURE;
    if (shared != NULL && !for_all)
        return run_on(how, shared, argv + 1);
    if (!how->start()) {
        printf("skipped: %s\n", how->reason);
        return for_all ? run(argv + 2) : SKIPPED; /* each program will say so again */
    }
    if (*how->ours && !how->teach()) {
        status = EXIT_FAILURE;
    } else if (for_all) {
        setenv(how->shared, how->uri, 1);
        status = run(argv + 2);
    } else {
        status = run_on(how, how->uri, argv + 1);
    }
    how->stop();
    return status;
}
