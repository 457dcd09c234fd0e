import { Certificates } from '../../../src/machine/certificates.js';
import { FileMachineStore } from '../../../src/machine/store/file-machine-store.js';
import { certificatesDirectory } from '../../../src/machine/store/storage.js';
import { newOwnerTag } from '../../../src/machine/store/store-identity.js';

/**
 * All of `create` that touches the store, and no host: STORAGE NAME. A program of its own, since processes are what
 * the store must keep apart.
 */
const [storage = '', name = ''] = process.argv.slice(2);
const store = new FileMachineStore(storage);
const certificates = new Certificates(
  certificatesDirectory(storage),
  () => import('../../../src/pki/authority.js'),
);
await using _lock = await store.lock(name);
const ownerTag = await newOwnerTag(storage, name);
const driver = { name: 'none', options: {}, instance: {} };
const engine = { port: 2376, labels: [], insecureRegistries: [], registryMirrors: [], tlsSans: [] };
await store.save({
  schemaVersion: 1,
  name,
  createdAt: new Date().toISOString(),
  ownerTag,
  phase: 'creating',
  driver,
  engine,
});
const material = await certificates.ensure();
await certificates.installInto(store.directory(name), material);
await certificates.serverPair(store.directory(name), name, [name, '127.0.0.1'], material);
