#include "base/module.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "homeconnect/error.h"
#include "homeconnect/version.h"

#define MAPS_LIMIT ((size_t)16 << 20)

/* Client libraries of servers, and what they load in turn, leave memory and handlers of threads behind: none is ever
 * unloaded. */
void *hc__module_open(const char *path)
{
    return dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

void *hc__module_symbol(void *module, const char *name)
{
    return module == NULL ? NULL : dlsym(module, name);
}

void hc__module_close(void *module)
{
    if (module != NULL)
        dlclose(module);
}

/* The file that is mapped at an address, of the kernel's list: a line is "7f01-7f02 r-xp ... /the/name". */
static const char *mapped_file(char *maps, uintptr_t at)
{
    for (char *line = strtok_r(maps, "\n", &maps); line != NULL; line = strtok_r(NULL, "\n", &maps)) {
        char *rest;
        uintptr_t first = strtoul(line, &rest, 16);
        uintptr_t end = *rest == '-' ? strtoul(rest + 1, &rest, 16) : 0;

        if (at >= first && at < end)
            return strchr(rest, '/');
    }
    return NULL;
}

static void put_folder(hc__buf *out, const char *file)
{
    if (file != NULL)
        hc__buf_put(out, file, (size_t)(strrchr(file, '/') - file));
}

/* The loader knows a program by argv[0], which whoever starts it chooses, and a library that was found in a relative
 * folder by a name that means another one once the process went elsewhere. Code is loaded from neither: the kernel is
 * asked what the file is. */
void hc__module_folder(hc__buf *out)
{
    int32_t (*here)(void) = hc_version_number;
    struct link_map *library = NULL;
    void *address, *found = NULL;
    Dl_info info;
    hc__buf maps;

    memcpy(&address, &here, sizeof address); /* ISO C has no cast from a function to an object pointer */
    if (dladdr1(address, &info, &found, RTLD_DL_LINKMAP) != 0)
        library = found;
    if (library != NULL && library->l_name[0] == '/') {
        put_folder(out, library->l_name);
        return;
    }
    hc__buf_init(&maps, out->mem);
    if (hc__file_read(&maps, "/proc/self/maps", MAPS_LIMIT, NULL, NULL) == HC_OK && maps.data != NULL)
        put_folder(out, mapped_file(maps.data, (uintptr_t)address));
    else if (maps.failed)
        out->failed = true;
    hc__buf_free(&maps);
}
