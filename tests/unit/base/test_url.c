#include "suite.h"

#include <stdbool.h>
#include <string.h>

#include "base/url.h"

static bool good(const char *url)
{
    return hc__url_fault(url, strlen(url)) == NULL;
}

START_TEST(public_https_addresses_are_taken)
{
    static const char *const urls[] = {
        "https://photos.example.com/1.jpg",
        "https://example.com",
        "https://example.com/",
        "https://example.com?a=1",
        "https://example.com#tour",
        "HTTPS://Photos.Example.COM/A.JPG",
        "https://a-b.c1.example.co.uk:8443/path/%E2%82%AC.jpg?x=1&y=%20;z=a:b@c#frag/ment?",
        "https://xn--mnchen-3ya.de/",
        "https://my.matterport.com/show/?m=abcDEF123",
        "https://example.xn--p1ai/",
        "https://1-2-3-4.example.com/",
        "https://127.example.com/",
        "https://s3.example.com:1/",
        "https://example.com:65535",
        "https://example.com//double",
        "https://user.example.com/@name",
        "https://localhost.example.com/",
        "https://local.de/",
    };

    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        ck_assert_msg(good(urls[i]), "%s %s", urls[i], hc__url_fault(urls[i], strlen(urls[i])));
}
END_TEST

/* F09: every address of the case, and the ways around a check that is made of its examples */
START_TEST(everything_else_is_refused)
{
    static const char *const urls[] = {
        "file:///etc/passwd",
        "http://169.254.169.254/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "javascript:alert(1)",
        "//host/",
        "//photos.example.com/1.jpg",
        "https://user:pass@photos.example.com/",
        "https://user@photos.example.com/",
        "https://@photos.example.com/",
        "http://photos.example.com/",
        "ftp://photos.example.com/",
        "data:text/html,<script>alert(1)</script>",
        "JavaScript:alert(1)//https://photos.example.com",
        " https://photos.example.com/",
        "\thttps://photos.example.com/",
        "https:photos.example.com",
        "https:/photos.example.com",
        "https:///photos.example.com",
        "https:\\\\photos.example.com",
        "https://",
        "https://?",
        "https://#",
        "https:///",
        "https://:443/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f.1/",
        "https://0x7f000001/",
        "https://017700000001/",
        "https://2130706433/",
        "https://127.0.0.1.:443/",
        "https://10.0.0.0x1/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://0/",
        "https://0.0.0.0/",
        "https://93.184.216.34/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[2002:7f00:1::]/",
        "https://[2606:2800:220:1:248:1893:25c8:1946]/",
        "https://[v1.x]/",
        "https://localhost/",
        "https://LOCALHOST/",
        "https://localhost./",
        "https://printer/",
        "https://com/",
        "https://a.localhost/",
        "https://metadata.google.internal/",
        "https://router.local/",
        "https://nas.home.arpa/",
        "https://wiki.corp/",
        "https://nas.lan/",
        "https://a.LAN/",
        "https://x.onion/",
        "https://x.test/",
        "https://x.example/",
        "https://photos.example.com./",
        "https://photos..example.com/",
        "https://.example.com/",
        "https://-a.example.com/",
        "https://a-.example.com/",
        "https://a_b.example.com/",
        "https://photos.example.c/",
        "https://photos.example.1om/",
        "https://photos%2eexample.com/",
        "https://%31%32%37.0.0.1/",
        "https://photos.example.com%00.evil.com/",
        "https://photos.example.com:/",
        "https://photos.example.com:0/",
        "https://photos.example.com:080/",
        "https://photos.example.com:65536/",
        "https://photos.example.com:99999999999/",
        "https://photos.example.com:1:2/",
        "https://photos.example.com:80a/",
        "https://photos.example.com\\@evil.com/",
        "https://photos.example.com/a b",
        "https://photos.example.com/\r\nSet-Cookie:x",
        "https://photos.example.com/%0d%0aSet-Cookie:x",
        "https://photos.example.com/%00",
        "https://photos.example.com/%7f",
        "https://photos.example.com/%",
        "https://photos.example.com/%4",
        "https://photos.example.com/%4g",
        "https://photos.example.com/%%41",
        "https://photos.example.com/\"onload=",
        "https://photos.example.com/<script>",
        "https://photos.example.com/`",
        "https://photos.example.com/{x}",
        "https://photos.example.com/[x]",
        "https://photos.example.com/\x7f",
        "https://photos.ex\xc3\xa4mple.com/",
        "https://photos.example.com/\xc3\xa4",
        "https://photos\xef\xbc\x8etours.com/",
        "https://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1/",
    };

    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        ck_assert_msg(!good(urls[i]), "%s", urls[i]);
    ck_assert_ptr_nonnull(hc__url_fault("https://a.example.com/\0x", 24));
    ck_assert_ptr_nonnull(hc__url_fault("https://a.exam\0ple.com/", 23));
    ck_assert_ptr_nonnull(hc__url_fault("", 0));
}
END_TEST

/* F09 */
START_TEST(sizes_are_bounded)
{
    char url[HC__URL_LIMIT + 2] = "https://photos.example.com/";
    char name[300] = "https://";

    memset(url + strlen(url), 'a', sizeof url - strlen(url));
    ck_assert_ptr_null(hc__url_fault(url, HC__URL_LIMIT));
    ck_assert_ptr_nonnull(hc__url_fault(url, HC__URL_LIMIT + 1));
    memset(name + 8, 'a', 63);
    memcpy(name + 8 + 63, ".com/", 6);
    ck_assert(good(name));
    memset(name + 8, 'a', 64);
    memcpy(name + 8 + 64, ".com/", 6);
    ck_assert(!good(name));
    for (size_t i = 0; i < 249; i++) /* 253 with ".com" behind */
        name[8 + i] = i % 2 == 0 ? 'a' : '.';
    memcpy(name + 8 + 249, ".com/", 6);
    ck_assert(good(name));
    memcpy(name + 8 + 249, "a.com/", 7);
    ck_assert(!good(name));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, public_https_addresses_are_taken);
    tcase_add_test(tcase, everything_else_is_refused);
    tcase_add_test(tcase, sizes_are_bounded);
}

int main(void)
{
    return suite_main("base.url", fill, NULL, NULL);
}
