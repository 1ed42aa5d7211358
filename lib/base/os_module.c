#include "base/module.h"

#include <dlfcn.h>
#include <string.h>

#include "homeconnect/version.h"

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

void hc__module_folder(hc__buf *out)
{
    int32_t (*here)(void) = hc_version_number;
    void *address;
    const char *slash;
    Dl_info info;

    memcpy(&address, &here, sizeof address); /* ISO C has no cast from a function to an object pointer */
    if (dladdr(address, &info) == 0 || info.dli_fname == NULL)
        return;
    slash = strrchr(info.dli_fname, '/');
    if (slash != NULL)
        hc__buf_put(out, info.dli_fname, (size_t)(slash - info.dli_fname));
    else
        hc__buf_char(out, '.');
}
