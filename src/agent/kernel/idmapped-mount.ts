import { closeSync } from 'node:fs';
import { check, declare } from './libc.js';
import { cString } from './system-error.js';

/**
 * Mounts a directory once more at `target`, without what is mounted in it: there its files belong to whom the user
 * namespace says. Throws EINVAL where the file system cannot, ENOSYS before Linux 5.12.
 */
export function mountIdMapped(source: string, target: string, userNamespace: number): void {
  const flags = OPEN_TREE_CLONE | O_CLOEXEC;
  const tree = check(openTree(SYS_open_tree, AT_FDCWD, cString(source), flags), 'open_tree', source);
  try {
    const attributes = Buffer.alloc(32); // struct mount_attr
    attributes.writeBigUInt64LE(MOUNT_ATTR_IDMAP, 0);
    attributes.writeBigUInt64LE(MS_PRIVATE, 16);
    attributes.writeBigUInt64LE(BigInt(userNamespace), 24);
    const empty = cString('');
    check(
      setAttributes(SYS_mount_setattr, tree, empty, AT_EMPTY_PATH, attributes, attributes.length),
      'mount_setattr',
      source,
    );
    check(
      moveMount(SYS_move_mount, tree, empty, AT_FDCWD, cString(target), MOVE_MOUNT_F_EMPTY_PATH),
      'move_mount',
      target,
    );
  } finally {
    closeSync(tree);
  }
}

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const OPEN_TREE_CLONE = 1;
const O_CLOEXEC = 0o2000000;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const MOUNT_ATTR_IDMAP = 0x100000n;
const MS_PRIVATE = 0x40000n;
const SYS_open_tree = 428;
const SYS_move_mount = 429;
const SYS_mount_setattr = 442;

const openTree = declare('long syscall(long number, long directory, void *path, unsigned int flags)');
const setAttributes = declare(
  'long syscall(long number, long fd, void *path, unsigned int flags, void *attributes, size_t size)',
);
const moveMount = declare(
  'long syscall(long number, long from, void *fromPath, long to, void *toPath, unsigned int flags)',
);
