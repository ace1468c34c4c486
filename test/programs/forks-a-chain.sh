#!/bin/sh
# Starts itself $1 times in a row: each link leaves an orphan behind and ends.
sleep 600 &
[ "$1" -le 1 ] || "$0" "$(($1 - 1))" &
echo "link $1"
