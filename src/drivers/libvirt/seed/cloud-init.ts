import { renderTemplate } from '../../../shared/template.js';
import { userDataTogether, userDataType } from '../../user-data.js';
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
    {
      name: 'user-data',
      content:
        seed.userData === undefined ? own : userDataTogether(own, seed.userData, contentType(seed.userData)),
    },
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

/** Throws USER_DATA_UNKNOWN. */
export function contentType(userData: string): string {
  const found = userDataType(userData);
  if (found !== undefined) return found;
  throw userDataUnknown(userData.split('\n', 1)[0] ?? '');
}
