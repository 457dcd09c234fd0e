#!/bin/sh
# Starts a sandbox's PID 1. Runs in this machine's PID namespace, in the sandbox's other namespaces already when
# called as "launch.sh boot", which is how it calls itself after joining the control groups: a cgroup namespace is
# rooted where its maker is.
#
#   launch.sh join BOOT_SCRIPT [CGROUP_DIRECTORY…]
#
# Descriptor 3 is a socket: it is told the process id of PID 1 as this machine sees it ("pid 4711"), and PID 1 waits
# there for a line.
set -eu

case $1 in
  join)
    boot=$2
    shift 2
    for directory in "$@"; do
      echo $$ >"$directory/cgroup.procs"
    done
    exec unshare --mount --uts --ipc --net --cgroup --pid -- /bin/sh "$0" boot "$boot"
    ;;
  boot)
    # The first child after unshare(CLONE_NEWPID) is PID 1 of the new namespace; this shell stays outside of it.
    /bin/sh "$2" &
    echo "pid $!" >&3
    ;;
esac
