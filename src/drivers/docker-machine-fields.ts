import type { JsonValue } from '../shared/json.js';
import type { DriverOptions, OptionValues } from './options.js';

// For reading the JSON of docker-machine's drivers: Go writes "" and 0 where nothing was set.

export function textField(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberField(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

export function listField(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string' && each !== '') : [];
}

/** What a driver gets of options that nobody gave, required ones left out. */
export function defaultValues<S extends DriverOptions>(options: S): Partial<OptionValues<S>> {
  const entries = Object.entries(options).map(([key, option]) => {
    if (option.type === 'boolean') return [key, false] as const;
    return [key, option.type === 'list' ? [] : option.default] as const;
  });
  // Each has the type that its option says.
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Partial<OptionValues<S>>;
}
