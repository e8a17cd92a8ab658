#!/usr/bin/env bash
# Without a recording a block costs one test: in the whole runtime only these functions look at the
# flag, all but ame_abi_run where an attempt waits, is undone, or begins once more.
. "$(dirname "$0")/check.sh"
library=$2

objdump -dr "$library" >code 2>err || fail "objdump: $(cat err)"
awk '/^[0-9a-f]+ <.*>:$/ { name = substr($2, 2, length($2) - 3) }
     /R_X86_64.*[^_a-z]ame_abi_recording([^_a-z]|$)/ { print name }' code | sort | uniq -c |
    awk '{ print $2, $1 }' >all
# The library's own blocks, in line (llvm-pass/RunInLine.cpp), have their test there.
awk '/^[0-9a-f]+ <.*>:$/ { name = substr($2, 2, length($2) - 3) }
     /R_X86_64.*ame_abi_run_after([^_a-z]|$)/ { print name }' code | sort -u >in_line
awk 'NR == FNR { in_line[$1] = 1; next } !($1 in in_line)' in_line all >found

[ "$(sed -n 's/^ame_abi_run //p' found)" = 1 ] || fail "not one test for each block: $(cat found)"
for name in $(cut -d' ' -f1 found); do
    case $name in
    ame_abi_run | run_outermost) ;;
    run_watched) ;;                                                # its turn has come
    ame_record_* | ame__recorder_*) ;;                             # recordings begin, and end
    ame__retry_sleep | sleep_after_retry | back_off) ;;            # it sleeps
    wait_for | ame__stm_answer | ame__stm_wait_for_snapshots) ;;   # it waits for others
    ame__gate_await_open | ame__gate_close | lock_closed | ame__long_block_begins) ;; # it waits, or runs alone
    ame__stm_rollback | ame__stm_validate | validate_reads | report_changed | report_wound) ;; # it is undone
    prepare_next_attempt) ;;
    *) fail "$name looks whether something is recorded" ;;
    esac
done
for name in ame__stm_commit ame__gate_enter ame__htm_attempt ame_abi_read_u64 ame_abi_write_u64 lock_stripe \
    ame__stm_extend ame_twin.malloc ame_twin.free; do
    grep -q "<$name>:" code || fail "there is no function $name any more: mend this test"
done
finish
