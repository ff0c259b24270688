#!/bin/sh
# SPDX-License-Identifier: MIT
# The units are clean, the system's is hardened, and neither hides who its clients are.
set -eu

! grep -rn '^PrivateUsers=' "$TSD_SOURCE/contrib/systemd" || exit 1

if ! command -v systemd-analyze >/dev/null; then
    echo 'no systemd-analyze'
    exit 77
fi

mkdir "$TMPDIR/system" "$TMPDIR/user"
fill() { sed "s|@sbindir@|$TSD_BUILD|" "$TSD_SOURCE/contrib/systemd/$1" >"$2"; }
for unit in tsd.socket tsd.service; do
    fill "$unit" "$TMPDIR/system/$unit"
    fill "user/$unit" "$TMPDIR/user/$unit"
done
! grep -rn '@[a-z]*@' "$TMPDIR" || exit 1

verify() { # words to systemd-analyze, the folder
    folder=$1
    shift
    said=$(XDG_RUNTIME_DIR=$TMPDIR systemd-analyze "$@" --man=no verify \
        "$folder/tsd.socket" "$folder/tsd.service" 2>&1) || { echo "$said" && exit 1; }
    [ -z "$said" ] || { echo "$said" && exit 1; }
}
verify "$TMPDIR/system"
verify "$TMPDIR/user" --user

# exposure: tenths; 0.5 at most for the system, 6.0 for a user, whose manager can do less
systemd-analyze security --offline=yes --threshold=5 "$TMPDIR/system/tsd.service" >"$TMPDIR/said" ||
    { cat "$TMPDIR/said" && exit 1; }
systemd-analyze security --offline=yes --threshold=60 "$TMPDIR/user/tsd.service" >"$TMPDIR/said" ||
    { cat "$TMPDIR/said" && exit 1; }
