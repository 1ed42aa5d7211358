/* hc_import_run: whose listings, from which file, in which format. */
#include <string.h>

#include "base/id.h"
#include "base/utf8.h"
#include "client/crud.h"
#include "transfer/import.h"

static bool is_source(const char *name)
{
    size_t size = strlen(name);

    return size > 0 && size <= 64 && hc__utf8_check(name, size, NULL);
}

static hc_status check_options(hc__import *import, const hc_import_options *given, hc_error *err)
{
    hc_import_options *options = &import->options;
    hc_status status;

    if (given == NULL)
        return hc__fail(err, HC_ERR_INVALID, "options", "NULL: an import needs a path and a format");
    status = hc__sized_copy(options, sizeof *options, given, "options", err);
    if (status < 0)
        return status;
    if (options->path == NULL || options->path[0] == '\0')
        return hc__fail(err, HC_ERR_INVALID, "path", "the file to read is not named");
    if (options->format != HC_FORMAT_CSV && options->format != HC_FORMAT_RESO)
        return hc__fail(err, HC_ERR_INVALID, "format", "must be HC_FORMAT_CSV or HC_FORMAT_RESO");
    if (options->batch < 0 || options->batch > HC__BATCH_MOST)
        return hc__fail(err, HC_ERR_INVALID, "batch", "must be 1 to %d rows", HC__BATCH_MOST);
    if (options->source_system != NULL && !is_source(options->source_system))
        return hc__fail(err, HC_ERR_INVALID, "source_system", "must have 1 to 64 bytes of UTF-8");
    import->source_system = options->source_system;
    return HC_OK;
}

/* Agents import their own listings; admins and the host import anybody's (domain.md D5). That the sign-in lives and the
 * licence holds is checked in each batch. */
static hc_status check_caller(hc__import *import, hc_error *err)
{
    static const hc_id none;
    hc_session *as = import->as;
    hc_status status = hc__require(as, HC__PROPERTY_IMPORT, &hc__property_entity, none, err);

    if (status < 0)
        return status;
    import->any_agent = hc__policy_rule(as, HC__PROPERTY_IMPORT) == HC__ALL;
    import->agent = hc__id_zero(import->options.agent_id) ? as->user : import->options.agent_id;
    if (!import->any_agent && !hc__id_equal(import->agent, as->user)) {
        hc__audit_late(as, &(hc__audit){.event = "authz_fail",
                                        .target_kind = "user",
                                        .target = import->agent,
                                        .reason = "import for another agent"});
        return hc__fail(err, HC_ERR_FORBIDDEN, "agent_id", "only an admin may import listings of another agent");
    }
    if (hc__id_zero(import->agent))
        return hc__fail(err, HC_ERR_INVALID, "agent_id", "whose listings they become is not named");
    return HC_OK;
}

static hc_status begin(hc__import *import, hc_error *err)
{
    const hc__mem *mem = &import->as->core->mem;
    size_t given = (size_t)import->options.batch;

    import->capacity = given == 0 ? HC__BATCH_FIRST : given;
    import->rows = hc__alloc_zero(mem, given == 0 ? HC__BATCH_MOST : given, sizeof *import->rows);
    hc__arena_init(&import->arena, mem, NULL, 0);
    hc__buf_init(&import->scratch, mem);
    return import->rows == NULL ? hc__no_memory(err) : HC_OK;
}

static void end(hc__import *import)
{
    hc__buf_free(&import->scratch);
    hc__arena_free(&import->arena);
    hc__free(&import->as->core->mem, import->rows);
}

static hc_status run(hc__import *import, hc_error *err)
{
    hc_status status = begin(import, err);

    if (status == HC_OK)
        status = import->options.format == HC_FORMAT_CSV ? hc__import_csv(import, err) : hc__import_reso(import, err);
    end(import);
    return status;
}

static hc_status prepare(hc__import *import, const hc_import_options *options, hc_error *err)
{
    hc_status status;

    if (import->as->unit != NULL)
        return hc__fail(err, HC_ERR_MISUSE, "session", "an import commits batches: it cannot run in a unit of work");
    status = check_options(import, options, err);
    return status < 0 ? status : check_caller(import, err);
}

hc_status hc_import_run(hc_import_counts *out_counts, hc_session *as, const hc_import_options *options, hc_error *err)
{
    hc__import import = {.as = as};
    hc_error why;
    hc_status status = hc__enter(as, &why);

    if (status == HC_OK) {
        status = prepare(&import, options, &why);
        if (status == HC_OK)
            status = run(&import, &why);
        hc__leave(as);
    }
    if (out_counts != NULL)
        *out_counts = import.counts;
    if (status < 0 && err != NULL)
        *err = why;
    return status;
}
