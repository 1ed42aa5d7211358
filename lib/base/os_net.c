#include <arpa/inet.h>
#include <string.h>

#include "base/module.h"

bool hc__network_of(char *out, size_t size, const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, address, &v4) == 1) {
        v4.s_addr &= htonl(0xffffff00u);
        return inet_ntop(AF_INET, &v4, out, (socklen_t)size) != NULL;
    }
    if (inet_pton(AF_INET6, address, &v6) == 1) {
        memset(v6.s6_addr + 6, 0, 10);
        return inet_ntop(AF_INET6, &v6, out, (socklen_t)size) != NULL;
    }
    return false;
}

bool hc__peer_of(char *out, size_t size, const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, address, &v4) == 1)
        return inet_ntop(AF_INET, &v4, out, (socklen_t)size) != NULL;
    if (inet_pton(AF_INET6, address, &v6) != 1)
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&v6))
        return inet_ntop(AF_INET, v6.s6_addr + 12, out, (socklen_t)size) != NULL;
    memset(v6.s6_addr + 8, 0, 8);
    return inet_ntop(AF_INET6, &v6, out, (socklen_t)size) != NULL;
}
