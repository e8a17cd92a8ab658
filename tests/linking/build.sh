# build.sh - sourced by the tests that link count.h's program in many ways: check.sh, and how to
# compile and what the program has to say.
. "$(dirname "$0")/../tools/check.sh"
flags=${2-} # those that the runtime was built with (sanitizers)
clang=$("$ame" cc --show -c x.c | cut -d' ' -f1)
cp "$here/count.h" "$here/blocks.c" .

# shellcheck disable=SC2086
with() { run 0 "$ame" cc $flags -O1 -g "$@"; } # the plugin
# shellcheck disable=SC2086
without() { run 0 "$clang" $flags -O1 -g "$@"; }

# expect SOFTWARE ALONE PROGRAM...: what the ten blocks do in mode stm; in mode serial all run alone.
expect() {
    local software=$1 alone=$2
    shift 2
    AME_MODE=stm run 0 "$@"
    has out "sum 65 shared 55 software $software alone $alone" || caller 1
    AME_MODE=serial run 0 "$@"
    has out "sum 65 shared 55 software 0 alone 10"
}
in_software() { expect 10 0 "$@"; }
alone() { expect 0 10 "$@"; }

cat >main.c <<'C'
#include "count.h"
int main(void) {
    call_blocks(0);
    return report();
}
C
step='long step(long x) { shared += x; return x + 1; }'
echo "#include \"count.h\"
$step" >step.c
