#!/bin/sh
# Starts a child and ends at once on SIGTERM; the child needs a moment more, then writes "finished" to the file $1.
( trap 'sleep 0.2; echo finished > "$1"; exit 0' TERM; echo ready; while :; do sleep 0.05; done ) &
trap 'exit 0' TERM
wait
