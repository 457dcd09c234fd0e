# What docker-machine's documentation and its readers type, on a host of the generic driver: $HOST, $KEY.
docker-machine create --driver generic --generic-ip-address="$HOST" --generic-ssh-key "$KEY" --generic-ssh-user root \
  --engine-label stage=test --engine-insecure-registry registry:5000 --engine-registry-mirror https://mirror.example \
  --engine-storage-driver overlay2 --tls-san vm.example vm || fail create

check "ls --filter driver" "$(docker-machine ls --filter driver=generic -q)$(docker-machine ls --filter driver=ssh -q)" vm
check "ls --filter label" "$(docker-machine ls -q --filter label=stage=test)" vm
check "ls --filter swarm" "$(docker-machine ls -q --filter swarm=master)" ""
check "ls table" "$(docker-machine ls --format 'table {{.Name}}\t{{.State}}' | tr -s ' ')" "NAME STATE
vm Running"
docker-machine inspect --format='{{json .Driver}}' vm | grep -q "\"IPAddress\":\"$HOST\"" || fail "inspect json"
docker-machine inspect --format='{{prettyjson .HostOptions.EngineOptions.Labels}}' vm | grep -q 'stage=test' || fail "inspect prettyjson"

# "docker $(docker-machine config dev) run busybox echo hello world"
docker $(docker-machine config vm) load -q -i "$IMAGE" >/dev/null || fail "docker config load"
check "docker config run" "$(docker $(docker-machine config vm) run --rm busybox echo hello world)" "hello world"
eval "$(docker-machine env vm)"
check "docker run" "$(docker run --rm busybox echo hello)" hello
check "docker info" "$(docker info --format '{{json .Labels}}')" '["stage=test"]'
[ "$(docker-machine active)" = vm ] || fail active
docker-machine env --shell fish vm | grep -q '^set -gx DOCKER_HOST "tcp://.*";$' || fail "env fish"
docker-machine env --shell cmd vm | grep -q '^SET DOCKER_HOST=tcp://' || fail "env cmd"
docker-machine env --shell powershell vm | grep -q '^\$Env:DOCKER_HOST = "tcp://' || fail "env powershell"
docker-machine env --shell tcsh vm | grep -q '^setenv DOCKER_HOST "tcp://.*";$' || fail "env tcsh"
docker-machine env --shell emacs vm | grep -q '^(setenv "DOCKER_HOST" "tcp://' || fail "env emacs"
eval "$(docker-machine env -u)"

# Ports of the host, as with any ssh: here that of its sshd, which greets.
docker-machine ssh vm -N -L "$PORT:localhost:22" & tunnel=$!
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null && break; sleep 0.1; done
exec 3<>"/dev/tcp/127.0.0.1/$PORT" && read -r -t 10 greeting <&3; exec 3>&-
check "ssh -L" "${greeting%%-Open*}" SSH-2.0
kill -INT $tunnel; wait $tunnel; check "ssh -N ended" $? 0
docker-machine ssh vm -C -t true || fail "ssh -C -t"
check "ssh sh -c" "$(docker-machine ssh vm "sh -c 'echo \$((6 * 7))'")" 42

mkdir -p site/css && echo a >site/index && echo b >site/css/style
docker-machine scp -r site vm:/srv/ || fail "scp -r"
docker-machine scp -r -d site/ vm:/srv/site/ || fail "scp -d"
check "scp there" "$(docker-machine ssh vm cat /srv/site/css/style)" b
docker-machine scp vm:/srv/site/index back && check "scp back" "$(cat back)" a
docker-machine scp vm:/srv/site/index vm:/tmp/copied && check "scp between" "$(docker-machine ssh vm cat /tmp/copied)" a

docker-machine provision vm || fail provision
docker-machine regenerate-certs --force --client-certs vm || fail regenerate-certs
docker-machine upgrade vm || fail upgrade
[ -n "$(docker-machine version vm)" ] || fail "version vm"
docker-machine version | grep -q version || fail version
docker-machine --version | grep -q version || fail --version
docker-machine help create | grep -q -- --driver || fail "help create"
docker-machine create --driver amazonec2 --help | grep -q -- --ec2-region || fail "create -d amazonec2 --help"
docker-machine rm -y vm | grep -q "Successfully removed vm" || fail rm
check "rm again" "$(docker-machine rm -f vm >/dev/null 2>&1; echo $?)" 0
