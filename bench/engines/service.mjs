/** Shell commands about another engine's service on its host, of which `ready` succeeds when the API answers. */

/** Starts it by the script `start` of `directory`; what it logged is shown where it does not get ready. */
export function startScript({ directory, ready, log }) {
  return `sh ${directory}/start
for n in $(seq 300); do
  if ${ready} >/dev/null 2>&1; then exit 0; fi
  sleep 0.1
done
tail -n 20 ${log} >&2
exit 1`;
}

/** Ends it, starts it, and returns when it answers; containers live on. */
export function restartScript({ directory, ready, pidFile }) {
  return `pid=$(cat ${pidFile})
kill "$pid"
while kill -0 "$pid" 2>/dev/null; do sleep 0.01; done
sh ${directory}/start
until ${ready} >/dev/null 2>&1; do sleep 0.01; done`;
}
