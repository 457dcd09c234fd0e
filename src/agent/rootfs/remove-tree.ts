import { closeSync, constants, openSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { systemErrorCode } from '../../shared/errors.js';
import { type ByteString, byteStringPath } from '../../shared/tar/tar-entry.js';
import { descriptorPath } from '../kernel/rooted-open.js';

/**
 * Removes a name in a directory with all below it. node:fs's `rm` looks names up by whole paths: a process that
 * puts a link in place of a directory meanwhile would lead it elsewhere.
 */
export function removeTree(directory: number, name: ByteString): void {
  const path = byteStringPath(`${descriptorPath(directory)}/${name}`);
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    if (!NO_DIRECTORY.has(systemErrorCode(error) ?? '')) throw error;
    unlinkSync(path);
    return;
  }
  try {
    for (const child of readdirSync(`${descriptorPath(fd)}/.`, { encoding: 'latin1' })) removeTree(fd, child);
  } finally {
    closeSync(fd);
  }
  rmdirSync(path);
}

/** A link is ELOOP with O_NOFOLLOW, and ENOTDIR with O_DIRECTORY beside it. */
const NO_DIRECTORY: ReadonlySet<string> = new Set(['ENOTDIR', 'ELOOP']);
