import { createInterface } from 'node:readline';
import type { PortBinding, Sandbox } from '../../../../../src/agent/network/network.js';
import { NftNetworks } from '../../../../../src/agent/network/nft-networks.js';
import { isTsmachineError } from '../../../../../src/shared/errors.js';
import type { Call } from './lab.js';

/**
 * Runs NftNetworks where this process is: in a network namespace of its own, so that the tests do not touch
 * the machine's network. One call a line on stdin, one answer a line on stdout.
 */
let network: NftNetworks | undefined;

for await (const line of createInterface({ input: process.stdin })) {
  const call: Call = JSON.parse(line);
  void answer(call).then((result) => process.stdout.write(`${JSON.stringify({ id: call.id, ...result })}\n`));
}

async function answer(call: Call) {
  try {
    return { value: await perform(call) };
  } catch (error) {
    const code = isTsmachineError(error) ? error.code : undefined;
    return { error: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

async function perform({ method, args }: Call): Promise<unknown> {
  if (method === 'open') {
    network = await NftNetworks.open(args[0]);
    return network.byName('bridge');
  }
  if (!network) throw new Error('not open');
  switch (method) {
    case 'reserve':
      return flat(await network.reserve(args[0], attachments(network), args[1]));
    case 'connect':
      return network.connect(args[0], args[1]);
    case 'release':
      return network.release(args[0]);
    case 'endpoint':
      return flat(network.sandbox(args[0]));
    case 'check':
      return network.check();
    case 'watch':
      network.watch(args[0]);
      return undefined;
    case 'create':
      return network.create(args[0]);
    case 'remove':
      return network.remove(args[0]);
    case 'attach':
      return network.attach(args[0], args[1], args[2]);
    case 'detach':
      return network.detach(args[0], args[1]);
    case 'restore':
      return network.restore(new Map(args[0]));
    case 'close':
      return network.close(args[0]);
    case 'timeStart':
      return timeStart(network, args[0], args[1], args[2]);
  }
}

/** Milliseconds of reserve and of connect, measured where no pipe is in between. */
async function timeStart(
  on: NftNetworks,
  container: { id: string; name: string },
  ports: readonly PortBinding[],
  pid: number,
): Promise<{ reserve: number; connect: number }> {
  const began = performance.now();
  await on.reserve(container, attachments(on), ports);
  const reserved = performance.now();
  await on.connect(container.id, pid);
  return { reserve: reserved - began, connect: performance.now() - reserved };
}

/** To the predefined network. */
function attachments(on: NftNetworks) {
  return [{ networkId: on.byName('bridge')?.id ?? '', dnsNames: [] }];
}

/** The only endpoint with the ports. */
function flat(sandbox: Sandbox | undefined) {
  return sandbox && { ...sandbox.endpoints[0], ports: sandbox.ports, endpoints: sandbox.endpoints };
}
