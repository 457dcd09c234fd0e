#!/bin/sh
# PID 1 of a sandbox: keeps sshd running, starts what /etc/local.d has, reaps orphans, ends everything on SIGTERM.
# The shell reaps every child that ends while it waits for one, adopted ones included.

stopping=
trap 'stopping=1' TERM INT

start_sshd() {
  "$(command -v sshd)" -D -e -f /run/tsmachine-sandbox/sshd_config 3>&- &
  sshd=$!
}

pause() { # SECONDS
  sleep "$1" &
  wait $!
}

start_sshd
for script in /etc/local.d/*.start; do
  [ ! -x "$script" ] || "$script" </dev/null >/dev/null 2>&1 3>&- &
done
echo booted >&3
exec 3>&-

until [ "$stopping" ]; do
  wait "$sshd"
  [ -z "$stopping" ] || break
  kill -0 "$sshd" 2>/dev/null && continue
  pause 1
  [ "$stopping" ] || start_sshd
done

kill -TERM -1 2>/dev/null
remaining=100
while [ $((remaining -= 1)) -gt 0 ]; do
  set -- /proc/[0-9]*
  [ $# -gt 1 ] || break
  pause 0.1
done
# The kernel kills what is left in a PID namespace whose PID 1 ends.
exit 0
