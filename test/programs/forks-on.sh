#!/bin/sh
# A moving target: $1 times in a row, a moment after its start, starts its successor and ends.
[ "$1" -gt 0 ] || exit 0
sleep 0.02
"$0" "$(($1 - 1))" &
