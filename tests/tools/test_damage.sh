#!/usr/bin/env bash
# Damaged recordings never crash the report (damage.c).
. "$(dirname "$0")/check.sh"
places=$2 damage=$3

run 0 "$ame" record "$places"
run 0 "$damage" ame.data "$work"
run 0 "$ame" record "$places" serial
run 0 "$damage" ame.data "$work"
finish
