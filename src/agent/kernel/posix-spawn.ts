import { addressOf, check, declare, type NativeCall } from './libc.js';
import { cString, systemError } from './system-error.js';

export interface SpawnRequest {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** What the program has as 0, 1, 2 …; null is /dev/null. The numbers are above those that they become. */
  readonly descriptors: readonly (number | null)[];
  readonly cwd?: string | undefined;
  /** The leader of a session of its own. */
  readonly newSession: boolean;
}

/**
 * Starts a program, found through PATH, as posix_spawnp(3) does it: without a copy of this process's memory, which
 * the program would throw away at once. Node copies it, and waits for that: 1 to 4 ms for 60 MB. Answers the pid of a
 * child that nobody but the caller waits for. Throws ENOENT, EACCES …
 */
export function posixSpawn({ argv, env, descriptors, cwd, newSession }: SpawnRequest): number {
  const [file = ''] = argv;
  const actions = Buffer.alloc(ROOM);
  succeed(native.initActions(actions), 'posix_spawn_file_actions_init');
  try {
    if (cwd !== undefined) succeed(native.addChdir(actions, cString(cwd)), 'chdir');
    for (const [target, source] of descriptors.entries()) redirect(actions, source, target);
    const pid = Buffer.alloc(4);
    const number = native.spawn(
      ...[pid, cString(file), actions, attributesOf(newSession), pointers(argv), pointers(variablesOf(env))],
    );
    if (number !== 0) throw systemError('spawn', number, file);
    return pid.readInt32LE(0);
  } finally {
    native.destroyActions(actions);
  }
}

/**
 * The exit code of a child of `posixSpawn`, for which it waits; undefined when a signal ended it. Afterwards the pid may
 * be another's.
 */
export function reap(pid: number): number | undefined {
  const status = Buffer.alloc(4);
  check(native.waitpid(pid, status, 0), 'waitpid');
  const word = status.readInt32LE(0);
  return (word & 0x7f) === 0 ? (word >> 8) & 0xff : undefined;
}

function redirect(actions: Buffer, source: number | null, target: number): void {
  if (source === null) {
    succeed(native.addOpen(actions, target, cString('/dev/null'), O_RDWR, 0), 'open');
  } else {
    succeed(native.addDup2(actions, source, target), 'dup2');
  }
}

function variablesOf(env: NodeJS.ProcessEnv): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

/** char *[] with the texts behind it. */
function pointers(texts: readonly string[]): Buffer {
  const bytes = texts.map(cString);
  const head = 8 * (bytes.length + 1);
  const all = Buffer.concat([Buffer.alloc(head), ...bytes]);
  let offset = head;
  for (const [index, text] of bytes.entries()) {
    all.writeBigUInt64LE(addressOf(all) + BigInt(offset), 8 * index);
    offset += text.length;
  }
  return all;
}

/**
 * No signal blocked, none ignored: Node ignores SIGPIPE, and glibc would leave its own two ignored. Made once for each
 * of the two kinds.
 */
function attributesOf(newSession: boolean): Buffer {
  const known = attributes.get(newSession);
  if (known) return known;
  const made = Buffer.alloc(ROOM);
  const flags = SETSIGDEF | SETSIGMASK | (newSession ? SETSID : 0);
  succeed(native.initAttributes(made), 'posix_spawnattr_init');
  succeed(native.setDefault(made, Buffer.alloc(SIGSET_SIZE, 0xff)), 'posix_spawnattr_setsigdefault');
  succeed(native.setMask(made, Buffer.alloc(SIGSET_SIZE)), 'posix_spawnattr_setsigmask');
  succeed(native.setFlags(made, flags), 'posix_spawnattr_setflags');
  attributes.set(newSession, made);
  return made;
}

const attributes = new Map<boolean, Buffer>();

/** These functions answer the error's number. */
function succeed(number: number, syscall: string): void {
  if (number !== 0) throw systemError(syscall, number);
}

/** More than glibc's (336 and 80 bytes) and musl's structures have. */
const ROOM = 512;
const SIGSET_SIZE = 128;
const O_RDWR = 2;
const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;

const native = {
  spawn: declare(
    'int posix_spawnp(void *pid, void *file, void *actions, void *attributes, void *argv, void *env)',
  ),
  waitpid: declare('int waitpid(int pid, void *status, int options)'),
  initActions: declare('int posix_spawn_file_actions_init(void *actions)'),
  destroyActions: declare('int posix_spawn_file_actions_destroy(void *actions)'),
  addDup2: declare('int posix_spawn_file_actions_adddup2(void *actions, int fd, int target)'),
  addOpen: declare(
    'int posix_spawn_file_actions_addopen(void *actions, int fd, void *path, int flags, unsigned int mode)',
  ),
  addChdir: declare('int posix_spawn_file_actions_addchdir_np(void *actions, void *path)'),
  initAttributes: declare('int posix_spawnattr_init(void *attributes)'),
  setFlags: declare('int posix_spawnattr_setflags(void *attributes, short flags)'),
  setDefault: declare('int posix_spawnattr_setsigdefault(void *attributes, void *signals)'),
  setMask: declare('int posix_spawnattr_setsigmask(void *attributes, void *signals)'),
} satisfies Record<string, NativeCall>;
