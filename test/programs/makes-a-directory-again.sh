#!/bin/sh
# Makes the directory $1, with its parents, whenever it is not there; ignores SIGTERM.
trap '' TERM
echo ready
while :; do mkdir -p "$1"; done
