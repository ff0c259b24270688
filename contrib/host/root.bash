# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154 # roots
# Debian roots for tests of whole machines, for the scripts here: . contrib/host/root.bash
#
#   skip WHY                   status 77, with the reason as the last line
#   need_root_tools            skips where no root can be made or run here
#   base_root NAME PACKAGES    makes the root $roots/NAME with these packages (a,b,c) where it is not there
#                              already
#   use_root NAME              copies it to $root, which goes when the script ends
#   in_root ARG...             systemd-nspawn with $root; ended after $limit seconds, or with the script
#
# A root is of the release that this machine runs, from the mirror that this machine uses
# (DEBIAN_MIRROR=, DEBIAN_SUITE=). $roots is CHECK_ROOTS, or a folder of the build.

skip() {
    echo "host: cannot be tried here: $*"
    exit 77
}

mirror() {
    cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
        sed -nE 's/^URIs: *([^ ]*).*/\1/p; s/^deb +(\[[^]]*\] +)?([^ ]+) .*/\2/p' |
        grep -E '/debian/?$' | head -n 1
}

need_root_tools() {
    local tool id codename
    [ "$(id -u)" = 0 ] || skip 'not root here, so no root file system can be made'
    for tool in debootstrap systemd-nspawn; do
        command -v $tool >/dev/null || skip "no $tool here; contrib/setup host installs it"
    done
    id=$(. /etc/os-release && echo "$ID") codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
    suite=${DEBIAN_SUITE-}
    [ -n "$suite" ] || [ "$id" != debian ] || suite=$codename
    [ -n "$suite" ] || skip "this is $id, not Debian; DEBIAN_SUITE=, DEBIAN_MIRROR= say what to use"
    mirror=${DEBIAN_MIRROR:-$(mirror)}
    [ -n "$mirror" ] || skip 'apt knows no mirror of Debian here; DEBIAN_MIRROR= names one'
}

base_root() { # its name, the packages
    local base=$roots/$1-$suite
    [ "$(cat "$base/.made-of" 2>/dev/null)" != "$2" ] || return 0
    mkdir -p "$roots" && rm -rf "$base" || exit 1
    debootstrap --variant=minbase --include="$2" "$suite" "$base" "$mirror" >"$base.log" 2>&1 || {
        tail -n 5 "$base.log"
        rm -rf "$base"
        skip "debootstrap could not make a root from $mirror"
    }
    rm -f "$base"/var/cache/apt/archives/*.deb
    echo "$2" >"$base/.made-of"
}

root='' child=''
leave() {
    [ -z "$child" ] || { kill "$child" && wait "$child"; } 2>/dev/null
    [ -z "$root" ] || rm -rf --one-file-system "$root"
}
trap leave EXIT
trap 'exit 130' INT TERM HUP

# What runs in it ends with nspawn, and nspawn with this script, even where that is killed.
in_root() { # words for systemd-nspawn
    local status
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 setpriv --pdeathsig TERM timeout -k 10 "${limit:-600}" \
        systemd-nspawn -q -D "$root" --register=no --keep-unit "$@" </dev/null &
    child=$!
    wait $child
    status=$?
    child=
    [ $status != 124 ] || echo "in_root: over ${limit:-600} s"
    return $status
}

use_root() { # its name
    local said
    root=$(mktemp -d "$roots/$1.XXXXXX") && cp -a "$roots/$1-$suite/." "$root" || exit 1
    said=$(in_root /bin/true 2>&1) || skip "systemd-nspawn cannot run here: $(tail -n 1 <<<"$said")"
}
