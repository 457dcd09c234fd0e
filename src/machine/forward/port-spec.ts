import { TsmachineError } from '../../shared/errors.js';

export interface PortForward {
  readonly local: number;
  readonly remote: number;
}

/** Whether a word can be meant as ports, and not as a machine's name. */
export function isPortSpec(word: string): boolean {
  return /^\d+(:|\/|$)/.test(word);
}

/** "[LOCAL:]REMOTE[/tcp]"; the local port is the remote one unless given. Throws FORWARD_INVALID. */
export function parsePortForward(spec: string): PortForward {
  const fail = (why: string) =>
    new TsmachineError('invalid-argument', 'FORWARD_INVALID', `invalid ports "${spec}": ${why}`, {
      hints: ['write [LOCAL:]REMOTE, such as 8080:80'],
    });
  const [, first = '', second, protocol = 'tcp'] = /^(\d+)(?::(\d+))?(?:\/(\w+))?$/.exec(spec) ?? [];
  if (first === '') throw fail('they are no numbers');
  if (protocol !== 'tcp') throw fail(`SSH carries TCP, not ${protocol}`);
  const [local, remote] = [Number(first), Number(second ?? first)];
  if ([local, remote].some((port) => port < 1 || port > 65_535)) throw fail('a port is 1 to 65535');
  return { local, remote };
}
