/* The suite itself is tried: it must pass over honest wrappers of SQLite, and notice each lie of the others. */
#include "lie.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

hc_status hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

#define ARENA     ((size_t)1 << 20)
#define LARGE     ((size_t)16 << 20) /* of a predicate of very many parts */
#define SEQUENCES 60

const hc_storage_driver *truth;
static const lie *told; /* NULL: the wrapper is honest */

/* ---- the wrapper ---------------------------------------------------------------------------------------------------
 */

void *arena_take(arena *from, size_t size)
{
    size_t padded = (size + 15) & ~(size_t)15;
    void *out;

    if (padded > from->room - from->used)
        abort();
    out = from->memory + from->used;
    from->used += padded;
    return memset(out, 0, padded);
}

static const hc_predicate *bend(const hc_predicate *p, arena *from)
{
    const hc_predicate **children;
    hc_predicate *copy;

    if (p == NULL || told->leaf == NULL)
        return p;
    copy = arena_take(from, sizeof(*copy));
    *copy = *p;
    if (p->child_count == 0) {
        told->leaf(copy, from);
        return copy;
    }
    children = arena_take(from, p->child_count * sizeof(*children));
    for (size_t i = 0; i < p->child_count; i++)
        children[i] = bend(p->children[i], from);
    copy->children = children;
    return copy;
}

static void bend_op(hc_op *op, arena *from)
{
    if (told->op != NULL)
        told->op(op, from);
    op->where = bend(op->where, from);
    op->filter = bend(op->filter, from);
    if (told->set != NULL) {
        hc_set *sets = arena_take(from, (op->set_count + 1) * sizeof(*sets));

        for (size_t i = 0; i < op->set_count; i++) {
            sets[i] = op->sets[i];
            if (sets[i].field < op->kind->field_count)
                told->set(&sets[i], &op->kind->fields[sets[i].field], from);
        }
        op->sets = sets;
    }
}

static hc_status pass_row(const hc_row *row, void *data, hc_error *err)
{
    const hc_batch *batch = data;
    hc_value values[64];
    hc_row copy = *row;
    hc_status status;

    if (row->count > 64)
        return HC_ERR_INTERNAL;
    memcpy(values, row->values, row->count * sizeof(values[0]));
    copy.values = values;
    if (told->row != NULL && !told->row(&batch->ops[row->op], &copy))
        return HC_OK;
    status = batch->on_row(&copy, batch->data, err);
    return told->answer != NULL ? told->answer(status) : status;
}

static hc_status execute_bent(void *conn, hc_batch *batch, hc_error *err, arena *from)
{
    hc_batch mine = *batch;
    hc_op *ops = arena_take(from, (batch->op_count + 1) * sizeof(*ops));
    hc_status status;

    for (size_t i = 0; i < batch->op_count; i++) {
        ops[i] = batch->ops[i];
        bend_op(&ops[i], from);
    }
    mine.ops = ops;
    mine.on_row = batch->on_row == NULL ? NULL : pass_row;
    mine.data = batch;
    if (told->before != NULL)
        told->before(&mine);
    status = truth->execute(conn, &mine, err);
    batch->stamp = mine.stamp;
    batch->failed_op = mine.failed_op;
    batch->fault = mine.fault;
    batch->fault_index = mine.fault_index;
    return told->after != NULL ? told->after(batch, err, status) : status;
}

static hc_status execute(void *conn, hc_batch *batch, hc_error *err)
{
    static _Thread_local char memory[ARENA];
    const hc_predicate *where = batch->op_count == 1 ? batch->ops[0].where : NULL;
    bool large = where != NULL && where->child_count + where->value_count > 1000;
    arena from = {large ? malloc(LARGE) : memory, 0, large ? LARGE : ARENA};
    hc_status status;

    if (from.memory == NULL)
        abort();
    status = execute_bent(conn, batch, err, &from);
    if (large)
        free(from.memory);
    return status;
}

/* As one that has no transactions would: MongoDB's driver is to be one. */
static hc_status execute_alone(void *conn, hc_batch *batch, hc_error *err)
{
    if ((batch->flags & BOUNDS) == 0)
        return truth->execute(conn, batch, err);
    if (err != NULL)
        err->status = HC_ERR_UNSUPPORTED;
    return HC_ERR_UNSUPPORTED;
}

/* ---- the suite's side ----------------------------------------------------------------------------------------------
 */

typedef struct trial {
    char folder[256];
    int number;
    bool hurry; /* stop at the first failure */
    char caught[200];
    int64_t lines;
} trial;

static void drop(const trial *run)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[320];

    for (int back = 0; back < 4; back++) {
        for (int i = 0; i < 3; i++) {
            (void)snprintf(path, sizeof(path), "%s/%d.db%s", run->folder, run->number - back, ends[i]);
            (void)unlink(path);
        }
    }
}

static hc_status fresh(char *uri, size_t size, uint32_t use, void *data)
{
    trial *run = data;

    if (run->hurry && run->caught[0] != '\0')
        return HC_ERR_CANCELLED; /* one is enough */
    drop(run);
    run->number++;
    if (use != 0)
        (void)snprintf(uri, size, "sqlite:%s/%d.db?durability=relaxed", run->folder, run->number);
    else
        (void)snprintf(uri, size, "sqlite::memory:");
    return HC_OK;
}

static hc_status copy(char *path, size_t path_size, char *uri, size_t uri_size, void *data)
{
    trial *run = data;

    run->number++;
    (void)snprintf(path, path_size, "%s/%d.db", run->folder, run->number);
    (void)snprintf(uri, uri_size, "sqlite:%s/%d.db", run->folder, run->number);
    return HC_OK;
}

static void report(const char *line, void *data)
{
    trial *run = data;

    if (strncmp(line, "FAILED", 6) == 0 && run->caught[0] == '\0')
        (void)snprintf(run->caught, sizeof(run->caught), "%s", line + 7);
    if (!run->hurry)
        (void)puts(line);
}

static int32_t try_driver(trial *run, const hc_storage_driver *driver, uint32_t quirks, uint64_t seed)
{
    hc_conformance suite = HC_CONFORMANCE_INIT;

    run->caught[0] = '\0';
    suite.driver = driver;
    suite.fresh = fresh;
    suite.copy = copy;
    suite.report = report;
    suite.data = run;
    suite.seed = seed;
    suite.sequences = SEQUENCES;
    suite.quirks = quirks;
    return hc_conformance_run(&suite);
}

/* Both must pass. */
static bool honest_ones_pass(trial *run)
{
    static const lie nothing = {.name = "none"};
    hc_storage_driver wrapped = *truth, alone = *truth;

    run->hurry = false;
    told = &nothing;
    wrapped.execute = execute;
    alone.execute = execute_alone;
    alone.capabilities &= ~HC_CAP_TRANSACTIONS;
    return try_driver(run, &wrapped, HC_QUIRK_ONE_WRITER, 1) == 0 &&
           try_driver(run, &alone, HC_QUIRK_ONE_WRITER, 1) == 0;
}

static bool is_caught(trial *run, const lie *one)
{
    hc_storage_driver liar = *truth;
    int32_t failures;

    run->hurry = true;
    told = one;
    liar.execute = execute;
    if (one->table != NULL)
        one->table(&liar);
    failures = try_driver(run, &liar, HC_QUIRK_ONE_WRITER ^ one->quirks, 1);
    (void)printf("%-50s %s\n", one->name, failures > 0 ? run->caught : "NOT NOTICED");
    (void)fflush(stdout);
    return failures > 0;
}

static size_t catch_all(trial *run, const lie *list, size_t count)
{
    size_t caught = 0;

    for (size_t i = 0; i < count; i++)
        caught += is_caught(run, &list[i]);
    return caught;
}

int main(void)
{
    const char *base = getenv("TMPDIR");
    trial run = {0};
    size_t caught, lies = data_lie_count + work_lie_count;
    bool honest;

    (void)snprintf(run.folder, sizeof(run.folder), "%s/hc-liars-XXXXXX", base == NULL ? "/tmp" : base);
    if (mkdtemp(run.folder) == NULL || hc_driver_sqlite_entry(&truth, HC_DRIVER_ABI, NULL) < 0)
        return EXIT_FAILURE;
    honest = honest_ones_pass(&run);
    caught = catch_all(&run, data_lies, data_lie_count) + catch_all(&run, work_lies, work_lie_count);
    (void)printf("lies caught: %zu of %zu; honest wrappers %s\n", caught, lies, honest ? "pass" : "FAIL");
    drop(&run);
    (void)rmdir(run.folder);
    return honest && caught == lies ? EXIT_SUCCESS : EXIT_FAILURE;
}
