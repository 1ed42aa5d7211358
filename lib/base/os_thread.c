#include "base/thread.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

bool hc__mutex_init(hc__mutex *mutex)
{
    return pthread_mutex_init(&mutex->os, NULL) == 0;
}

void hc__mutex_free(hc__mutex *mutex)
{
    pthread_mutex_destroy(&mutex->os);
}

void hc__lock(hc__mutex *mutex)
{
    pthread_mutex_lock(&mutex->os);
}

void hc__unlock(hc__mutex *mutex)
{
    pthread_mutex_unlock(&mutex->os);
}

bool hc__cond_init(hc__cond *cond)
{
    pthread_condattr_t attributes;
    bool done;

    if (pthread_condattr_init(&attributes) != 0)
        return false;
    done =
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 && pthread_cond_init(&cond->os, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return done;
}

void hc__cond_free(hc__cond *cond)
{
    pthread_cond_destroy(&cond->os);
}

static struct timespec as_timespec(int64_t micros)
{
    struct timespec at;

    at.tv_sec = (time_t)(micros / HC__SECOND);
    at.tv_nsec = (long)(micros % HC__SECOND) * 1000;
    return at;
}

bool hc__cond_wait_until(hc__cond *cond, hc__mutex *mutex, int64_t deadline)
{
    struct timespec at = as_timespec(deadline < 0 ? 0 : deadline);

    return pthread_cond_timedwait(&cond->os, &mutex->os, &at) != ETIMEDOUT;
}

void hc__cond_signal(hc__cond *cond)
{
    pthread_cond_signal(&cond->os);
}

void hc__cond_broadcast(hc__cond *cond)
{
    pthread_cond_broadcast(&cond->os);
}

/* 0 until the handler is registered; from then on the id of this process, also in a child. */
static atomic_int cached_pid;
static pthread_once_t pid_once = PTHREAD_ONCE_INIT;

static void store_pid(void)
{
    atomic_store_explicit(&cached_pid, (int)getpid(), memory_order_relaxed);
}

static void watch_forks(void)
{
    if (pthread_atfork(NULL, NULL, store_pid) == 0)
        store_pid();
}

int32_t hc__os_pid(void)
{
    int pid = atomic_load_explicit(&cached_pid, memory_order_relaxed);

    if (pid == 0) {
        pthread_once(&pid_once, watch_forks);
        pid = atomic_load_explicit(&cached_pid, memory_order_relaxed);
    }
    return pid != 0 ? pid : (int32_t)getpid(); /* without a handler the cache would lie after a fork */
}

uint64_t hc__os_thread(void)
{
    return (uint64_t)pthread_self();
}

void hc__os_sleep(int64_t micros)
{
    struct timespec left = as_timespec(micros);

    if (micros <= 0)
        return;
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
        continue;
}

bool hc__os_random(void *out, size_t size)
{
    uint8_t *at = out;

    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

int hc__os_cores(void)
{
    cpu_set_t set;
    long online;

    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        return CPU_COUNT(&set);
    online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : (int)online;
}
