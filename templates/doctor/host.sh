# Looks at a host and changes nothing; one key=value a line. Needs no rights.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
echo "kernel=$(uname -r)"
echo "cgroups=$(stat -fc %T /sys/fs/cgroup 2>/dev/null)"
for program in crun runc conmon ip nft; do
  command -v "$program" >/dev/null 2>&1 && echo "program=$program"
done
directory=/var/lib/tsmachine
[ -d "$directory" ] || directory=/var/lib
echo "free_kb=$(df -Pk "$directory" | awk 'NR == 2 { print $4 }')"
echo "clock=$(date +%s)"
