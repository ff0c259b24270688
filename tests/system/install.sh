#!/bin/sh
# SPDX-License-Identifier: MIT
# `make install` puts everything where its variables say; a program finds the library by pkg-config,
# and runs; `make uninstall` leaves nothing. What is built already is not built again (-o all).
set -eu

root=$TMPDIR/root
unset MAKEFLAGS MAKEOVERRIDES MFLAGS
case $TSD_BUILD in
*/sanitize) build="BUILD=${TSD_BUILD%/sanitize} SANITIZE=1" ;;
*) build="BUILD=$TSD_BUILD" ;;
esac
installing() {
    # shellcheck disable=SC2086 # a list
    make -s -o all -C "$TSD_SOURCE" $build "DESTDIR=$root" prefix=/usr sbindir=/usr/lib/tsd \
        libdir=/usr/lib/there "$1"
}
installing install

for file in bin/tsctl lib/tsd/tsd lib/there/libtsclient.so.0 lib/there/libtsclient.so \
    lib/there/libtsclient.a lib/there/pkgconfig/tsclient.pc include/tsclient.h \
    include/tsd/numbers.h lib/systemd/system/tsd.socket lib/systemd/system/tsd.service \
    lib/systemd/user/tsd.socket lib/systemd/user/tsd.service lib/sysusers.d/tsd.conf \
    lib/tmpfiles.d/tsd.conf etc/tsd.conf share/man/man5/tsd.conf.5 \
    share/man/man1/tsctl.1 share/man/man3/tsclient.3 share/man/man7/tsd-protocol.7 \
    share/man/man7/ts-notation.7 share/man/man7/ts-rules.7 share/man/man8/tsd.8 \
    share/doc/tsd/README.md share/doc/tsd/examples/README.md share/doc/tsd/examples/loop.c \
    share/doc/tsd/examples/wordcount.sh share/bash-completion/completions/tsctl \
    share/zsh/site-functions/_tsctl share/fish/vendor_completions.d/tsctl.fish; do
    [ -s "$root/usr/$file" ] || { echo "not installed: $file" && exit 1; }
done
grep -qx 'ExecStart=/usr/lib/tsd/tsd' "$root/usr/lib/systemd/system/tsd.service"
grep -qx 'ExecStart=/usr/lib/tsd/tsd' "$root/usr/lib/systemd/user/tsd.service"
grep -qx '.*/usr/etc/tsd.conf.*' "$root/usr/share/man/man5/tsd.conf.5"
"$TSD_BUILD/tsd" --check-config --config "$root/usr/etc/tsd.conf" >/dev/null
! grep -rnI '@[a-z]*@\|'"$root" "$root" || exit 1

cat >"$TMPDIR/use.c" <<'END'
#include <tsclient.h>
int main(void) { ts_client *none = 0; ts_disconnect(none); return TS_OK; }
END
export PKG_CONFIG_LIBDIR="$root/usr/lib/there/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
flags=$(pkg-config --cflags --libs tsclient)
case $(nm -D "$root/usr/lib/there/libtsclient.so") in
*__asan*) flags="$flags -fsanitize=address,undefined" ;;
esac
# shellcheck disable=SC2086 # flags are a list
${CC:-cc} -Wall -Wextra -Wpedantic -Werror -o "$TMPDIR/use" "$TMPDIR/use.c" $flags
LD_LIBRARY_PATH=$root/usr/lib/there "$TMPDIR/use"
# shellcheck disable=SC2086
${CC:-cc} -o "$TMPDIR/use-static" "$TMPDIR/use.c" -Wl,-Bstatic $flags -Wl,-Bdynamic -lm
"$TMPDIR/use-static"
case $(readelf -d "$TMPDIR/use" "$TMPDIR/use-static" | grep 'NEEDED.*tsclient') in
*'[libtsclient.so.0]') ;;
*) echo 'not linked by its versioned name' && exit 1 ;;
esac

# a configuration that was changed stays, whatever is installed or removed
echo '# mine' >>"$root/usr/etc/tsd.conf"
installing install
installing uninstall
grep -qx '# mine' "$root/usr/etc/tsd.conf"
rm "$root/usr/etc/tsd.conf"
installing install
installing uninstall
left=$(find "$root" ! -type d)
[ -z "$left" ] || { echo "left behind: $left" && exit 1; }
