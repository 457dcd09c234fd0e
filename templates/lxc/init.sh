#!/bin/sh
# PID 1 of a container of libvirt's: completes the root file system, brings up eth0, and becomes the init that was
# asked for, or the one that sandboxes have. Runs with the busybox beside it: the rest may be any distribution.   usage: init.sh [INIT]
own=/.tsmachine
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$own HOME=/root container=lxc-libvirt

bb() { "$own/busybox" "$@"; }

fill_in() {
  [ ! -d "$own/seed" ] || {
    bb rm -f /etc/ssh/ssh_host_*
    bb cp -a "$own/seed/." / && bb rm -rf "$own/seed"
    # sshd without PAM refuses a locked account.
    [ ! -f /etc/shadow ] || bb sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow
  }
}

bring_up_network() {
  bb ip link set lo up
  [ -e /sys/class/net/eth0 ] || return 0
  bb ip link set eth0 up
  # Asks every second, since it takes a bridge a while to let its new port speak, and goes on in the background.
  bb udhcpc -b -t 20 -T 1 -A 2 -i eth0 -s "$own/udhcpc.sh" -x "hostname:$(bb hostname)" >/dev/null 2>&1 </dev/null &
}

fill_in
bb hostname -F /etc/hostname
[ $# -eq 0 ] || exec "$@"

# libvirt lets only the settings of this network namespace be written, not those of containers in it.
bb mount -o remount,bind,rw /proc/sys
bb mount -t tmpfs -o mode=755,nosuid,nodev run /run
bb mount -t tmpfs -o mode=1777,nosuid,nodev tmp /tmp
bb mkdir -p /run/lock /run/sshd /run/tsmachine-sandbox
bb cp "$own/sshd_config" /run/tsmachine-sandbox/
bring_up_network
exec "$own/busybox" sh "$own/services.sh" 3>/dev/null
