import { readFile } from 'node:fs/promises';
import { systemErrorCode } from '../../shared/errors.js';
import { resolveInRoot } from '../kernel/rooted-path.js';
import { groupNotFound, idOutOfRange, userNotFound } from './errors.js';

export interface ExecUser {
  readonly uid: number;
  readonly gid: number;
  /** From /etc/group, where the user is named and no group was given. */
  readonly supplementaryGids: readonly number[];
  readonly home: string;
}

/**
 * Resolves Docker's `User` ("", "1000", "nobody", "1000:100", "name:group") against the files of a root file
 * system, by the rules of moby's sys/user (GetExecUser). Throws USER_NOT_FOUND, GROUP_NOT_FOUND, ID_OUT_OF_RANGE.
 */
export async function lookupUser(rootfs: string, user: string): Promise<ExecUser> {
  const [userName = '', groupName = ''] = user.split(':', 2);
  const [users, groups] = await Promise.all([passwdEntries(rootfs), groupEntries(rootfs)]);
  const entry = users.find(matchesUser(userName));
  if (!entry && userName !== '' && !isNumber(userName)) throw userNotFound(userName);
  return {
    uid: entry?.uid ?? checkedId(userName),
    gid: groupName === '' ? (entry?.gid ?? 0) : groupId(groups, groupName),
    supplementaryGids: entry && groupName === '' ? memberships(groups, entry.name) : [],
    home: entry?.home || '/',
  };
}

/** Docker's `GroupAdd`: names and numbers → ids. Throws GROUP_NOT_FOUND, ID_OUT_OF_RANGE. */
export async function lookupGroups(rootfs: string, names: readonly string[]): Promise<number[]> {
  if (names.length === 0) return [];
  const groups = await groupEntries(rootfs);
  return names.map((name) => groupId(groups, name));
}

interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

function matchesUser(name: string): (entry: PasswdEntry) => boolean {
  if (name === '') return (entry) => entry.uid === 0;
  if (isNumber(name)) return (entry) => entry.uid === Number(name);
  return (entry) => entry.name === name;
}

function groupId(groups: readonly GroupEntry[], name: string): number {
  if (isNumber(name)) return checkedId(name);
  const group = groups.find((entry) => entry.name === name);
  if (!group) throw groupNotFound(name);
  return group.gid;
}

function memberships(groups: readonly GroupEntry[], user: string): number[] {
  return groups.filter(({ members }) => members.includes(user)).map(({ gid }) => gid);
}

async function passwdEntries(rootfs: string): Promise<PasswdEntry[]> {
  return (await fieldsOf(rootfs, '/etc/passwd')).map(([name = '', , uid, gid, , home = '']) => ({
    name,
    uid: Number(uid ?? 0),
    gid: Number(gid ?? 0),
    home,
  }));
}

async function groupEntries(rootfs: string): Promise<GroupEntry[]> {
  return (await fieldsOf(rootfs, '/etc/group')).map(([name = '', , gid, members = '']) => ({
    name,
    gid: Number(gid ?? 0),
    members: members.split(',').filter(Boolean),
  }));
}

/** Empty when the image has no such file. */
async function fieldsOf(rootfs: string, path: string): Promise<string[][]> {
  const text = await readFile(await resolveInRoot(rootfs, path), 'utf8').catch((error) => {
    if (ABSENT.has(systemErrorCode(error) ?? '')) return '';
    throw error;
  });
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(':'));
}

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

function isNumber(text: string): boolean {
  return /^-?\d+$/.test(text);
}

function checkedId(text: string): number {
  const id = Number(text === '' ? 0 : text);
  if (id < 0 || id > 2 ** 31 - 1) throw idOutOfRange();
  return id;
}
