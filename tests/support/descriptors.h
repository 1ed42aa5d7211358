/* A process that may open no more files and sockets. */
#ifndef SUPPORT_DESCRIPTORS_H
#define SUPPORT_DESCRIPTORS_H

#include <check.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

static void allow_descriptors(rlim_t below)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = below < limit.rlim_max ? below : limit.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Leaves `count` descriptors that may be opened, beside those that are closed; below 0: as many as the system allows.
 */
static void leave_descriptors(int count)
{
    int next;

    allow_descriptors(RLIM_INFINITY);
    if (count < 0)
        return;
    next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(next, 0);
    close(next);
    allow_descriptors((rlim_t)next + (rlim_t)count);
}

#endif
