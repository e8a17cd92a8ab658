#!/usr/bin/env bash
# layers.sh SOURCE: a layer of the runtime includes only what lies below it.
set -u
cd "$1" || exit 1
failures=0

fail() {
    echo "$*"
    failures=$((failures + 1))
}

# layer NAME MAY...: files of runtime/NAME include, of the runtime's layers, only
# their own headers and those given: a layer, or a single header of one.
layer() {
    local name=$1 file include allowed may
    local places=" $name "
    shift
    [ -d "runtime/$name" ] || fail "runtime/$name: this layer is not there"
    checked="$checked $name "
    for may; do places="$places$may "; done
    while IFS=: read -r file include; do
        allowed=no
        for may in $places; do
            case $include in "$may" | "$may"/*) allowed=yes ;; esac
        done
        [ $allowed = yes ] || fail "$file includes $include: $name may include only:$places"
    done < <(grep -roE --include='*.[ch]' --include='*.S' '^[ \t]*#[ \t]*include[ \t]*"[^"]*"' "runtime/$name" |
        sed -E 's/#[ \t]*include[ \t]*//; s/[ \t"]//g')
}

checked=
layer base
layer nodes base
layer events base
layer core base events
# The words in which the ways and what lies beside them speak to each other.
layer watch base events core
layer memory base nodes events core stm/stm.h htm/htm.h
layer output base core
layer libc output base events core stm/stm.h htm/htm.h memory/memory.h
layer count base events core stm/stm.h htm/htm.h watch memory/fresh.h
# The ways to run a block do not know each other. A software block enters by the gate, and the gate
# holds the phase word, which every hardware block subscribes to.
layer stm base events core memory output count watch serial/gate.h
layer htm base events core memory count serial/gate.h
layer serial base events core memory count watch
layer policy base core
layer tx base events core watch memory output libc count stm htm serial policy
# Maps and vectors are values, and know nothing of blocks beyond include/ame.
layer versions base nodes
layer map base nodes versions
layer vector base nodes versions
layer slot base
# Blocks of their own, and no knowledge of how those run.
layer shared base versions map
layer loop base events core tx

for directory in runtime/*/; do
    case $checked in
    *" $(basename "$directory") "*) ;;
    *) fail "$directory: say in tests/layers.sh which layers it may include" ;;
    esac
done

# What is not a layer's header is the system's, or public.
while IFS=: read -r file include; do
    [ "$file" = runtime/base/atomics.h ] || fail "$file includes $include; use base/atomics.h"
done < <(grep -roE --include='*.[ch]' '<atomic_ops[^>]*>|<stdatomic.h>' include runtime)
while IFS=: read -r file include; do
    fail "$file includes $include: public headers include only public headers"
done < <(grep -roE '#[ \t]*include[ \t]*"[^"]*"' include)
# The plugin and the tool share one description each with the runtime.
while IFS=: read -r file include; do
    fail "$file includes $include: the plugin shares only ame/abi.h and abi.def"
done < <(grep -roE '#[ \t]*include[ \t]*[<"]((base|events|core|watch|memory|libc|count|stm|htm|serial|policy|tx|versions|map|vector|slot|shared|loop)/|ame/[^a]|ame/a[^b])[^>"]*[>"]' llvm-pass)
while IFS=: read -r file include; do
    [[ $include == *events/format.h* ]] ||
        fail "$file includes $include: of the runtime's headers the tool uses events/format.h"
done < <(grep -roE '#[ \t]*include[ \t]*[<"](base|events|core|watch|memory|libc|count|stm|htm|serial|policy|tx|versions|map|vector|slot|shared|loop)/[^>"]*[>"]' tools)

[ $failures = 0 ] && echo "every file keeps to its layer"
exit $((failures > 0))
