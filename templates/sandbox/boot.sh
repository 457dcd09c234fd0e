#!/bin/sh
# Makes the sandbox's root file system in its own mount namespace, enters it and becomes its init.
# Runs as PID 1 of the sandbox with this machine's tools; nothing it mounts is visible outside.
#
# Environment:
#   SANDBOX_STATE       the sandbox's directory: upper work root data seed log
#   SANDBOX_BASE        directory below everything; / is this machine's own root
#   SANDBOX_TEMPLATES   where init.sh and sshd_config are
#   SANDBOX_ADDRESS     address/prefix of eth0          SANDBOX_GATEWAY  its default route
#   SANDBOX_CGROUPS     v1 hierarchies, such as "cpu,cpuacct memory name=systemd"; empty: cgroup v2
# Descriptor 3 gives a line when the network interface is there, and is told when init has begun.
set -eu
umask 022

# Fails when the descriptor ends without a line: the command that wanted the sandbox is gone.
read -r _ <&3

state=$SANDBOX_STATE
root=$state/root
# Top-level names of this machine's root that a sandbox sees. Of these, hidden_below is hidden as well.
visible='bin|sbin|lib|lib32|lib64|libx32|libo32|usr|etc|opt|var'
hidden_below='etc/ssh/ssh_host_* etc/tsmachine etc/local.d opt/tsmachine var/tmp var/lib/tsmachine
  var/lib/tsmachine-* var/lib/docker var/lib/containerd var/lib/containers var/lib/kubelet var/lib/libvirt'
# Directories that may be file systems of their own; overlayfs does not look through mounts.
separate='usr usr/local opt etc var var/lib var/cache var/log'

main() {
  configure_network
  if [ "$SANDBOX_BASE" = / ]; then
    mount_this_machine
  else
    mount --bind "$SANDBOX_BASE" "$root"
    writable_overlay "$root" upper work "$root"
  fi
  cd "$root"
  mount_kernel_file_systems
  mount_cgroups
  mount_data
  fill_in
  exec_init
}

configure_network() {
  cat "$state/seed/etc/hostname" >/proc/sys/kernel/hostname
  ip -batch - <<END
link set lo up
addr add $SANDBOX_ADDRESS dev eth0
link set eth0 up
route add default via $SANDBOX_GATEWAY
END
}

# overlayfs refuses an upper directory inside its lower one, so this machine's root is seen through a read-only
# overlay of its own. That overlay also hides what is not for the sandbox: a whiteout (character device 0:0) in
# "hide" covers what is below it.
mount_this_machine() {
  layers=$state/layers
  mkdir -p "$layers"
  mount -t tmpfs -o mode=700 sandbox "$layers"
  cd "$layers"
  mkdir hide view
  for entry in /* /.[!.]*; do
    [ -e "$entry" ] && [ ! -L "$entry" ] || continue
    case "|$visible|" in *"|${entry#/}|"*) continue ;; esac
    mknod "hide/${entry#/}" c 0 0
  done
  for pattern in $hidden_below; do
    for entry in /$pattern; do
      [ ! -e "$entry" ] || hide "${entry#/}"
    done
  done
  mount -t overlay -o ro,lowerdir=hide:/ sandbox view
  writable_overlay view upper work "$root"
  for directory in $separate; do
    grep -q " /$directory " /proc/self/mounts || continue
    mount_separate "$directory"
  done
}

mount_separate() { # DIRECTORY
  name=$(echo "$1" | tr / -)
  [ -d "hide/$1" ] || hide_nothing "$1"
  mkdir "view-$name"
  mount -t overlay -o "ro,lowerdir=hide/$1:/$1" sandbox "view-$name"
  writable_overlay "view-$name" "upper-$name" "work-$name" "$root/$1"
}

hide() { # PATH
  hide_nothing "${1%/*}"
  mknod "hide/$1" c 0 0
}

# A directory shows the owner and mode of its uppermost layer, so those in "hide" have the same as what they cover.
hide_nothing() { # DIRECTORY
  [ ! -d "hide/$1" ] || return 0
  case $1 in */*) hide_nothing "${1%/*}" ;; esac
  mkdir "hide/$1"
  same_as "/$1" "hide/$1"
}

same_as() { # DIRECTORY COPY
  chown --reference="$1" "$2"
  chmod --reference="$1" "$2"
}

writable_overlay() { # LOWER UPPER WORK MOUNT_POINT
  [ -d "$state/$2" ] || { mkdir "$state/$2" && same_as "$1" "$state/$2"; }
  mkdir -p "$state/$3" "$4"
  # index=off: the lower directories are shared with other sandboxes, and new ones after every start.
  mount -t overlay -o "lowerdir=$1,upperdir=$state/$2,workdir=$state/$3,index=off" sandbox "$4"
}

mount_kernel_file_systems() {
  mkdir -p boot dev home media mnt opt proc root run srv sys tmp usr var
  mount -t proc -o nosuid,nodev,noexec proc proc
  mount -t sysfs -o nosuid,nodev,noexec sysfs sys
  mount -t tmpfs -o mode=755,nosuid dev dev
  mkdir dev/net dev/pts dev/shm dev/mqueue
  mknod -m 666 dev/null c 1 3
  mknod -m 666 dev/zero c 1 5
  mknod -m 666 dev/full c 1 7
  mknod -m 666 dev/random c 1 8
  mknod -m 666 dev/urandom c 1 9
  mknod -m 666 dev/tty c 5 0
  mknod -m 666 dev/fuse c 10 229
  mknod -m 660 dev/loop-control c 10 237
  for number in 0 1 2 3 4 5 6 7; do
    mknod -m 660 "dev/loop$number" b 7 "$number"
  done
  mknod -m 666 dev/net/tun c 10 200
  ln -s /proc/self/fd dev/fd
  ln -s fd/0 dev/stdin
  ln -s fd/1 dev/stdout
  ln -s fd/2 dev/stderr
  ln -s pts/ptmx dev/ptmx
  mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
  mount -t tmpfs -o mode=1777,nosuid,nodev shm dev/shm
  mount -t mqueue mqueue dev/mqueue
  mount -t tmpfs -o mode=755,nosuid,nodev run run
  mount -t tmpfs -o mode=1777,nosuid,nodev tmp tmp
  mkdir -p run/lock run/sshd run/tsmachine-sandbox
}

# The cgroup namespace makes the sandbox's own subtree the root of what is mounted here. On a hybrid machine the v2
# tree is left out: its controllers are in v1, and crun refuses a tree that has both.
mount_cgroups() {
  if [ -z "$SANDBOX_CGROUPS" ]; then
    mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 sys/fs/cgroup
    # A cgroup with processes of its own cannot give controllers to its children.
    mkdir sys/fs/cgroup/init
    echo 1 >sys/fs/cgroup/init/cgroup.procs
    for controller in $(cat sys/fs/cgroup/cgroup.controllers); do
      echo "+$controller" >sys/fs/cgroup/cgroup.subtree_control || true
    done
    return
  fi
  mount -t tmpfs -o mode=755,nosuid,nodev,noexec cgroup sys/fs/cgroup
  for controllers in $SANDBOX_CGROUPS; do
    name=${controllers#name=}
    mkdir "sys/fs/cgroup/$name"
    case $controllers in name=*) controllers=none,$controllers ;; esac
    mount -t cgroup -o "nosuid,nodev,noexec,$controllers" cgroup "sys/fs/cgroup/$name"
    case $name in *,*) for link in $(echo "$name" | tr , ' '); do ln -s "$name" "sys/fs/cgroup/$link"; done ;; esac
  done
}

# The agent's store is a directory of this machine's file system: overlayfs refuses an overlay as its upper layer.
mount_data() {
  mkdir -p var/lib/tsmachine "$state/data"
  mount --bind "$state/data" var/lib/tsmachine
}

fill_in() {
  if [ ! -e "$state/filled" ]; then
    mkdir -p var/tmp
    chmod 1777 var/tmp
    [ ! -d etc/skel ] || cp -a etc/skel/. root/
    rm -f etc/ssh/ssh_host_*
    cp -a --remove-destination "$state/seed/." .
    # sshd without PAM refuses a locked account, and this machine's password is not for the sandbox.
    [ ! -f etc/shadow ] || sed -i 's/^root:[^:]*:/root:*:/' etc/shadow
    : >"$state/filled"
  fi
  rm -f etc/resolv.conf
  cp "$state/resolv.conf" etc/resolv.conf
  cp "$SANDBOX_TEMPLATES/init.sh" "$SANDBOX_TEMPLATES/sshd_config" run/tsmachine-sandbox/
}

exec_init() {
  # The old root is stacked upon the new one, and "." is looked up below it (pivot_root(2), NOTES).
  pivot_root . .
  umount -l .
  cd /
  exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root container=tsmachine-sandbox \
    /bin/sh /run/tsmachine-sandbox/init.sh
}

main
