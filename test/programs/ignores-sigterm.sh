#!/bin/sh
# Says "ready" and does not answer to SIGTERM, SIGINT or SIGHUP.
trap '' TERM INT HUP
echo ready
while :; do sleep 60 & wait $!; done
