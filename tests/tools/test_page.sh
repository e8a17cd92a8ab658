#!/usr/bin/env bash
# ame export -f html, looked at and used by a browser; ame timeline.
. "$(dirname "$0")/check.sh"
places=$2

line() { grep -n "LINE-$1" "$here/places.c" | cut -d: -f1; }

run 0 "$ame" record "$places"
run 0 "$ame" export -f html
cp out page.html
head -n 1 page.html | grep -q '^<!DOCTYPE html>$' || fail "no HTML"
! sed 's|http://www.w3.org/2000/svg||' page.html | grep -nE 'https?:|src=|href=|@import|fetch\(' ||
    fail "the page loads something"
[ "$(grep -c '</script>' page.html)" = 2 ] || fail "the data ends its script"

# dom [STATE]: what the page is after its script has run.
dom() {
    timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" \
        --virtual-time-budget=3000 --dump-dom "file://$work/page.html${1-}" 2>/dev/null | tr -d '\n' >dom
}
# use SCRIPT: the page after what a reader does.
use() {
    { sed '$d' page.html && printf '<script>\n%s\n</script>\n</html>\n' "$1"; } >used.html
    timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" \
        --virtual-time-budget=3000 --dump-dom "file://$work/used.html" 2>/dev/null | tr -d '\n' >dom
}
# numbers: of the conflicts, as the table has them.
numbers() {
    grep -o 'id="conflicts-table".*id="blocks-table"' dom | grep -o '<tr><td class="number">[0-9]*' |
        sed 's/.*>//' | tr '\n' ' '
}
if command -v chromium >/dev/null; then
    dom
    has dom "1 threads. Of " "What to change first" 'class="advice"' 'id="threads"' "thread 0</text>" \
        '<svg viewBox="0 0 1000' '<circle ' "Conflicts (2 of 2)" "Blocks (2 of 2)" "Threads (1 of 1)" \
        "take (places.c:$(line take))" "sum_up (places.c:$(line sum))" \
        'const void *place = barrier(); /* LINE-sum */'
    dom '#filter=sum_up&sort=conflicts.2'
    has dom "Conflicts (1 of 2)" '<th class="number sorted">share</th>'
    # By number: up and down.
    dom '#sort=conflicts.0.up'
    grep -o 'id="conflicts-table".*id="blocks-table"' dom | grep -o '<tbody><tr><td class="number">[0-9]*' |
        grep -q '>1$' || fail "not sorted upwards"
    dom '#sort=conflicts.0'
    grep -o 'id="conflicts-table".*id="blocks-table"' dom | grep -o '<tbody><tr><td class="number">[0-9]*' |
        grep -q '>2$' || fail "not sorted downwards"
    # A reader clicks on a column, once and again, types a word, takes it back, and clicks on a place.
    click='document.querySelector("#conflicts-table th").click();'
    use "$click"
    [ "$(numbers)" = "2 1 " ] || fail "a click sorts otherwise: $(numbers)"
    use "$click $click"
    [ "$(numbers)" = "1 2 " ] || fail "a second click sorts otherwise: $(numbers)"
    type='const type = text => { filter.value = text; filter.dispatchEvent(new Event("input")); };
          const filter = document.getElementById("filter");'
    use "$type type('sum_up');"
    [ "$(numbers)" = "1 " ] || fail "what is typed filters otherwise: $(numbers)"
    has dom "Conflicts (1 of 2)"
    use "$type type('no such word anywhere');"
    has dom "Conflicts (0 of 2)" "Blocks (0 of 2)" "Threads (0 of 1)"
    use "$type type('sum_up'); type('');"
    has dom "Conflicts (2 of 2)"
    use 'document.querySelector(".advice .place").click();'
    has dom '<tr class="here">'
else
    fail "no chromium here, which looks at the page: cmake/setup.sh installs it"
fi
# A name may hold anything, and is text all the same.
sed 's/worker\x00/<b>--\x00/' ame.data >odd.data
run 0 "$ame" export -f html -i odd.data
has out '\u003cb>--'
has_not out '<b>--'

run 0 "$ame" timeline
awk 'length > 80 { exit 1 }' out || fail "wider than 80 columns"
# Blank until the thread's first block.
grep -qE '^  0 {15} *[.#x-]+ *$' out || fail "no line for the thread: $(cat out)"
has out "# committed"
run 1 "$ame" timeline -i nothing
one_message
run 2 "$ame" timeline extra
one_message
finish
