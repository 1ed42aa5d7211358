#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dl_iterate_phdr() */
#endif
#include "foreign.h"

#include <elf.h>
#include <link.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic int64_t left, refused;
static _Atomic bool after;

static bool fails(void)
{
    int64_t now = atomic_load(&left);

    if (now == 0)
        return false;
    if (now > 1) {
        atomic_store(&left, now - 1);
        return false;
    }
    if (!atomic_load(&after))
        atomic_store(&left, 0);
    atomic_fetch_add(&refused, 1);
    return true;
}

static void *our_malloc(size_t size)
{
    return fails() ? NULL : malloc(size);
}

static void *our_calloc(size_t count, size_t size)
{
    return fails() ? NULL : calloc(count, size);
}

static void *our_realloc(void *block, size_t size)
{
    return fails() ? NULL : realloc(block, size);
}

static char *our_strdup(const char *text)
{
    return fails() ? NULL : strdup(text);
}

static char *our_strndup(const char *text, size_t size)
{
    return fails() ? NULL : strndup(text, size);
}

/* ---- the tables of a library ---- */

static void *at_address(uintptr_t address)
{
    void *out;

    memcpy(&out, &address, sizeof out);
    return out;
}

struct table {
    const char *library;
    int turned;
    ElfW(Addr) base;
    const ElfW(Sym) * symbols;
    const char *names;
};

static uintptr_t ours(const char *name)
{
    const struct {
        const char *name;
        uintptr_t call;
    } all[] = {{"malloc", (uintptr_t)our_malloc},   {"calloc", (uintptr_t)our_calloc},
               {"realloc", (uintptr_t)our_realloc}, {"strdup", (uintptr_t)our_strdup},
               {"__strdup", (uintptr_t)our_strdup}, {"strndup", (uintptr_t)our_strndup}};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i].name, name) == 0)
            return all[i].call;
    return 0;
}

static void turn(struct table *table, const ElfW(Rela) * entry)
{
    uint64_t type = ELF64_R_TYPE(entry->r_info);
    uintptr_t call, at = table->base + entry->r_offset, page = at & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);

    if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT && type != R_X86_64_64)
        return;
    call = ours(table->names + table->symbols[ELF64_R_SYM(entry->r_info)].st_name);
    if (call == 0 || mprotect(at_address(page), at - page + sizeof call, PROT_READ | PROT_WRITE) != 0)
        return;
    memcpy(at_address(at), &call, sizeof call);
    table->turned++;
}

static int look_at(struct dl_phdr_info *info, size_t size, void *data)
{
    struct table *table = data;
    const ElfW(Rela) * lists[2] = {NULL, NULL};
    size_t sizes[2] = {0, 0};

    (void)size;
    if (strstr(info->dlpi_name, table->library) == NULL)
        return 0;
    table->base = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Dyn) *dyn = at_address(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);

        for (; info->dlpi_phdr[i].p_type == PT_DYNAMIC && dyn->d_tag != DT_NULL; dyn++) {
            if (dyn->d_tag == DT_SYMTAB)
                table->symbols = at_address(dyn->d_un.d_ptr);
            else if (dyn->d_tag == DT_STRTAB)
                table->names = at_address(dyn->d_un.d_ptr);
            else if (dyn->d_tag == DT_JMPREL)
                lists[0] = at_address(dyn->d_un.d_ptr);
            else if (dyn->d_tag == DT_PLTRELSZ)
                sizes[0] = dyn->d_un.d_val;
            else if (dyn->d_tag == DT_RELA)
                lists[1] = at_address(dyn->d_un.d_ptr);
            else if (dyn->d_tag == DT_RELASZ)
                sizes[1] = dyn->d_un.d_val;
        }
    }
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; lists[k] != NULL && i < sizes[k] / sizeof(ElfW(Rela)); i++)
            turn(table, &lists[k][i]);
    return 0;
}

int foreign_wrap(const char *name)
{
    struct table table = {name, 0, 0, NULL, NULL};

    dl_iterate_phdr(look_at, &table);
    return table.turned;
}

void foreign_fail(int64_t n, bool and_after)
{
    atomic_store(&refused, 0);
    atomic_store(&after, and_after);
    atomic_store(&left, n);
}

int64_t foreign_restore(void)
{
    atomic_store(&left, 0);
    return atomic_load(&refused);
}
