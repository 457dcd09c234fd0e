/** Signals that are meant for the program in the container when there is no terminal to send them as keys. */
const proxied: readonly NodeJS.Signals[] =
  process.platform === 'win32'
    ? ['SIGINT', 'SIGTERM']
    : ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'];

/**
 * Passes the signals that this process gets to `send` until disposal. A signal that cannot be delivered is lost, as
 * one to a process that has just ended; a third SIGINT or SIGTERM ends this process, should the other side not.
 */
export function proxySignals(send: (signal: NodeJS.Signals) => Promise<void>): Disposable {
  let endings = 0;
  const forward = (signal: NodeJS.Signals) => {
    if (signal === 'SIGINT' || signal === 'SIGTERM') endings += 1;
    if (endings >= 3) process.exit(130);
    send(signal).catch(() => {});
  };
  for (const signal of proxied) process.on(signal, forward);
  return {
    [Symbol.dispose]() {
      for (const signal of proxied) process.off(signal, forward);
    },
  };
}
