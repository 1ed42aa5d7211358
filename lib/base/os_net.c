#include <arpa/inet.h>
#include <string.h>

#include "base/module.h"

/* An address of IPv4 in the clothes of IPv6, as sockets for both give it, is that of IPv4. 0: it is none. */
static int family_of(struct in_addr *v4, struct in6_addr *v6, const char *address)
{
    if (inet_pton(AF_INET, address, v4) == 1)
        return AF_INET;
    if (inet_pton(AF_INET6, address, v6) != 1)
        return 0;
    if (!IN6_IS_ADDR_V4MAPPED(v6))
        return AF_INET6;
    memcpy(v4, v6->s6_addr + 12, sizeof *v4);
    return AF_INET;
}

bool hc__network_of(char *out, size_t size, const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;

    switch (family_of(&v4, &v6, address)) {
    case AF_INET:
        v4.s_addr &= htonl(0xffffff00u);
        return inet_ntop(AF_INET, &v4, out, (socklen_t)size) != NULL;
    case AF_INET6:
        memset(v6.s6_addr + 6, 0, 10);
        return inet_ntop(AF_INET6, &v6, out, (socklen_t)size) != NULL;
    default:
        return false;
    }
}

bool hc__peer_of(char *out, size_t size, const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;

    switch (family_of(&v4, &v6, address)) {
    case AF_INET:
        return inet_ntop(AF_INET, &v4, out, (socklen_t)size) != NULL;
    case AF_INET6:
        memset(v6.s6_addr + 8, 0, 8);
        return inet_ntop(AF_INET6, &v6, out, (socklen_t)size) != NULL;
    default:
        return false;
    }
}
