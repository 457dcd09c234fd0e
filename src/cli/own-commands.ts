import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../shared/package-root.js';
import { longestName } from './argv.js';
import { BaseCommand } from './base-command.js';
import type { CommandShape } from './command-shape.js';
import type { LeanConfig } from './lean-config.js';

interface CommandClass {
  new (argv: string[], config: LeanConfig): BaseCommand;
  id: string;
  readonly flags: CommandShape['flags'];
  readonly baseFlags: CommandShape['flags'];
}

export interface OwnCommand {
  readonly id: string;
  readonly Class: CommandClass;
  readonly shape: CommandShape;
}

/** The command that the first words name; undefined where these name a topic or nothing. */
export async function findOwnCommand(words: readonly string[]): Promise<OwnCommand | undefined> {
  for (let length = 1; length <= Math.min(words.length, longestName); length += 1) {
    const command = await ownCommand(words.slice(0, length));
    if (command) return command;
  }
  return undefined;
}

/** Its file lies where its name says: no list is needed. */
async function ownCommand(words: readonly string[]): Promise<OwnCommand | undefined> {
  if (!words.every((word) => /^[a-z][a-z-]*$/.test(word))) return undefined;
  const path = join(packageRoot(), 'dist', 'cli', 'commands', `${words.join('/')}.js`);
  if (!existsSync(path)) return undefined;
  const { default: Class }: { readonly default?: unknown } = await import(pathToFileURL(path).href);
  if (!isCommandClass(Class)) return undefined;
  const id = words.join(':');
  Class.id = id;
  return { id, Class, shape: shapeOf(Class) };
}

function isCommandClass(value: unknown): value is CommandClass {
  return typeof value === 'function' && value.prototype instanceof BaseCommand;
}

function shapeOf(Class: CommandClass): CommandShape {
  const passThrough: unknown = Reflect.get(Class, 'passThrough');
  return { flags: { ...Class.baseFlags, ...Class.flags }, passThrough: passThrough === true };
}
