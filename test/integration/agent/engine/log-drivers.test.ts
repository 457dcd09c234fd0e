import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../../../src/shared/wait-until.js';
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
