# As a CI runner's autoscaler drives docker-machine: it makes, looks, uses and drops machines by their exit codes.
export MACHINE_DRIVER=sandbox
names="runner-1 runner-2"
for name in $names; do docker-machine --debug create --engine-opt label=runner=1 $name 2>"$name.log" & done
for _ in $names; do wait -n || fail "parallel create"; done
check "ls" "$(docker-machine ls --format '{{.Name}}:{{.State}}' --filter name=^runner- | tr '\n' ' ')" "runner-1:Running runner-2:Running "
for name in $names; do
  docker-machine inspect $name >$name.json || fail "inspect $name"
  docker-machine ip $name >$name.ip || fail "ip $name"
  docker-machine config $name >$name.config || fail "config $name"
done
check "different addresses" "$(sort -u runner-1.ip runner-2.ip | wc -l)" 2

# Sixty questions at once, none of which may fail.
for _ in $(seq 30); do for name in $names; do (docker-machine ip $name || echo FAILED) >>answers & done; done
wait
check "sixty times ip" "$(sort answers | uniq -c | tr -s ' ' | cut -d ' ' -f 2 | tr '\n' ' ')" "30 30 "
check "none failed" "$(grep -c FAILED answers)" 0

eval "$(docker-machine env --shell sh runner-1)"
docker load -q -i "$IMAGE" >/dev/null && check "job" "$(docker run --rm busybox echo done)" done
unset DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_MACHINE_NAME TSMACHINE_NAME

docker-machine create runner-1 >/dev/null 2>&1; check "name taken" $? 1
docker-machine create --sandbox-subnet 300.0.0.0/8 runner-3 >/dev/null 2>&1; check "failed pre-create check" $? 3
check "nothing was made" "$(docker-machine ls -q --filter name=runner-3)" ""
docker-machine status runner-9 >/dev/null 2>&1; check "no such machine" $? 1
docker-machine kill $names >/dev/null || fail kill
check "states" "$(docker-machine ls --filter state=Stopped -q | tr '\n' ' ')" "runner-1 runner-2 "
docker-machine start $names >/dev/null || fail start
until [ "$(docker-machine status runner-2)" = Running ]; do :; done
docker-machine restart runner-2 >/dev/null || fail restart
docker-machine rm -f -y $names nobody >removed 2>&1; check "rm of several, one of them not there" $? 0
check "removed" "$(grep -c '^Successfully removed runner-' removed)" 2
check "nothing left" "$(docker-machine ls -q)" ""
