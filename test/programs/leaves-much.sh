#!/bin/sh
# Starts a daemon, a process that ignores SIGTERM, one without the environment, and a daemon that holds the output; each
# writes its pid into a file of the directory $1. Then it stays, and ignores SIGTERM itself.
cd "$1" || exit
( setsid sh -c 'echo $$ > daemon; exec sleep 600' > /dev/null 2>&1 & )
sh -c 'trap "" TERM HUP INT; echo $$ > stubborn; while :; do sleep 60; done' &
env -i PATH="$PATH" sh -c 'echo $$ > bare; exec sleep 600' &
( setsid sh -c 'echo $$ > holder; exec sleep 600' & )
trap '' TERM HUP INT
echo $$ > main
for name in daemon stubborn bare holder; do until [ -s $name ]; do sleep 0.01; done; done
echo ready
while :; do sleep 60; done
