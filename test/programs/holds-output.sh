#!/bin/sh
# Ends at once with status 0; a grandchild in a session of its own keeps standard output open.
( setsid sleep 600 & )
echo gone
