# Runs a service with its state or its cache on a small disk, in a mount namespace of its own, and prints what is left:
# execs-on-a-small-disk.sh DIRECTORY SIZE VARIABLE COMMAND...
directory=$1 size=$2 variable=$3
shift 3
mount -t tmpfs -o size=1m tmpfs /dev/shm
mount -t tmpfs -o "size=$size,mode=711" tmpfs "$directory"
mkdir -m 700 "$directory/state"
export "$variable=$directory/state"
"$@"
status=$?
ls "$LP_STATE_DIR/runs" "$LP_STATE_DIR/claims" | sed -n '/^[^/]./s/^/left: /p'
exit $status
