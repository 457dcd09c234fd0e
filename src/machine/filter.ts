import { TsmachineError } from '../shared/errors.js';
import type { MachineSummary } from './inventory.js';

type Predicate = (machine: MachineSummary) => boolean;

/**
 * `name=REGEX driver= state= label=k=v`: the same key twice means either, different keys mean both; case does not
 * matter. Throws FILTER_INVALID in docker-machine's words.
 */
export function parseMachineFilters(filters: readonly string[]): Predicate {
  const byKey = new Map<string, Predicate[]>();
  for (const filter of filters) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(filter) ?? [];
    if (key === undefined || value === undefined) throw invalid('Unsupported filter syntax', filter);
    const name = key.toLowerCase();
    byKey.set(name, [...(byKey.get(name) ?? []), predicate(name, value)]);
  }
  return (machine) => [...byKey.values()].every((any) => any.some((matches) => matches(machine)));
}

function predicate(key: string, value: string): Predicate {
  const wanted = value.toLowerCase();
  switch (key) {
    case 'name': {
      const pattern = expression(value);
      return ({ name }) => pattern.test(name);
    }
    case 'driver':
      return ({ driver }) => driver.toLowerCase() === wanted;
    case 'state':
      return ({ state }) => state.toLowerCase() === wanted;
    case 'label':
      return ({ labels }) => labels.some((label) => label.toLowerCase() === wanted);
    case 'swarm':
      return () => false; // the name of a swarm's master: there are no swarms
    default:
      throw new TsmachineError('invalid-argument', 'FILTER_INVALID', `Unsupported filter key '${key}'`, {
        hints: ['use name, driver, state or label'],
      });
  }
}

function expression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (cause) {
    throw invalid('invalid regular expression in filter', text, cause);
  }
}

function invalid(what: string, value: string, cause?: unknown): TsmachineError {
  return new TsmachineError('invalid-argument', 'FILTER_INVALID', `${what}: "${value}"`, {
    hints: ['write KEY=VALUE, such as state=running'],
    cause,
  });
}
