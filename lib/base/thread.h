/* Locks, conditions with monotonic deadlines, and the process. */
#ifndef HC__BASE_THREAD_H
#define HC__BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include "homeconnect/types.h"

typedef struct hc__mutex {
    pthread_mutex_t os;
} hc__mutex;
typedef struct hc__cond {
    pthread_cond_t os;
} hc__cond;

bool hc__mutex_init(hc__mutex *mutex);
void hc__mutex_free(hc__mutex *mutex);
void hc__lock(hc__mutex *mutex);
void hc__unlock(hc__mutex *mutex);
bool hc__cond_init(hc__cond *cond);
void hc__cond_free(hc__cond *cond);
/* Waits until signalled or hc__os_monotonic() >= deadline (µs). False past the deadline. */
bool hc__cond_wait_until(hc__cond *cond, hc__mutex *mutex, int64_t deadline);
void hc__cond_signal(hc__cond *cond);
void hc__cond_broadcast(hc__cond *cond);

int32_t hc__os_pid(void); /* cached; right in the child of a fork (pthread_atfork) */
uint64_t hc__os_thread(void);
void hc__os_sleep(int64_t micros);
bool hc__os_random(void *out, size_t size);
int hc__os_cores(void);

#endif
