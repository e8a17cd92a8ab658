#!/bin/sh
# Installs what the build needs and this system lacks: packages of Debian 12, by apt.
# Does and says nothing when everything is there.
set -eu

# What each is for: compiler, headers for the plugin, opt and FileCheck of the plugin's tests,
# linker of its LTO tests, sanitizers, debugger of its tests, `make format`; then the build, the
# libraries, the generator of test programs, gcc for bench/workloads.sh, with its libitm, and what bench/
# compares with and draws with; the browser that looks at the profiler's page, with letters.
packages="clang-19 llvm-19-dev libclang-19-dev llvm-19-tools lld-19 libclang-rt-19-dev gdb clang-format-19
    cmake ninja-build pkg-config bash
    libc6-dev libatomic-ops-dev libxxhash-dev libdw-dev libjson-c-dev libcriterion-dev
    csmith libcsmith-dev gcc uthash-dev libglib2.0-dev liburcu-dev libmsgpack-dev gnuplot-nox
    chromium fonts-dejavu-core"

fail() {
    echo "setup: $*" >&2
    exit 1
}

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    fail "dpkg or apt-get is not here, so this is not Debian; install by hand what Debian 12" \
        "calls:" $packages "(then run \`cmake --preset release\`)"

missing=
for package in $packages; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
        fail "not root and no sudo here; run as root: apt-get install$missing"
    as_root=sudo
fi

# --no-install-recommends: documentation, graphical tools and the like stay out.
install_missing() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
}

# A fresh system has no package lists, an old one may have outdated ones: then
# the first attempt fails, and the second has new lists.
echo "setup: installing$missing"
install_missing || {
    echo "setup: trying again with new package lists"
    $as_root apt-get update && install_missing
} || fail "apt could not install$missing; see its messages above. They are in Debian 12" \
    "(bookworm); on another system install them by hand"
