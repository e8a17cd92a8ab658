# check.sh - sourced by the tests of the tool: $ame is the tool, $work a directory
# of their own that is the working directory too.
set -u
here=$(cd "$(dirname "$0")" && pwd)
ame=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# run STATUS COMMAND...: runs it, output in out and err; complains unless it exits so.
run() {
    local expected=$1 status=0
    shift
    "$@" >out 2>err </dev/null || status=$?
    [ "$status" = "$expected" ] || {
        fail "status $status instead of $expected: $*"
        cat out err
    }
}

# has FILE TEXT...: the file holds each text.
has() {
    local file=$1 text
    shift
    for text; do
        grep -qF -- "$text" "$file" || {
            fail "\"$text\" is not in $file:"
            cat "$file"
        }
    done
}

has_not() {
    ! grep -qF -- "$2" "$1" || {
        fail "\"$2\" is in $1:"
        cat "$1"
    }
}

# A message is one line that begins with "ame: ".
one_message() {
    [ "$(wc -l <err)" = 1 ] && grep -q '^ame: ' err || {
        fail "not one line of message:"
        cat err
    }
}

finish() {
    [ "$failures" = 0 ] && echo "all checks passed"
    exit $((failures > 0))
}
