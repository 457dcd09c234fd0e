import { closeSync, constants, lchownSync, mkdirSync, openSync, statSync } from 'node:fs';
import { systemErrorCode } from '../../shared/errors.js';
import { check, declare, MNT, MS, mount, unmount } from './libc.js';
import { descriptorPath, O_PATH, openInRoot } from './rooted-open.js';
import { cString } from './system-error.js';

export interface TreeMount {
  /** A directory or a file of this host. */
  readonly source: string;
  /** Absolute, in the tree. Made when it is not there. */
  readonly destination: string;
  readonly readonly: boolean;
  readonly recursive: boolean;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Opens the tree that a directory would be with other directories mounted in it. The answer is the caller's to
 * close, with which the tree is gone; outside of it nothing is mounted afterwards. `scratch` is an empty directory
 * of this process. Mounts are in order, parents first; mount points that are made belong to `owner`. Needs Linux 5.6.
 */
export function openMountedTree(
  scratch: string,
  root: string,
  mounts: readonly TreeMount[],
  owner: Owner = { uid: 0, gid: 0 },
): number {
  // A mount of its own, private: what is mounted below does not reach other namespaces.
  mount(scratch, scratch, '', MS.BIND);
  try {
    mount('', scratch, '', MS.PRIVATE);
    mount(root, scratch, '', MS.BIND);
    mount('', scratch, '', MS.PRIVATE);
    for (const each of mounts) mountInTree(scratch, each, owner);
    return check(
      openTree(SYS_open_tree, AT_FDCWD, cString(scratch), CLONE_RECURSIVELY),
      'open_tree',
      scratch,
    );
  } finally {
    unmount(scratch, MNT.DETACH); // the uppermost, with what is mounted in it
    unmount(scratch, MNT.DETACH);
  }
}

function mountInTree(
  scratch: string,
  { source, destination, readonly, recursive }: TreeMount,
  owner: Owner,
): void {
  const root = openSync(scratch, O_PATH | constants.O_DIRECTORY);
  try {
    const target = openMountPoint(root, destination, statSync(source).isDirectory(), owner);
    try {
      const path = descriptorPath(target);
      mount(source, path, '', MS.BIND | (recursive ? MS.REC : 0));
    } finally {
      closeSync(target);
    }
    if (readonly) makeReadonly(root, destination);
  } finally {
    closeSync(root);
  }
}

function makeReadonly(root: number, destination: string): void {
  const mounted = openInRoot(root, destination, O_PATH); // now what is mounted there
  try {
    mount('', descriptorPath(mounted), '', MS.REMOUNT | MS.BIND | MS.RDONLY);
  } finally {
    closeSync(mounted);
  }
}

function openMountPoint(root: number, path: string, isDirectory: boolean, owner: Owner): number {
  try {
    return openInRoot(root, path, O_PATH);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
  const slash = path.lastIndexOf('/');
  const parent = openMountPoint(root, path.slice(0, slash) || '/', true, owner);
  try {
    const name = path.slice(slash + 1);
    if (isDirectory) mkdirSync(`${descriptorPath(parent)}/${name}`, 0o755);
    else closeSync(openInRoot(parent, name, constants.O_CREAT | constants.O_WRONLY, 0o755));
    lchownSync(`${descriptorPath(parent)}/${name}`, owner.uid, owner.gid);
  } finally {
    closeSync(parent);
  }
  return openInRoot(root, path, O_PATH);
}

const AT_FDCWD = -100;
const SYS_open_tree = 428;
/** OPEN_TREE_CLONE, AT_RECURSIVE, OPEN_TREE_CLOEXEC. */
const CLONE_RECURSIVELY = 0x1 | 0x8000 | 0o2000000;

const openTree = declare('long syscall(long number, long directory, void *path, unsigned int flags)');
