import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { makeCertificates } from '../../../support/certificates.js';
import { AgentLab } from './support/agent-lab.js';

// A real rsyslogd in the lab, which writes what it gets, with its priority, into a file.
let lab: AgentLab;
let receiver: AsyncDisposable;
beforeAll(async () => {
  lab = await AgentLab.start();
  receiver = await rsyslogd();
}, 60_000);
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});

const messages = () => join(lab.directory, 'messages');
const socket = () => join(lab.directory, 'log.sock');

async function rsyslogd(): Promise<AsyncDisposable> {
  const file = join(lab.directory, 'rsyslog.conf');
  writeFileSync(
    file,
    `module(load="imudp") input(type="imudp" port="5514" address="127.0.0.1")
module(load="imtcp") input(type="imtcp" port="5515" address="127.0.0.1")
module(load="imuxsock" SysSock.Use="off") input(type="imuxsock" Socket="${socket()}" CreatePath="on")
template(name="all" type="string" string="%syslogfacility-text%.%syslogseverity-text% %syslogtag% [%msg%]\\n")
*.* action(type="omfile" file="${messages()}" template="all" FileCreateMode="0600")
`,
  );
  const pid = join(lab.directory, 'rsyslog.pid');
  return lab.serving(['rsyslogd', '-n', '-f', file, '-i', pid], ['test', '-S', socket()]);
}

async function received(...texts: readonly string[]): Promise<string> {
  const all = () => (existsSync(messages()) ? readFileSync(messages(), 'utf8') : '');
  const seen = async () => (texts.every((text) => all().includes(text)) ? all() : undefined);
  return waitUntil(seen, { what: texts.join(', '), timeoutMs: 30_000, intervalMs: 50 });
}

const script = (text: string) => ['busybox', 'sh', '-c', `echo ${text}-out; echo ${text}-err >&2`];

test.each([
  ['udp', () => 'udp://127.0.0.1:5514'],
  ['tcp', () => 'tcp://127.0.0.1:5515'],
  ['unixgram', () => `unixgram://${socket()}`],
])('syslog over %s gets every line, and docker logs still reads them', async (name, address) => {
  const options = ['--log-opt', `syslog-address=${address()}`, '--log-opt', 'syslog-facility=local3'];
  const driver = ['--log-driver', 'syslog', ...options, '--log-opt', `tag=app-${name}`];
  const outcome = await lab.docker(['run', '--name', `to-${name}`, ...driver, ...script(name)]);
  expect(outcome).toMatchObject({ code: 0, stdout: `${name}-out\n`, stderr: `${name}-err\n` });

  const text = await received(`${name}-out`, `${name}-err`);

  expect(text).toMatch(new RegExp(`^local3\\.info app-${name}\\[\\d+\\]: \\[ ?${name}-out\\]$`, 'm'));
  expect(text).toMatch(new RegExp(`^local3\\.err app-${name}\\[\\d+\\]: \\[ ?${name}-err\\]$`, 'm'));
  expect((await lab.docker(['logs', `to-${name}`])).stdout).toBe(`${name}-out\n`);
});

test.each(['rfc3164', 'rfc5424', 'rfc5424micro'])('the format %s is understood', async (format) => {
  const options = ['syslog-address=tcp://127.0.0.1:5515', `syslog-format=${format}`, `tag=in-${format}`];
  const driver = ['--log-driver', 'syslog', ...options.flatMap((option) => ['--log-opt', option])];
  await lab.docker(['run', '--rm', ...driver, ...script(format)]);

  const text = await received(`${format}-out`, `${format}-err`);

  expect(text).toMatch(new RegExp(`^daemon\\.info in-${format}\\S* \\[ ?${format}-out\\]$`, 'm'));
});

/** Writes all that comes to a server of streams into a file; `make` is an expression that takes its connections. */
async function receivingStreams(make: string, address: string, file: string): Promise<AsyncDisposable> {
  const receive = `socket => socket.on('error', () => {}).on('data', (data) => fs.appendFileSync('${file}', data))`;
  const program = `const fs = require('fs');
const read = (name) => fs.readFileSync('${lab.directory}/' + name);
(${make})(${receive}).listen(${address}, () => fs.writeFileSync('${file}', ''));`;
  return lab.serving([process.execPath, '-e', program], ['test', '-e', file]);
}

async function writtenTo(file: string, ...texts: readonly string[]): Promise<string> {
  const all = () => readFileSync(file, 'utf8');
  const seen = async () => (texts.every((text) => all().includes(text)) ? all() : undefined);
  return waitUntil(seen, { what: texts.join(', '), timeoutMs: 30_000, intervalMs: 50, lastSeen: all });
}

const drivers = (...options: readonly string[]) => [
  ...['--log-driver', 'syslog'],
  ...options.flatMap((option) => ['--log-opt', option]),
];

test('a unix stream gets one line for each', async () => {
  const file = join(lab.directory, 'from-unix');
  const path = join(lab.directory, 'stream.sock');
  await using _ = await receivingStreams("require('net').createServer", `'${path}'`, file);

  const driver = drivers(`syslog-address=unix://${path}`, 'tag=streamed');
  await lab.docker(['run', '--rm', ...driver, ...script('streamed')]);

  const text = await writtenTo(file, 'streamed-out', 'streamed-err');
  expect(text).toMatch(/^<30>\w{3} [ \d]\d [\d:]+ streamed\[\d+\]: streamed-out$/m);
  expect(text).toMatch(/^<27>\w{3} [ \d]\d [\d:]+ streamed\[\d+\]: streamed-err$/m);
});

describe('over TLS', () => {
  const file = () => join(lab.directory, 'from-tls');
  const address = 'syslog-address=tcp+tls://127.0.0.1:5516';
  const ca = () => `syslog-tls-ca-cert=${lab.directory}/ca.pem`;
  const pair = () => [
    `syslog-tls-cert=${lab.directory}/client.pem`,
    `syslog-tls-key=${lab.directory}/client-key.pem`,
  ];
  let server: AsyncDisposable;
  beforeAll(async () => {
    await makeCertificates(lab.directory);
    const options = "cert: read('server.pem'), key: read('server-key.pem'), ca: read('ca.pem')";
    const make = `(take) => require('tls').createServer({ ${options}, requestCert: true }, take)`;
    server = await receivingStreams(make, "5516, '127.0.0.1'", file());
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('every line comes, with its length where the format is that of RFC 5424', async () => {
    const plain = drivers(address, ca(), ...pair(), 'tag=plain');
    const counted = drivers(address, ca(), ...pair(), 'tag=counted', 'syslog-format=rfc5424');
    await lab.docker(['run', '--rm', ...plain, ...script('plain')]);
    await lab.docker(['run', '--rm', ...counted, ...script('counted')]);

    const text = await writtenTo(file(), 'plain-err', 'plain-out', 'counted-out', 'counted-err');

    expect(text).toMatch(/^<30>\w{3} [ \d]\d [\d:]+ plain\[\d+\]: plain-out$/m);
    const [, length, message = ''] =
      /(\d+) (<30>1 \S+ \S+ counted \d+ counted - counted-out\n)/.exec(text) ?? [];
    expect(Number(length)).toBe(Buffer.byteLength(message));
  });

  test('a server that the authority does not vouch for is refused, unless none is asked', async () => {
    const refused = await lab.docker(['run', '--rm', ...drivers(address), 'busybox', 'true']);
    const taken = drivers(address, 'syslog-tls-skip-verify=1', ...pair(), 'tag=lax');
    await lab.docker(['run', '--rm', ...taken, ...script('lax')]);

    expect(refused).toMatchObject({
      code: 125,
      stderr: expect.stringMatching(/failed to initialize logging driver: .*certificate/),
    });
    expect(await writtenTo(file(), 'lax-out')).toContain('lax-out');
  });

  test('a file that is not there is named', async () => {
    const driver = drivers(address, 'syslog-tls-ca-cert=/nosuch/ca.pem');

    expect((await lab.docker(['run', '--rm', ...driver, 'busybox', 'true'])).stderr).toContain(
      '/nosuch/ca.pem',
    );
  });
});

test('what is written while the agent is away is sent later, and nothing twice', async () => {
  const driver = [
    '--log-driver',
    'syslog',
    '--log-opt',
    'syslog-address=tcp://127.0.0.1:5515',
    '--log-opt',
    'tag=steady',
  ];
  const waits = 'echo first; while [ ! -e /go ]; do sleep 0.1; done; echo second; sleep 300';
  await lab.docker(['run', '-d', '--name', 'steady', ...driver, 'busybox', 'sh', '-c', waits]);
  await received('first]');
  const state = (await lab.docker(['inspect', '-f', '{{.State.Pid}} {{.Id}}', 'steady'])).stdout;
  const [pid, id = ''] = state.trim().split(' ');
  const shipped = join(lab.directory, 'data', 'containers', id, 'shipped');
  await waitUntil(async () => existsSync(shipped) || undefined, {
    what: shipped,
    timeoutMs: 30_000,
    intervalMs: 20,
  });

  await lab.endAgent('SIGTERM');
  writeFileSync(`/proc/${pid}/root/go`, '');
  await lab.startAgent();

  const text = await received('second]');
  expect(text.match(/\[ ?(first|second)\]/g)).toEqual(['[ first]', '[ second]']);
}, 60_000);

test.each([
  [['--log-opt', 'syslog-address=carrier://pigeon'], "unsupported scheme: 'carrier'"],
  [['--log-opt', 'syslog-facility=kitchen'], 'invalid syslog facility'],
  [['--log-opt', 'syslog-format=verse'], 'Invalid syslog format'],
  [['--log-opt', 'max-size=1m'], "unknown log opt 'max-size' for syslog log driver"],
  [
    ['--log-opt', 'syslog-address=tcp://127.0.0.1:9'],
    'failed to initialize logging driver: connect ECONNREFUSED 127.0.0.1:9',
  ],
])('syslog with %j: %s', async (options, words) => {
  const outcome = await lab.docker(['run', '--rm', '--log-driver', 'syslog', ...options, 'busybox', 'true']);

  expect(outcome).toMatchObject({ code: 125, stderr: expect.stringContaining(words) });
});

test('without its cache the log cannot be read', async () => {
  const options = ['--log-opt', 'syslog-address=udp://127.0.0.1:5514', '--log-opt', 'cache-disabled=true'];
  await lab.docker(['run', '--name', 'blind', '--log-driver', 'syslog', ...options, 'busybox', 'true']);

  expect((await lab.docker(['logs', 'blind'])).stderr).toContain(
    'configured logging driver does not support reading',
  );
});

test('journald is refused where it is not', async () => {
  expect((await lab.docker(['create', '--log-driver', 'journald', 'busybox'])).stderr).toContain(
    'journald is not enabled on this host',
  );
});
