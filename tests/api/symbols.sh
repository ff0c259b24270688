#!/bin/sh
# SPDX-License-Identifier: MIT
# What tsclient.h declares, what libtsclient.map exports and what the libraries define is the same;
# none of it is a name of tslib; and the shared library needs the C library alone.
set -eu

header=$TSD_SOURCE/client/tsclient.h
map=$TSD_SOURCE/client/libtsclient.map
status=0

fail() { # what, file that should be empty
    echo "$1:"
    sed 's/^/    /' "$2"
    status=1
}

same() { # file, what it is, file, what that is
    comm -23 "$1" "$3" >"$TMPDIR/only"
    [ ! -s "$TMPDIR/only" ] || fail "in $2, not in $4" "$TMPDIR/only"
    comm -13 "$1" "$3" >"$TMPDIR/only"
    [ ! -s "$TMPDIR/only" ] || fail "in $4, not in $2" "$TMPDIR/only"
}

# Declarations of functions: bodies and members taken out, then a statement a line.
${CC:-cc} -E -P -I"$TSD_BUILD/include" "$header" | tr '\n' ' ' |
    sed -e ':a' -e 's/{[^{}]*}/;/g' -e 'ta' | tr ';' '\n' |
    sed -n 's/^ *//; /^static/d; /^typedef/d; s/^[^(]*[ *]\(ts_[a-z0-9_]*\) *(.*/\1/p' |
    LC_ALL=C sort -u >"$TMPDIR/header"
sed -n '/^global:/,/^local:/s/^ *\(ts_.*\);$/\1/p' "$map" | LC_ALL=C sort >"$TMPDIR/map"
nm -D --defined-only "$TSD_BUILD/libtsclient.so" | sed -n 's/@.*//; s/.* [^A] //p' |
    grep -v '^__asan\|^__odr_asan\|^__ubsan' | LC_ALL=C sort >"$TMPDIR/shared"
nm -g --defined-only "$TSD_BUILD/libtsclient.a" | sed -n 's/.* [A-Z] //p' |
    grep -v '^__asan\|^__odr_asan\|^__ubsan' | LC_ALL=C sort >"$TMPDIR/static"

[ "$(wc -l <"$TMPDIR/header")" -gt 40 ] || fail "too few functions found in the header" "$TMPDIR/header"
same "$TMPDIR/header" tsclient.h "$TMPDIR/map" libtsclient.map
same "$TMPDIR/map" libtsclient.map "$TMPDIR/shared" libtsclient.so
same "$TMPDIR/map" libtsclient.map "$TMPDIR/static" libtsclient.a

# tslib 1.22 exports these, and whoever uses Qt may have it in the same process.
LC_ALL=C sort >"$TMPDIR/tslib" <<'END'
ts_close
ts_close_restricted
ts_conf_get
ts_conf_set
ts_config
ts_error_fn
ts_fd
ts_get_eventpath
ts_libversion
ts_load_module
ts_open
ts_open_restricted
ts_option
ts_print_ascii_logo
ts_read
ts_read_mt
ts_read_raw
ts_read_raw_mt
ts_reconfig
ts_setup
END
LC_ALL=C comm -12 "$TMPDIR/tslib" "$TMPDIR/shared" >"$TMPDIR/both"
[ ! -s "$TMPDIR/both" ] || fail "names that tslib exports too" "$TMPDIR/both"

readelf -d "$TSD_BUILD/libtsclient.so" >"$TMPDIR/dynamic"
grep -q 'SONAME.*\[libtsclient\.so\.0\]' "$TMPDIR/dynamic" || fail "no soname libtsclient.so.0" "$TMPDIR/dynamic"
if ! grep -q libasan "$TMPDIR/dynamic"; then
    sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' "$TMPDIR/dynamic" | grep -v '^libc\.\|^ld-linux' \
        >"$TMPDIR/needed" || :
    [ ! -s "$TMPDIR/needed" ] || fail "libraries needed beside the C library" "$TMPDIR/needed"
fi

exit $status
