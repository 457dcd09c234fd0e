#!/.tsmachine/busybox sh
# What udhcpc runs when a lease comes, changes or goes.
bb() { /.tsmachine/busybox "$@"; }

case $1 in
  deconfig)
    bb ip addr flush dev "$interface"
    ;;
  bound | renew)
    bb ip addr replace "$ip/$mask" dev "$interface"
    for gateway in $router; do
      bb ip route replace default via "$gateway" dev "$interface"
      break
    done
    [ -n "$dns" ] || exit 0
    bb rm -f /etc/resolv.conf
    for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf
    ;;
esac
