#!/usr/bin/env bash
# Runs a program without address randomisation, which ThreadSanitizer of clang 14 needs on newer kernels, where allowed.
if setarch -R true 2>/dev/null; then exec setarch -R "$@"; fi
exec "$@"
