# An engine that something else runs, by its URL alone, as "docker-machine create --driver none --url" takes it.
docker-machine create --driver none --url=tcp://192.0.2.7:2376 bookmark || fail create
check url "$(docker-machine url bookmark)" tcp://192.0.2.7:2376
check "ls" "$(docker-machine ls -t 1 --format '{{.Name}} {{.DriverName}} {{.URL}}')" "bookmark none tcp://192.0.2.7:2376"
docker-machine stop bookmark >/dev/null 2>&1 && fail stop
docker-machine ssh bookmark true >/dev/null 2>&1 && fail ssh
docker-machine rm -y bookmark >/dev/null || fail rm
