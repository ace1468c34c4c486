# Makes a file, and waits for another: meet.sh OWN OTHER
cd "$(dirname "$0")"
touch "$1"
until test -e "$2"; do sleep 0.05; done
