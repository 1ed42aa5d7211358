#include "certificates.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* leaf NAME DAYS SUBJECT_ALT_NAME AUTHORITY. `expired` needs dates of its own, which only `openssl ca` takes. */
static const char script[] =
    "set -e; umask 077; cd \"$1\"; exec 2>log\n"
    "new() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $1.key -subj /CN=$1 "
    "\"${@:2}\"; }\n"
    "leaf() { new $1 -out $1.csr; printf 'subjectAltName=%s\\n' $2 >$1.ext;"
    " openssl x509 -req -in $1.csr -CA $3.crt -CAkey $3.key -CAcreateserial -days 30 -extfile $1.ext -out $1.crt; }\n"
    "new authority -x509 -days 30 -out authority.crt; new stranger -x509 -days 30 -out stranger.crt\n"
    "here=DNS:localhost,IP:127.0.0.1\n"
    "leaf good $here authority; leaf unknown $here stranger; leaf elsewhere DNS:db.example.com authority\n"
    "new itself -x509 -days 30 -addext subjectAltName=$here -out itself.crt\n"
    "new expired -out expired.csr; printf 'subjectAltName=%s\\n' $here >expired.ext; : >index; echo 01 >serial\n"
    "printf "
    "'[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index\\nserial=serial\\nnew_certs_dir=.\\ndefault_md=sha256\\npolicy=p\\n"
    "[p]\\ncommonName=supplied\\n' >ca.cnf\n"
    "openssl ca -batch -config ca.cnf -in expired.csr -cert authority.crt -keyfile authority.key -extfile expired.ext"
    " -startdate 20200101000000Z -enddate 20200201000000Z -out expired.crt\n"
    "[ \"$2\" = 0 ] || chown -R \"$2:$3\" .\n";

bool certificates_make(char *out, size_t size, const char *folder)
{
    struct stat owner;
    char uid[16], gid[16];
    int status = 0;
    pid_t pid;

    snprintf(out, size, "%s/tls", folder);
    if (mkdir(out, 0755) != 0 || stat(folder, &owner) != 0)
        return false;
    snprintf(uid, sizeof uid, "%u", (unsigned)owner.st_uid);
    snprintf(gid, sizeof gid, "%u", (unsigned)owner.st_gid);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        execlp("bash", "bash", "-c", script, "certificates", out, uid, gid, (char *)NULL);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}
