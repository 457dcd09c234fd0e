import type { ContainerSummary, ImageSummary } from '../../../../src/api/client/types.js';
import type { NetworkResource } from '../../../../src/api/network.js';
import {
  containerHeaders,
  containerRow,
  containerTable,
  portsText,
} from '../../../../src/cli/docker/container-rows.js';
import { imageHeaders, imageRows, imageTable } from '../../../../src/cli/docker/image-rows.js';
import { networkRow } from '../../../../src/cli/docker/network-rows.js';
import { formatRows } from '../../../../src/cli/format-template.js';

const now = Date.parse('2026-01-02T00:00:00Z');
const id = 'ab12'.repeat(16);

const container: ContainerSummary = {
  Id: id,
  Names: ['/web', '/other/alias'],
  Image: 'nginx',
  ImageID: `sha256:${'cd34'.repeat(16)}`,
  Command: `nginx -g "daemon off;"`,
  Created: now / 1000 - 180,
  State: 'running',
  Status: 'Up 3 minutes',
  Ports: [
    { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
  ],
  Labels: { a: '1', b: '2' },
};

const image: ImageSummary = {
  Id: `sha256:${'ef56'.repeat(16)}`,
  RepoTags: ['busybox:latest', 'localhost:5000/busybox:1'],
  RepoDigests: ['busybox@sha256:1'],
  Created: now / 1000 - 3 * 7 * 24 * 3600,
  Size: 4_261_550,
};

describe('containerRow()', () => {
  it('makes the table that docker prints', () => {
    const rows = [containerRow(container, { noTruncation: false, now })];

    const table = formatRows(containerTable, rows, { headers: containerHeaders, minimumWidth: 10 });

    expect(table).toBe(
      [
        'CONTAINER ID   IMAGE     COMMAND                   CREATED         STATUS         PORTS                                     NAMES',
        String.raw`ab12ab12ab12   nginx     "nginx -g \"daemon of…"   3 minutes ago   Up 3 minutes   0.0.0.0:8080->80/tcp, [::]:8080->80/tcp   web`,
        '',
      ].join('\n'),
    );
  });

  it('shows whole IDs, commands and links when asked to', () => {
    const row = containerRow(container, { noTruncation: true, now });

    expect(row).toMatchObject({
      ID: id,
      Command: String.raw`"nginx -g \"daemon off;\""`,
      Names: 'web,other/alias',
    });
  });

  it('shortens an image that is only known by its ID', () => {
    const unnamed = { ...container, Image: container.ImageID };

    expect(containerRow(unnamed, { noTruncation: false, now }).Image).toBe('cd34cd34cd34');
    expect(containerRow(unnamed, { noTruncation: true, now }).Image).toBe(container.ImageID);
  });

  it('bears the nulls of an engine', () => {
    const bare = { ...container, Names: null, Ports: null, Labels: null, Mounts: null };

    expect(containerRow(bare, { noTruncation: false, now })).toMatchObject({
      Names: '',
      Ports: '',
      Labels: '',
    });
  });
});

describe('portsText()', () => {
  const port = (PrivatePort: number, PublicPort?: number, IP?: string, Type = 'tcp') => ({
    PrivatePort,
    Type,
    ...(PublicPort !== undefined && { PublicPort }),
    ...(IP !== undefined && { IP }),
  });

  it.each([
    [[port(9988, undefined, undefined, 'udp')], '9988/udp'],
    [[port(9988), port(9989), port(9990)], '9988-9990/tcp'],
    [[port(80, 80, '0.0.0.0'), port(81, 81, '0.0.0.0')], '0.0.0.0:80-81->80-81/tcp'],
    [[port(6666, 8899, '4.3.2.1'), port(9988)], '9988/tcp, 4.3.2.1:8899->6666/tcp'],
    [[port(80, 8080, '::')], '[::]:8080->80/tcp'],
    [[port(2), port(1), port(4)], '1-2/tcp, 4/tcp'],
    [[], ''],
  ])('joins %j', (ports, text) => {
    expect(portsText(ports)).toBe(text);
  });
});

describe('imageRows()', () => {
  it('makes a row for each tag, as docker does', () => {
    const rows = imageRows(image, { noTruncation: false, digests: false, now });

    const table = formatRows(imageTable({ digests: false }), rows, {
      headers: imageHeaders,
      minimumWidth: 10,
    });

    expect(table).toBe(
      [
        'REPOSITORY               TAG       IMAGE ID       CREATED       SIZE',
        'busybox                  latest    ef56ef56ef56   3 weeks ago   4.26MB',
        'localhost:5000/busybox   1         ef56ef56ef56   3 weeks ago   4.26MB',
        '',
      ].join('\n'),
    );
  });

  it('shows digests beside their own repository only', () => {
    const rows = imageRows(image, { noTruncation: false, digests: true, now });

    expect(rows.map(({ Repository, Digest }) => [Repository, Digest])).toEqual([
      ['busybox', 'sha256:1'],
      ['localhost:5000/busybox', '<none>'],
    ]);
  });

  it.each([
    [{ RepoTags: [], RepoDigests: [] }, '<none>', '<none>'],
    [{ RepoTags: null, RepoDigests: null }, '<none>', '<none>'],
    [{ RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] }, '<none>', '<none>'],
    [{ RepoTags: [], RepoDigests: ['busybox@sha256:1'] }, 'busybox', '<none>'],
  ])('shows <none> for what %j has not', (names, repository, tag) => {
    const rows = imageRows({ ...image, ...names }, { noTruncation: false, digests: false, now });

    expect(rows).toMatchObject([{ Repository: repository, Tag: tag }]);
  });
});

test.each([
  ['2026-01-02T03:04:05.190Z', '2026-01-02 03:04:05.19 +0000 UTC'],
  ['2026-01-02T03:04:50.000000000Z', '2026-01-02 03:04:50 +0000 UTC'],
  ['2026-01-02T03:04:50Z', '2026-01-02 03:04:50 +0000 UTC'],
  ['2026-01-02T03:04:05.123456789Z', '2026-01-02 03:04:05.123456789 +0000 UTC'],
])('the time %s of a network is printed as Go prints it', (Created, text) => {
  const network = { ...{ Name: 'a', Id: id, Scope: 'local', Driver: 'bridge' }, Created, Internal: false };

  expect(networkRow(network as NetworkResource, { noTruncation: false }).CreatedAt).toBe(text);
});
