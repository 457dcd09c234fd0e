import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineError } from '../../../../src/api/client/errors.js';
import { parseEnvFile, readEnvironment } from '../../../../src/cli/docker/environment.js';
import { fileUnreadable, inputNotTerminal } from '../../../../src/cli/docker/errors.js';
import { runExitStatus } from '../../../../src/cli/docker/exit-status.js';
import { humanAge, humanDuration } from '../../../../src/cli/docker/human-duration.js';
import { parseImageReference } from '../../../../src/cli/docker/image-reference.js';
import {
  parseDnsServer,
  parseExtraHost,
  parseFilters,
  parseLabels,
  parseTmpfs,
} from '../../../../src/cli/docker/key-values.js';
import { parseCpus, parseInteger, parseUlimit } from '../../../../src/cli/docker/limits.js';
import { parseTimestamp } from '../../../../src/cli/docker/timestamp.js';

describe('readEnvironment()', () => {
  it('puts files before flags and takes bare names from the environment', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'env-file-'));
    const file = join(directory, 'vars');
    await writeFile(file, '\uFEFFA=1\n# comment\n\n  B=two words # no comment\r\nHOME\nMISSING\nC=\n');
    try {
      const entries = await readEnvironment([file], ['A=3', 'HOME', 'ALSO_MISSING', 'D=x=y'], {
        HOME: '/root',
      });

      expect(entries).toEqual([
        'A=1',
        'B=two words # no comment',
        'HOME=/root',
        'C=',
        'A=3',
        'HOME=/root',
        'D=x=y',
      ]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('names the file that it cannot read', async () => {
    await expect(readEnvironment(['/no/such/file'], [], {})).rejects.toThrow(
      'open /no/such/file: no such file or directory',
    );
  });

  it.each(['', '=value'])('refuses the flag "%s"', async (flag) => {
    await expect(readEnvironment([], [flag], {})).rejects.toMatchObject({ code: 'FLAG_INVALID' });
  });
});

describe('parseEnvFile()', () => {
  it.each(['A B=1', '=1'])('refuses the line "%s"', (line) => {
    expect(() => parseEnvFile('vars', line, {})).toThrow(
      expect.objectContaining({ code: 'ENV_FILE_INVALID' }),
    );
  });
});

describe('limits', () => {
  it.each([
    ['1', 1_000_000_000],
    ['1.5', 1_500_000_000],
    ['.25', 250_000_000],
    ['0.000000001', 1],
  ])('parseCpus() reads "%s"', (text, nanoseconds) => {
    expect(parseCpus(text)).toBe(nanoseconds);
  });

  it.each(['', '.', 'two', '-1', '1e3', '0.0000000001'])('parseCpus() refuses "%s"', (text) => {
    expect(() => parseCpus(text)).toThrow('--cpus');
  });

  it('parseUlimit() takes the soft limit for the hard one', () => {
    expect(parseUlimit('nofile=1024')).toEqual({ Name: 'nofile', Soft: 1024, Hard: 1024 });
    expect(parseUlimit('nofile=1024:-1')).toEqual({ Name: 'nofile', Soft: 1024, Hard: -1 });
  });

  it.each(['nofile', 'files=1', 'nofile=2:1', 'nofile=-1:5', 'nofile=x'])(
    'parseUlimit() refuses "%s"',
    (text) => {
      expect(() => parseUlimit(text)).toThrow('--ulimit');
    },
  );

  it('parseInteger() reads -1 and refuses fractions', () => {
    expect(parseInteger('--pids-limit', '-1')).toBe(-1);
    expect(() => parseInteger('--pids-limit', '1.5')).toThrow('invalid value "1.5" for --pids-limit');
  });
});

describe('keys and values', () => {
  it('parseLabels() takes a bare key and the last of two', () => {
    expect(parseLabels(['a', 'b=1', 'b=2=3'])).toEqual({ a: '', b: '2=3' });
  });

  it('parseFilters() gathers values by key', () => {
    expect(parseFilters(['status=exited', 'Status=created', 'label=a=b'])).toEqual({
      status: ['exited', 'created'],
      label: ['a=b'],
    });
    expect(() => parseFilters(['exited'])).toThrow('write KEY=VALUE');
  });

  it('parseExtraHost() reads both separators and IPv6', () => {
    expect(['a:1.2.3.4', 'a=::1', 'a=[::1]', 'a:host-gateway'].map(parseExtraHost)).toEqual([
      'a:1.2.3.4',
      'a:::1',
      'a:::1',
      'a:host-gateway',
    ]);
    expect(() => parseExtraHost('a:b')).toThrow('"b" is no IP address');
  });

  it('parseDnsServer() refuses names', () => {
    expect(parseDnsServer('8.8.8.8')).toBe('8.8.8.8');
    expect(() => parseDnsServer('dns.example')).toThrow('--dns');
  });

  it('parseTmpfs() parts options from the path', () => {
    expect(parseTmpfs(['/run', '/tmp:size=1m,mode=1777'])).toEqual({
      '/run': '',
      '/tmp': 'size=1m,mode=1777',
    });
  });
});

describe('humanDuration()', () => {
  const second = 1000;
  const hour = 3600 * second;
  const day = 24 * hour;

  it.each([
    [999, 'Less than a second'],
    [second, '1 second'],
    [59 * second, '59 seconds'],
    [60 * second, 'About a minute'],
    [119 * second, 'About a minute'],
    [59 * 60 * second, '59 minutes'],
    [hour, 'About an hour'],
    [89 * 60 * second, 'About an hour'],
    [90 * 60 * second, '2 hours'],
    [47 * hour, '47 hours'],
    [2 * day, '2 days'],
    [14 * day, '2 weeks'],
    [60 * day, '2 months'],
    [729 * day, '24 months'],
    [730 * day, '2 years'],
  ])('calls %d ms "%s"', (milliseconds, words) => {
    expect(humanDuration(milliseconds)).toBe(words);
  });

  it('is followed by "ago" in humanAge()', () => {
    expect(humanAge(100, 280_000)).toBe('3 minutes ago');
  });
});

describe('parseTimestamp()', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');

  it.each([
    ['1136073845', '1136073845'],
    ['1136073845.000000001', '1136073845.000000001'],
    ['10m', '1767311400.000000000'],
    ['1h30m', '1767306600.000000000'],
    ['2026-01-01T00:00:00Z', '1767225600.000000000'],
    ['2026-01-01T00:00:00.123456789Z', '1767225600.123456789'],
    ['2026-01-01T02:00:00+02:00', '1767225600.000000000'],
  ])('reads "%s"', (text, seconds) => {
    expect(parseTimestamp('--since', text, now)).toBe(seconds);
  });

  it('takes a date without a zone as local', () => {
    const local = new Date(2026, 0, 1).getTime() / 1000;
    expect(parseTimestamp('--since', '2026-01-01', now)).toBe(`${local}.000000000`);
  });

  it.each(['', 'yesterday', '2026-13-01', '10 m', 'm'])('refuses "%s"', (text) => {
    expect(() => parseTimestamp('--until', text, now)).toThrow('"until"');
  });
});

describe('parseImageReference()', () => {
  const digest = `sha256:${'a'.repeat(64)}`;

  it.each([
    ['alpine', 'alpine', 'latest', 'docker.io/library/alpine:latest'],
    ['team/app:1', 'team/app', '1', 'docker.io/team/app:1'],
    ['localhost:5000/app', 'localhost:5000/app', 'latest', 'localhost:5000/app:latest'],
    ['ghcr.io/a/b:c', 'ghcr.io/a/b', 'c', 'ghcr.io/a/b:c'],
    [`alpine@${digest}`, 'alpine', digest, `docker.io/library/alpine@${digest}`],
  ])('reads "%s"', (text, name, tag, canonical) => {
    expect(parseImageReference(text)).toMatchObject({ name, tag, canonical });
  });

  it('keeps the short name for people', () => {
    expect(parseImageReference('docker.io/library/alpine').familiar).toBe('alpine:latest');
  });
});

describe('runExitStatus()', () => {
  it.each([
    ['exec: "x": executable file not found in $PATH: unknown', 127],
    ['stat /x: no such file or directory', 127],
    ['exec: "/etc": is a directory: permission denied', 126],
    ['exec /x: permission denied', 126],
    ['Conflict. The container name "/x" is already in use', 125],
  ])('maps "%s"', (message, status) => {
    expect(runExitStatus(engineError(500, message))).toBe(status);
  });

  it('does not take our own missing file for a missing command', () => {
    expect(runExitStatus(fileUnreadable('vars', new Error('ENOENT: no such file or directory')))).toBe(125);
    expect(runExitStatus(inputNotTerminal())).toBe(1);
  });
});
