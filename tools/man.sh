#!/bin/sh
# man.sh AME DIRECTORY: writes a manual page for the tool and one for each of its commands, from what
# `ame help` says: the two can't differ.
set -eu
ame=$1 directory=$2
mkdir -p "$directory"
version=$("$ame" --version | cut -d' ' -f2)

# Backslashes, and what troff would take for a request at the beginning of a line.
escape() { sed 's/\\/\\e/g; s/-/\\-/g; s/^\([.'"'"']\)/\\\&\1/'; }

# page NAME SUMMARY HELP OTHERS: usage lines become the synopsis, paragraphs text, indented lines stay
# as they are.
page() {
    {
        printf '.TH %s 1 "" "ame %s" "ame"\n.SH NAME\n' "$(echo "$1" | tr a-z A-Z)" "$version"
        printf '%s \\- %s\n.SH SYNOPSIS\n.nf\n' "$(echo "$1" | escape)" "$(echo "$2" | escape)"
        echo "$3" | awk '/^$/ { exit } { sub(/^usage: |^       /, ""); print }' | escape
        printf '.fi\n.nh\n.ad l\n.SH DESCRIPTION\n'
        echo "$3" | awk 'body { print } /^$/ { body = 1 }' | escape | awk '
            /^ / && !kept { print ".PP\n.nf"; kept = 1; gap = 0 }
            !/^ / && kept { print ".fi"; kept = 0; gap = 1 }
            /^$/ { if (!kept) gap = 1; next }
            gap { print ".PP"; gap = 0 }
            { print }
            END { if (kept) print ".fi" }'
        printf '.SH SEE ALSO\n%s\n' "$4"
    } >"$directory/$1.1"
}

commands=$("$ame" help | sed -n 's/^  \([a-z]*\) .*/\1/p' | grep -v '^help$')
others=$(for command in $commands; do printf '.BR ame\\-%s (1)\n' "$command"; done)
page ame "atomic blocks for C: build programs and find what slows them down" "$("$ame" help)" "$others"
for command in $commands; do
    summary=$("$ame" help | sed -n "s/^  $command  *//p")
    page "ame-$command" "$summary" "$("$ame" help "$command")" ".BR ame (1)"
done
