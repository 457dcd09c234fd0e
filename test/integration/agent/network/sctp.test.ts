import { start } from '../../../../src/shared/spawn.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { NetworkLab } from './support/lab.js';

let lab: NetworkLab;
beforeEach(async () => {
  lab = await NetworkLab.start();
});
afterEach(() => lab[Symbol.asyncDispose]());

/** By raw sockets, which are there on kernels without SCTP, too: only its address translation is looked at. Perl is on every Debian. */
const listener = `use Socket; socket(S, PF_INET, SOCK_RAW, 132) or die; $| = 1; print "ready\n"; alarm 90;
while (defined recv(S, $p, 2048, 0)) { printf "%s %d\n", inet_ntoa(substr($p, 12, 4)), unpack("n", substr($p, 22, 2)) }`;
const sender = `use Socket; socket(S, PF_INET, SOCK_RAW, 132) or die;
send(S, pack("H*", $ARGV[1]), 0, sockaddr_in(0, inet_aton($ARGV[0]))) or die;`;

/** An INIT (RFC 9260), as a client begins. */
function init(from: number, to: number): Buffer {
  const packet = Buffer.alloc(32);
  packet.writeUInt16BE(from, 0);
  packet.writeUInt16BE(to, 2);
  packet.writeUInt8(1, 12);
  packet.writeUInt16BE(20, 14);
  packet.writeUInt32BE(0x1234, 16);
  packet.writeUInt32BE(0xffff, 20);
  packet.writeUInt32BE(0x10001, 24);
  packet.writeUInt32BE(1, 28);
  packet.writeUInt32LE(crc32c(packet), 8);
  return packet;
}

function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

test("SCTP comes to a published port's container, from the client's own address", async () => {
  const network = await lab.openNetwork();
  const ports = { protocol: 'sctp', containerPort: 80, hostAddress: '', hostPort: 8132 } as const;
  expect((await network.reserve('web', [ports])).ports).toEqual([{ ...ports, hostAddress: '0.0.0.0' }]);
  const container = await lab.container();
  await network.connect('web', container);
  const heard: string[] = [];
  const child = start(container.argv(['perl', '-e', listener]), { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout?.on('data', (chunk) => heard.push(String(chunk)));
  const until = (words: string, again: () => Promise<unknown>) =>
    waitUntil(async () => heard.join('').includes(words) || void (await again()), {
      ...{ what: words, timeoutMs: 60_000, intervalMs: 50 },
    });
  try {
    await until('ready', async () => {});
    const send = (port: number) => () =>
      lab.world.output('perl', '-e', sender, lab.hostAddress, init(4000, port).toString('hex'));
    await send(8133)();
    await until(`${lab.worldAddress} 80\n`, send(8132));
    expect(heard.join('')).not.toContain('8133');
    await network.release('web');
    expect(await lab.host.output('nft', 'list', 'map', 'ip', 'tsmachine', 'sctp_any')).not.toContain('8132');
  } finally {
    child.kill('SIGKILL');
  }
}, 90_000);
