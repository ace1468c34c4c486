#!/bin/sh
# Leaves an orphan and stays. $1: of its marks, which are "session", "directory", "environment" and "output", the one
# that the orphan loses, or "nothing", "group", "all", "all-but-…"; $2: a file for its pid; $3: an exit status, if it is
# not to stay.
what=$1
loses() { case $what in "all-but-$1") false ;; "$1" | all*) ;; *) false ;; esac; }
orphan='cd "$2"; [ -z "$3" ] || exec > /dev/null 2>&1 < /dev/null; echo $$ > "$1.new"; mv "$1.new" "$1"; exec sleep 600'
directory=. ; output='' ; setsid='' ; clean='' ; start='"$@" &'
# Jobs have groups of their own.
loses group && start="set -m; $start"
loses session && setsid=setsid
loses directory && directory=/
loses environment && clean='env -i PATH=/usr/bin:/bin'
loses output && output=none
bash -c "$start" bash $clean $setsid sh -c "$orphan" orphan "$2" "$directory" "$output"
echo ready
[ -z "$3" ] || exit "$3"
exec sleep 600
