#include "client/core.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "client/unfinished.h"

#define CLOCK_END   (INT64_MAX / 2)
#define HASH_WAIT   (2 * HC__SECOND)
#define LINE_LIMIT  512
#define SIZED_LIMIT 4096 /* of any version of a sized struct: a size that was never set is mostly above */

hc_status hc__client_core(hc__core **out, const hc_client *client, hc_error *err)
{
    *out = NULL;
    if (client == NULL || atomic_load_explicit(&client->magic, memory_order_relaxed) != HC__CLIENT_MAGIC)
        return hc__fail(err, HC_ERR_MISUSE, "client", "not an open client");
    *out = client->core;
    return HC_OK;
}

void hc__core_retain(hc__core *core)
{
    atomic_fetch_add_explicit(&core->refs, 1, memory_order_relaxed);
}

void hc__core_release(hc__core *core)
{
    hc__mem mem;

    if (atomic_fetch_sub_explicit(&core->refs, 1, memory_order_acq_rel) != 1)
        return;
    hc__keys_close(core);
    hc__cond_free(&core->hashes.freed);
    hc__mutex_free(&core->hashes.lock);
    hc__cond_free(&core->idle);
    hc__mutex_free(&core->idle_lock);
    mem = core->mem;
    hc__free(&mem, core);
}

/* Hooks of the host that run on this thread: log, metric, clock, breached. */
static _Thread_local int hooks;

bool hc__in_hook(void)
{
    return hooks > 0;
}

static int64_t uncounted; /* of a seeded bug: each call writes it, and nothing orders them */

/* Of a call and the close each writes one of `calls` and `closed` and then reads the other, so that one of the two sees
 * the other: that takes sequential consistency, no less. */
hc_status hc__core_enter(hc__core *core, hc_error *err)
{
    if (hooks > 0)
        return hc__fail(err, HC_ERR_MISUSE, NULL, "a hook may not call the library");
    if (core->pid != hc__os_pid() && !hc__bug("anybodys-client"))
        return hc__fail(err, HC_ERR_FORKED, NULL,
                        "the client belongs to the parent process: open clients after a fork");
    atomic_fetch_add(&core->calls, 1);
    if (atomic_load(&core->closed)) {
        hc__core_leave(core);
        return hc__fail(err, HC_ERR_CLOSED, NULL, "the client is closed");
    }
    if (hc__bug("race"))
        uncounted++;
    return HC_OK;
}

void hc__core_leave(hc__core *core)
{
    if (atomic_fetch_sub(&core->calls, 1) != 1 || !atomic_load(&core->closed))
        return;
    hc__lock(&core->idle_lock);
    hc__cond_broadcast(&core->idle);
    hc__unlock(&core->idle_lock);
}

hc_status hc__core_ready(hc__core *core, int64_t deadline, hc_error *err)
{
    int32_t version;
    hc_status status;

    if (atomic_load_explicit(&core->ready, memory_order_acquire))
        return HC_OK;
    status = hc__store_check_schema(core->store, &version, deadline, err);
    if (status >= 0)
        status = hc__store_is_whole(core->store, deadline, err);
    if (status >= 0)
        atomic_store_explicit(&core->ready, true, memory_order_release);
    return status;
}

int64_t hc__core_now(const hc__core *core)
{
    int64_t now;

    hooks++;
    now = core->clock.now(core->clock.data);
    hooks--;
    if (now > CLOCK_END) /* so that what is added to it or taken from it overflows nothing */
        return CLOCK_END;
    return now < -CLOCK_END ? -CLOCK_END : now;
}

int64_t hc__core_age(const hc__core *core, int64_t since)
{
    int64_t age = hc__core_now(core) - since;

    return since == 0 ? 0 : age < 1 ? 1 : age;
}

/* One event is one line, whoever made it. */
void hc__core_line(const hc__core *core, int32_t level, const char *request_id, const char *text)
{
    char line[LINE_LIMIT];

    if (core->log == NULL || level > core->log_level || hooks > 0)
        return;
    hc__one_line(line, sizeof line, text);
    hooks++;
    core->log(level, request_id, line, core->log_data);
    hooks--;
}

void hc__core_log(const hc__core *core, int32_t level, const char *request_id, const char *format, ...)
{
    char text[LINE_LIMIT];
    va_list args;

    if (core->log == NULL || level > core->log_level || hooks > 0)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    hc__core_line(core, level, request_id, text);
}

bool hc__core_breached(const hc__core *core, const char *password, size_t size)
{
    bool is;

    if (core->breached == NULL)
        return false;
    hooks++;
    is = core->breached(password, size, core->breached_data) != 0;
    hooks--;
    return is;
}

void hc__core_count(const hc__core *core, const char *name, int64_t value)
{
    if (core->metric == NULL || hooks > 0)
        return;
    hooks++;
    core->metric(name, value, core->metric_data);
    hooks--;
}

hc_status hc__hash_begin(hc__core *core, hc_error *err)
{
    int64_t deadline = hc__os_monotonic() + HASH_WAIT;
    bool got = true;

    hc__lock(&core->hashes.lock);
    while (core->hashes.free == 0 && got)
        got = hc__cond_wait_until(&core->hashes.freed, &core->hashes.lock, deadline) || core->hashes.free > 0;
    if (got)
        core->hashes.free--;
    hc__unlock(&core->hashes.lock);
    return got ? HC_OK : hc__fail(err, HC_ERR_BUSY, NULL, "too many sign-ins at once: no password hash slot came free");
}

void hc__hash_end(hc__core *core)
{
    hc__lock(&core->hashes.lock);
    core->hashes.free++;
    hc__cond_signal(&core->hashes.freed);
    hc__unlock(&core->hashes.lock);
}

void *hc__handle_new(hc__core *core, size_t size, size_t room, hc__handle **handle)
{
    size_t head = (sizeof(hc__handle) + 15) & ~(size_t)15;
    size_t body = (size + 15) & ~(size_t)15;
    uint8_t *block = hc__alloc(&core->mem, head + body + room);

    if (block == NULL)
        return NULL;
    memset(block, 0, head + body);
    *handle = (hc__handle *)(void *)block;
    (*handle)->core = core;
    hc__arena_init(&(*handle)->arena, &core->mem, block + head + body, room);
    hc__core_retain(core);
    return block + head;
}

void hc__handle_free(hc__handle *handle)
{
    hc__core *core = handle->core;

    hc__arena_free(&handle->arena);
    hc__free(&core->mem, handle);
    hc__core_release(core);
}

hc_status hc__sized_copy(void *out, size_t known, const void *in, const char *name, hc_error *err)
{
    size_t size;

    if (in == NULL)
        return HC_OK;
    memcpy(&size, in, sizeof size);
    if (size < sizeof size)
        return hc__fail(err, HC_ERR_INVALID, name, "struct_size is %zu: use the INIT macro of the struct", size);
    if (size > SIZED_LIMIT)
        return hc__fail(err, HC_ERR_INVALID, name, "struct_size is %zu, which no version of the struct has", size);
    for (size_t i = known; i < size; i++)
        if (((const uint8_t *)in)[i] != 0)
            return hc__fail(err, HC_ERR_INVALID, name,
                            "the struct has fields that this library (%zu of %zu bytes) does not know", known, size);
    memcpy(out, in, size < known ? size : known);
    memcpy(out, &known, sizeof known);
    return HC_OK;
}

hc_status hc__text_new(hc_text **out, hc__core *core, hc__buf *buf, hc_error *err)
{
    hc__handle *handle;
    hc_text *text;

    *out = NULL;
    text = buf->failed ? NULL : hc__handle_new(core, sizeof *text, buf->size + 1, &handle);
    if (text == NULL)
        return hc__no_memory(err);
    text->size = buf->size;
    text->data = hc__arena_text(&handle->arena, buf->size == 0 ? "" : buf->data, buf->size);
    text->handle = handle;
    if (text->data == NULL) {
        hc__handle_free(handle);
        return hc__no_memory(err);
    }
    *out = text;
    return HC_OK;
}

const char *hc_text_data(const hc_text *text)
{
    return text == NULL ? "" : text->data;
}

size_t hc_text_size(const hc_text *text)
{
    return text == NULL ? 0 : text->size;
}

void hc_text_free(hc_text *text)
{
    if (text != NULL)
        hc__handle_free(text->handle);
}
