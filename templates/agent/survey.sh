# Tells what is on a host that somebody else set up, as key=value lines. Changes nothing; needs no root.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
echo "machine=$(uname -m)"
echo "hostname=$(uname -n)"
[ ! -r /etc/os-release ] || sed 's/^/os=/' /etc/os-release
if [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; then echo root=yes; fi
file() { # KEY PATH
  [ ! -r "$2" ] || echo "$1=$(base64 <"$2" | tr -d '\n')"
}
file agent-config /etc/tsmachine/agent.json
file agent-ca /etc/tsmachine/tls/ca.pem
if [ -S /var/run/docker.sock ] && command -v docker >/dev/null 2>&1; then
  docker=$(docker -H unix:///var/run/docker.sock version --format '{{.Server.Version}}' 2>/dev/null) && echo "docker=$docker"
fi
exit 0
