#!/bin/sh
# Leaves an orphan and stays. $1: what the orphan loses, "nothing", "session", "directory", "environment", "output",
# "all" or "all-but-session"; $2: a file for its pid.
orphan='cd "$2"; [ -z "$3" ] || exec > /dev/null 2>&1 < /dev/null; echo $$ > "$1.new"; mv "$1.new" "$1"; exec sleep 600'
directory=. ; output='' ; setsid='' ; clean=''
case $1 in session|all) setsid=setsid ;; esac
case $1 in directory|all*) directory=/ ;; esac
case $1 in environment|all*) clean='env -i PATH=/usr/bin:/bin' ;; esac
case $1 in output|all*) output=none ;; esac
( $clean $setsid sh -c "$orphan" orphan "$2" "$directory" "$output" & )
echo ready
[ -z "$3" ] || exit "$3"
exec sleep 600
