#!/bin/sh
# Keeps the agent running on a host without a service manager.   usage: supervise start|stop|restart|reload
run_dir=/run/tsmachine
log=/var/log/tsmachine-agent.log
mkdir -p $run_dir

# The process whose id stands in file $1, if it still is a $2.
alive() {
  pid=$(cat "$run_dir/$1" 2>/dev/null) && grep -aq "$2" "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
}

start() {
  [ -z "$(alive supervisor.pid supervise)" ] || return 0
  setsid "$0" run </dev/null >/dev/null 2>&1 &
}

stop() {
  supervisor=$(alive supervisor.pid supervise) || return 0
  kill -TERM "$supervisor"
  n=0
  while [ -n "$(alive supervisor.pid supervise)" ] && [ $n -lt 1000 ]; do sleep 0.02; n=$((n + 1)); done
}

# Restarts at once after the first failure, ever later when the agent fails again and again.
run() {
  echo $$ >$run_dir/supervisor.pid
  child=
  trap '[ -z "$child" ] || kill -TERM $child; wait $child; rm -f $run_dir/supervisor.pid; exit 0' TERM
  delay=0
  while :; do
    if [ "$(wc -c <$log 2>/dev/null || echo 0)" -gt 10000000 ]; then mv $log $log.1; fi
    began=$(date +%s)
    /opt/tsmachine/bin/tsmachine-agent serve >>$log 2>&1 &
    child=$!
    echo $child >$run_dir/agent.pid
    wait $child
    if [ $(($(date +%s) - began)) -gt 5 ]; then delay=0; fi
    sleep $delay &
    wait $!
    [ $delay -ge 5 ] || delay=$((delay + 1))
  done
}

case $1 in
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
  reload) pid=$(alive agent.pid agent.mjs) && kill -HUP "$pid" ;;
  run) run ;;
  *) echo "usage: supervise start|stop|restart|reload" >&2; exit 2 ;;
esac
