#!/usr/bin/env python3
"""No function that a library in somebody else's process must not call: bans.py OBJECT... reads what shared objects import,
so that no spelling in the source hides a call. First each name has to be found in a program that calls it."""

import os
import re
import subprocess
import sys
import tempfile

BANS = {
    "it prints nothing": "printf vprintf fprintf vfprintf dprintf puts fputs putchar putc fputc perror psignal syslog",
    "it writes past the end": "sprintf vsprintf strcpy strcat stpcpy gets scanf sscanf fscanf vsscanf",
    "it never ends the process": "abort exit _exit _Exit quick_exit __assert_fail raise",
    "signals are the host's": "signal sigaction sigprocmask pthread_sigmask pthread_kill kill alarm setitimer",
    "it starts no process and no thread": "system popen fork vfork posix_spawn execv execve execvp pthread_create pthread_cancel",
    "what the host set stays": "setlocale setenv putenv unsetenv umask chdir setrlimit atexit tzset",
    "settings come from the host, not from the environment": "getenv secure_getenv",
    "another thread shares its result": "strtok strerror ctime asctime localtime gmtime getpwnam getpwuid gethostbyname inet_ntoa",
    "only libsodium makes chance": "rand srand random srandom rand_r drand48 lrand48",
    "zones are ours": "localtime_r mktime strftime",
    "names of files are guessed": "mktemp tmpnam tempnam tmpfile",
    "it jumps out of what holds a lock": "setjmp _setjmp longjmp siglongjmp",
    "others in the process use that library too":
        "cJSON_InitHooks sqlite3_config sqlite3_initialize sqlite3_shutdown sqlite3_auto_extension mongoc_cleanup "
        "mysql_library_end mysql_server_end randombytes_set_implementation randombytes_close",
    "values are bound, never pasted": "PQescapeLiteral PQescapeString PQescapeStringConn PQescapeByteaConn mysql_escape_string "
                                      "mysql_real_escape_string mysql_hex_string sqlite3_mprintf sqlite3_vmprintf sqlite3_exec",
}
# (object, name): why
ACCEPTED = {("homeconnect-driver-mysql.so", "sigaction"): "gives back SIGPIPE, which libmariadb ignores when it begins",
            ("homeconnect-driver-mysql.so", "pthread_sigmask"): "no SIGPIPE to the thread that writes over TLS"}


def imported(path, *options):
    output = subprocess.run(["nm", *options, "--undefined-only", path], check=True, text=True, capture_output=True).stdout
    names = {line.split()[-1].split("@")[0] for line in output.splitlines()}
    return names | {re.sub(r"^__(?:isoc\d\d_)?(\w+?)(?:_chk)?$", r"\1", name) for name in names}


def breaches(path, *options):
    names, base = imported(path, *options), os.path.basename(path)
    return [(name, reason) for reason, list_ in BANS.items() for name in list_.split()
            if name in names and (base, name) not in ACCEPTED]


def not_found():
    """Names that are missed in an object that calls all of them."""
    names = " ".join(BANS.values()).split()
    source = "".join(f"extern void {name}();\n" for name in names) + "void hc_seeded(void)\n{\n"
    source += "".join(f"    {name}();\n" for name in names) + "}\n"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "seeded.o")
        subprocess.run(["gcc", "-w", "-fno-builtin", "-x", "c", "-c", "-o", path, "-"], input=source, text=True, check=True)
        found = {name for name, _ in breaches(path)}
    return [name for name in names if name not in found]


def main():
    faults = [f"not found where it was called: {name}" for name in not_found()]
    for path in sys.argv[1:]:
        faults += [f"{os.path.basename(path)} calls {name}: {reason}" for name, reason in breaches(path, "-D")]
    print(f"{len(' '.join(BANS.values()).split())} banned functions, {len(sys.argv) - 1} objects")
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
