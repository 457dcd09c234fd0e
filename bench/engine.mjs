/**
 * What rows may ask of an engine:
 *
 *   client       an EngineClient on it
 *   dockerEnv    the environment that points the docker CLI at it
 *   restart()    ends the engine and starts it again; containers live on
 *   memory()     bytes (PSS) of the engine's own processes, monitors of containers included
 *   peakMemory(work)  bytes (RSS) that these processes held at most while `work` was done
 *   shell(script)     runs on the engine's host, and answers what it prints
 *   address      of the engine's host, as this machine reaches it
 *   image        the name of an image that both have: busybox, as Debian ships it
 */
import { EngineClient } from './engine-client.mjs';
import { busyboxArchive } from './image.mjs';

/** @param processes names (comm, 15 characters at most) of the engine's own processes on its host */
export async function connectEngine(hosts, { host, port, tls = true, processes, restart }) {
  const address = await hosts.address(host);
  const directory = hosts.certificates(host);
  const client = await EngineClient.open({ host: address, port, directory: tls ? directory : undefined });
  await client.send('POST', '/images/load?quiet=1', {
    body: await busyboxArchive(),
    contentType: 'application/x-tar',
  });
  return {
    client,
    address,
    image: 'busybox:latest',
    dockerEnv: {
      ...hosts.env,
      DOCKER_HOST: `tcp://${address}:${port}`,
      ...(tls && { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: directory }),
    },
    memory: () => memoryOf(hosts, host, processes),
    peakMemory: (work) => peakMemoryOf(hosts, host, processes, work),
    shell: (script) => hosts.shell(host, script),
    restart,
  };
}

/** The kernel's own record of each process, set back before (proc(5), clear_refs). */
async function peakMemoryOf(hosts, host, processes, work) {
  const each = (what) => `for process in /proc/[0-9]*; do
  case " ${processes.join(' ')} " in
    *" $(cat "$process/comm" 2>/dev/null) "*) ${what} ;;
  esac
done`;
  await hosts.shell(host, each('echo 5 >"$process/clear_refs" 2>/dev/null || true'));
  await work();
  const sum = `total=0
${each(`kilobytes=$(sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\) kB$/\\1/p' "$process/status" 2>/dev/null); total=$((total + \${kilobytes:-0}))`)}
echo "$total"`;
  return Number(await hosts.shell(host, sum)) * 1024;
}

/** Proportional set size: a page that several processes share counts in parts. */
async function memoryOf(hosts, host, processes) {
  const script = `total=0
for process in /proc/[0-9]*; do
  case " ${processes.join(' ')} " in
    *" $(cat "$process/comm" 2>/dev/null) "*) ;;
    *) continue ;;
  esac
  kilobytes=$(sed -n 's/^Pss: *\\([0-9]*\\) kB$/\\1/p' "$process/smaps_rollup" 2>/dev/null)
  total=$((total + \${kilobytes:-0}))
done
echo "$total"`;
  return Number(await hosts.shell(host, script)) * 1024;
}
