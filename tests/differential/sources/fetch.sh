#!/bin/bash
# fetch.sh DIRECTORY PACKAGE...: unpacks the upstream sources of these packages of Debian to
# DIRECTORY/PACKAGE. They come from the mirror that this system has its packages from, with apt,
# which checks signatures; apt's own directories stay as they are. 77 if that is not possible here.
set -u
directory=$1
shift
mkdir -p "$directory" && cd "$directory" || exit 1
directory=$PWD

missing=()
for package; do
    [ -d "$package" ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

skip() {
    echo "sources of ${missing[*]} are not here: $*"
    exit 77
}
. /etc/os-release
lines=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' "Release: ${VERSION_CODENAME-}" 2>/dev/null | sort -u)
[ -n "$lines" ] || skip "apt knows no archive of ${PRETTY_NAME-this system}"

private=$directory/apt
rm -rf "$private"
mkdir -p "$private/lists/partial" "$private/archives/partial" "$private/files"
trap 'rm -rf "$private"' EXIT
keys=/usr/share/keyrings/debian-archive-keyring.gpg
signed=
[ ! -r $keys ] || signed="[signed-by=$keys] "
sed "s|^|deb-src $signed|" <<<"$lines" >"$private/sources.list"

own() {
    timeout 100 apt-get -q -o Dir::State="$private" -o Dir::State::status=/dev/null \
        -o Dir::Cache="$private" -o Dir::Etc::sourcelist="$private/sources.list" \
        -o Dir::Etc::sourceparts=/dev/null -o Acquire::Retries=2 -o APT::Sandbox::User=root "$@" 2>&1
}
log=$(own update --error-on=any) && cd "$private/files" && log=$(own source --download-only "${missing[@]}") ||
    skip "apt could not fetch them: $(tail -n 3 <<<"$log")"
for package in "${missing[@]}"; do
    # Complete or not there at all.
    rm -rf "$private/unpacked"
    mkdir "$private/unpacked"
    tar xf "$package"_*.orig.tar.gz -C "$private/unpacked" --strip-components=1 &&
        mv "$private/unpacked" "$directory/$package" || exit 1
done
