#!/bin/sh
# SPDX-License-Identifier: MIT
# The shared library still is what the first release was: no function, type or constant that a program
# was linked with has changed or gone (contrib/abi).
set -eu

record=$TSD_SOURCE/contrib/abi/libtsclient.so.0-$(uname -m).abi
library=$TSD_BUILD/libtsclient.so

skip() {
    echo "$1"
    exit 77
}

command -v abidiff >/dev/null || skip 'no abidiff here; contrib/setup package installs it'
[ -e "$record" ] || skip "no interface is recorded for $(uname -m)"
readelf -d "$library" | grep -q 'libasan\|libubsan' && skip 'what is released is no sanitized library'
readelf -S "$library" | grep -q '\.debug_info' || skip 'the library has no debug information'

# What is added is fine. Bits of the status: 1, 2: it failed; 4: it differs; 8: surely breaks programs.
status=0
"$TSD_SOURCE/contrib/abi/write" "$TSD_BUILD" "$TMPDIR/has"
abidiff --no-added-syms --suppressions "$TSD_SOURCE/contrib/abi/grows.suppr" "$record" "$TMPDIR/has" || status=$?
[ $status = 0 ] || {
    echo "abidiff: $status; contrib/abi/README.md says what to do"
    exit 1
}
