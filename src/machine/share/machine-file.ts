import { open } from 'node:fs/promises';
import { isJsonObject } from '../../shared/json.js';
import { readTar } from '../../shared/tar/read-tar.js';
import { tarEnd, tarFile } from '../../shared/tar/tar-writer.js';
import { type MachineRecord, parseRecord } from '../store/record.js';
import { machineFileInvalid } from './errors.js';

/** What `export` writes: a machine as somebody else may use it. PEM and OpenSSH texts. */
export interface MachineFile {
  readonly record: MachineRecord;
  /** Of the engine's server certificate; never with its key. */
  readonly authority: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  readonly sshKey: string;
}

const recordName = 'machine.json';
const texts = {
  authority: 'ca.pem',
  clientCertificate: 'cert.pem',
  clientKey: 'key.pem',
  sshKey: 'id_ed25519',
} as const;
/** A record and four keys take a few kilobytes. */
const largest = 1 << 20;

/** Mode 0600; fails with EEXIST where there is a file. */
export async function writeMachineFile(path: string, content: MachineFile): Promise<void> {
  const entry = (name: string, text: string) =>
    tarFile({ type: 'file', name, mode: 0o600 }, Buffer.from(text));
  const keys = (Object.keys(texts) as (keyof typeof texts)[]).map((key) => entry(texts[key], content[key]));
  const record = entry(recordName, `${JSON.stringify(content.record, null, 2)}\n`);
  await using file = await open(path, 'wx', 0o600);
  await file.chmod(0o600);
  await file.writeFile(Buffer.concat([record, ...keys, tarEnd]));
  await file.sync();
}

/** Throws MACHINE_FILE_INVALID, STORE_VERSION_TOO_NEW. */
export async function readMachineFile(path: string): Promise<MachineFile> {
  const entries = await readEntries(path);
  const text = (name: string): string => {
    const content = entries.get(name);
    if (content === undefined) throw machineFileInvalid(path, `it has no ${name}`);
    return content;
  };
  return {
    record: recordFrom(path, text(recordName)),
    authority: text(texts.authority),
    clientCertificate: text(texts.clientCertificate),
    clientKey: text(texts.clientKey),
    sshKey: text(texts.sshKey),
  };
}

/** Entries are told apart by name only: nothing is ever unpacked where the archive says. */
async function readEntries(path: string): Promise<ReadonlyMap<string, string>> {
  const entries = new Map<string, string>();
  let name = '';
  let pieces: Buffer[] = [];
  let total = 0;
  const handler = {
    begin: (entry: { readonly name: string }) => {
      name = entry.name;
      pieces = [];
    },
    data: (chunk: Buffer) => {
      total += chunk.length;
      if (total > largest) throw machineFileInvalid(path, 'it is too large');
      pieces.push(Buffer.from(chunk));
    },
    end: () => void entries.set(name, Buffer.concat(pieces).toString()),
  };
  await using file = await open(path, 'r');
  await readTar(file.createReadStream({ autoClose: false }), handler).catch((cause) => {
    throw machineFileInvalid(path, 'it is no archive of a machine', cause);
  });
  return entries;
}

function recordFrom(path: string, text: string): MachineRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw machineFileInvalid(path, `its ${recordName} is damaged`, cause);
  }
  const name = isJsonObject(value) ? value['name'] : undefined;
  if (typeof name !== 'string') throw machineFileInvalid(path, `its ${recordName} has no name`);
  return parseRecord(name, value);
}
