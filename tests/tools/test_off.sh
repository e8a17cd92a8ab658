#!/usr/bin/env bash
# Without a recording a block costs one test, of the number by which it is counted: in the whole
# runtime only these functions look whether something is recorded, all where an attempt waits, is
# undone, begins once more, or takes the long way.
. "$(dirname "$0")/check.sh"
library=$2

objdump -dr "$library" >code 2>err || fail "objdump: $(cat err)"
awk '/^[0-9a-f]+ <.*>:$/ { name = substr($2, 2, length($2) - 3) }
     /R_X86_64.*[^_a-z]ame__recording([^_a-z]|$)/ { print name }' code | sort -u >found

grep -qx run_otherwise found || fail "nothing begins to record: $(cat found)"
for name in $(cat found); do
    case $name in
    run_otherwise | look_at_recording) ;;                          # it runs on no usual way
    run_outermost | after_abort) ;;
    ame_record_* | ame__recorder_*) ;;                             # recordings begin, and end
    ame__retry_sleep | sleep_after_retry | back_off) ;;            # it sleeps
    wait_for | wait_for_batch | ame__stm_answer | ame__stm_wait_for_snapshots) ;; # it waits for others
    ame__gate_await_open | ame__gate_close | lock_closed | ame__long_block_begins) ;; # it waits, or runs alone
    ame__stm_rollback | ame__stm_validate | validate_reads | report_changed | report_wound) ;; # it is undone
    prepare_next_attempt) ;;
    *) fail "$name looks whether something is recorded" ;;
    esac
done
for name in ame__stm_commit ame__gate_enter ame__htm_attempt run_in_hardware ame_abi_read_u64 ame_abi_write_u64 lock_stripe \
    ame__stm_extend ame_twin.malloc ame_twin.free; do
    grep -q "<$name>:" code || fail "there is no function $name any more: mend this test"
done
finish
