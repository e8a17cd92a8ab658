#!/usr/bin/env bash
# A manual page for each command, which says what `ame help` says.
. "$(dirname "$0")/check.sh"
pages=$2

commands=$("$ame" help | sed -n 's/^  \([a-z]*\) .*/\1/p' | grep -v '^help$')
[ "$(echo "$commands" | wc -w)" -ge 9 ] || fail "commands: $commands"
for command in $commands; do
    file=$pages/ame-$command.1
    [ -s "$file" ] || { fail "no $file"; continue; }
    has "$file" ".TH AME-$(echo "$command" | tr a-z A-Z) 1" ".SH SYNOPSIS" "ame $command"
    command -v man >/dev/null && command -v groff >/dev/null || continue
    LC_ALL=C.UTF-8 MANWIDTH=90 run 0 man --warnings -P cat -l "$file"
    [ ! -s err ] || fail "man complains of $file: $(cat err)"
    # Each word of the help is there, in the same order.
    "$ame" help "$command" | sed 's/^usage: //' | tr -s ' \n' '\n\n' >words
    tr -s ' \n' '\n\n' <out >rendered
    awk 'NR == FNR { want[++n] = $0; next } $0 == want[i + 1] { i++ }
         END { if (i < n) { print "\"" want[i + 1] "\" is missing"; exit 1 } }' words rendered >missing ||
        fail "$file: $(cat missing)"
done
has "$pages/ame.1" 'ame\-report (1)'
finish
