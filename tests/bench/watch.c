/* What the machine itself takes away: a hypervisor that runs other guests stops a CPU for milliseconds, and no
 * scheduler of this system can know. A thread of the highest real-time priority on each CPU looks at the clock four
 * thousand times a second; where it comes late, the CPU was gone. */
#include "watch.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define CPUS  64
#define EVERY 250000L /* ns */
#define LATE  1e-3    /* seconds */

static struct watcher {
    pthread_t thread;
    size_t cpu;
} watchers[CPUS];
static int watcher_count;
static atomic_bool ended;
static _Atomic uint64_t gaps;

static void next_look(struct timespec *at)
{
    at->tv_nsec += EVERY;
    if (at->tv_nsec >= 1000000000L) {
        at->tv_nsec -= 1000000000L;
        at->tv_sec++;
    }
}

static double behind(const struct timespec *at)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - at->tv_sec) + (double)(now.tv_nsec - at->tv_nsec) * 1e-9;
}

static void *look(void *data)
{
    struct timespec at;

    (void)data;
    clock_gettime(CLOCK_MONOTONIC, &at);
    while (!atomic_load(&ended)) {
        next_look(&at);
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
        if (behind(&at) > LATE) {
            atomic_fetch_add(&gaps, 1);
            clock_gettime(CLOCK_MONOTONIC, &at);
        }
    }
    return NULL;
}

static bool start_on(struct watcher *one)
{
    struct sched_param first = {.sched_priority = sched_get_priority_max(SCHED_FIFO)};
    pthread_attr_t attr;
    cpu_set_t set;
    bool started;

    CPU_ZERO(&set);
    CPU_SET(one->cpu, &set);
    pthread_attr_init(&attr);
    started = pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED) == 0 &&
              pthread_attr_setschedpolicy(&attr, SCHED_FIFO) == 0 && pthread_attr_setschedparam(&attr, &first) == 0 &&
              pthread_attr_setaffinity_np(&attr, sizeof set, &set) == 0 &&
              pthread_create(&one->thread, &attr, look, one) == 0;
    pthread_attr_destroy(&attr);
    return started;
}

bool watch_start(void)
{
    cpu_set_t mine;
    bool all = true;

    watcher_count = 0;
    atomic_store(&ended, false);
    if (sched_getaffinity(0, sizeof mine, &mine) != 0)
        return false;
    for (size_t cpu = 0; cpu < CPU_SETSIZE && watcher_count < CPUS && all; cpu++)
        if (CPU_ISSET(cpu, &mine)) {
            watchers[watcher_count].cpu = cpu;
            all = start_on(&watchers[watcher_count]);
            watcher_count += all;
        }
    if (!all)
        watch_stop();
    return all;
}

uint64_t watch_gaps(void)
{
    return atomic_load(&gaps);
}

void watch_stop(void)
{
    atomic_store(&ended, true);
    for (int i = 0; i < watcher_count; i++)
        pthread_join(watchers[i].thread, NULL);
    watcher_count = 0;
}
