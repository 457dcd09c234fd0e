import { renderTemplate } from '../../../shared/template.js';
import { userDataUnknown } from '../errors.js';
import { isoImage, type SeedFile } from './iso9660.js';

/** What a guest is told at its first boot. */
export interface Seed {
  /** cloud-init does its work once per instance. */
  readonly instanceId: string;
  readonly hostname: string;
  readonly user: string;
  readonly authorizedKey: string;
  readonly hostPrivateKey: string;
  readonly hostPublicKey: string;
  /** The user's own user data, in any of cloud-init's formats. */
  readonly userData: string | undefined;
}

/** A disk that cloud-init's NoCloud finds by its label. Throws USER_DATA_UNKNOWN. */
export async function seedImage(seed: Seed): Promise<Buffer> {
  return isoImage('cidata', await seedFiles(seed));
}

export async function seedFiles(seed: Seed): Promise<readonly SeedFile[]> {
  const own = await ownUserData(seed);
  const metaData = await renderTemplate('libvirt/meta-data', {
    instanceId: quoted(seed.instanceId),
    hostname: quoted(seed.hostname),
  });
  return [
    { name: 'meta-data', content: metaData },
    { name: 'user-data', content: seed.userData === undefined ? own : together(own, seed.userData) },
  ];
}

async function ownUserData(seed: Seed): Promise<string> {
  return renderTemplate('libvirt/user-data', {
    user: quoted(seed.user),
    authorizedKey: quoted(seed.authorizedKey),
    disableRoot: String(seed.user !== 'root'),
    hostPrivateKey: seed.hostPrivateKey.trimEnd().replaceAll(/^/gm, '    '),
    hostPublicKey: quoted(seed.hostPublicKey),
  });
}

/** YAML reads every JSON string. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

const boundary = 'tsmachine-user-data-part';

/**
 * Both as parts of one message: cloud-init merges them so that lists grow and what is ours stays, or the machine
 * could not be logged in to. https://docs.cloud-init.io/en/latest/reference/merging.html
 */
function together(own: string, others: string): string {
  const merge = 'Merge-Type: list(append)+dict(no_replace,recurse_list)+str()\n';
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n`,
    `--${boundary}\nContent-Type: text/cloud-config; charset="utf-8"\n\n${own}`,
    `--${boundary}\nContent-Type: ${contentType(others)}; charset="utf-8"\n${merge}\n${others.trimEnd()}\n`,
    `--${boundary}--\n`,
  ].join('\n');
}

const contentTypes: readonly (readonly [start: string, type: string])[] = [
  ['#cloud-config', 'text/cloud-config'],
  ['#!', 'text/x-shellscript'],
  ['#include', 'text/x-include-url'],
  ['#cloud-boothook', 'text/cloud-boothook'],
  ['## template: jinja', 'text/jinja2'],
];

export function contentType(userData: string): string {
  const found = contentTypes.find(([start]) => userData.startsWith(start));
  if (found) return found[1];
  throw userDataUnknown(userData.split('\n', 1)[0] ?? '');
}
