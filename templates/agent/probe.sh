# Tells everything provisioning wants to know of a host, as key=value lines. Changes nothing. Runs as root.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
echo "system=$(uname -s)"
echo "machine=$(uname -m)"
echo "kernel=$(uname -r)"
[ ! -r /etc/os-release ] || sed 's/^/os=/' /etc/os-release
for command in crun conmon ip nft gzip docker; do
  ! command -v $command >/dev/null 2>&1 || echo "command=$command"
done
# musl can also be installed beside glibc
[ ! -e /lib/ld-musl-$(uname -m).so.1 ] || [ -e /lib64/ld-linux-x86-64.so.2 ] || [ -e /lib/ld-linux-aarch64.so.1 ] || echo musl=yes
if [ -d /run/systemd/system ]; then echo service=systemd
elif [ -x /sbin/openrc-run ] && [ -d /run/openrc ]; then echo service=openrc
else echo service=supervised; fi
for program in /opt/tsmachine/node/* /opt/tsmachine/agent/*; do
  [ ! -d "$program" ] || echo "program=$program"
done
for file in /etc/tsmachine/agent.json /etc/tsmachine/tls/*.pem /opt/tsmachine/bin/tsmachine-agent /opt/tsmachine/bin/supervise \
  /etc/systemd/system/tsmachine-agent.service /etc/init.d/tsmachine-agent /etc/local.d/tsmachine-agent.start \
  /usr/local/bin/docker; do
  [ ! -f "$file" ] || sha256sum "$file" | sed 's/^/file=/'
done
free() { while [ ! -d "$1" ]; do set -- "$(dirname "$1")"; done; df -Pk "$1" | awk 'NR == 2 { print $4 }'; }
echo "free-programs=$(free /opt/tsmachine)"
echo "free-data=$(free /var/lib/tsmachine)"
[ ! -e /etc/tsmachine/restart-needed ] || echo restart-needed=yes
[ ! -x /opt/tsmachine/bin/tsmachine-agent ] || ! /opt/tsmachine/bin/tsmachine-agent ping >/dev/null 2>&1 || echo serving=yes
