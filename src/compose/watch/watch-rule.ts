import { isAbsolute, posix, relative, sep } from 'node:path';
import type { IgnoreRules } from '../../build/ignore-rules.js';
import type { WatchTrigger } from '../model/service.js';

/** Rules whose paths are relative to a directory. */
export interface RootedRules {
  readonly root: string;
  readonly rules: IgnoreRules;
}

export interface WatchRuleOptions {
  readonly service: string;
  readonly trigger: WatchTrigger;
  readonly ignored: readonly RootedRules[];
  /** Undefined: everything. */
  readonly included: RootedRules | undefined;
}

/** One entry of a service's `develop.watch`: which files concern it, and where they are in the container. */
export class WatchRule {
  readonly service: string;
  readonly trigger: WatchTrigger;
  readonly #ignored: readonly RootedRules[];
  readonly #included: RootedRules | undefined;

  constructor({ service, trigger, ignored, included }: WatchRuleOptions) {
    this.service = service;
    this.trigger = trigger;
    this.#ignored = ignored;
    this.#included = included;
  }

  matches(path: string): boolean {
    if (pathBelow(this.trigger.path, path) === undefined) return false;
    if (this.#included && path !== this.trigger.path && !covers(this.#included, path)) return false;
    return !this.#ignored.some((rules) => covers(rules, path));
  }

  /** Where a path that matches is in the container. */
  targetOf(path: string): string {
    return posix.join('/', this.trigger.target ?? '', pathBelow(this.trigger.path, path) ?? '');
  }

  /** Whether neither this path nor anything below it can match, so that nobody needs to look. */
  isBlindTo(path: string): boolean {
    if (pathBelow(path, this.trigger.path) !== undefined) return false;
    if (pathBelow(this.trigger.path, path) === undefined) return true;
    return this.#ignored.some(
      (rooted) => covers(rooted, path) && !rooted.rules.mayKeepBelow(pathBelow(rooted.root, path) ?? ''),
    );
  }
}

function covers({ root, rules }: RootedRules, path: string): boolean {
  const inside = pathBelow(root, path);
  return inside !== undefined && inside !== '' && rules.ignores(inside);
}

/** The path relative to a directory, with slashes; empty for the directory, undefined outside of it. */
export function pathBelow(directory: string, path: string): string | undefined {
  const inside = relative(directory, path);
  const isOutside = inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return isOutside ? undefined : inside.split(sep).join('/');
}
