import { isJsonObject } from '../../shared/json.js';
import { invalidParameter } from './errors.js';
import type { Query } from './query.js';

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** "linux/arm64/v8", of routes that have always had it. Throws PARAMETER_INVALID. */
export function platformOf(query: Query): Platform | undefined {
  const text = query.text('platform');
  if (text === undefined) return undefined;
  const [os = '', architecture = '', variant] = text.split('/');
  if (os === '' || architecture === '') throw invalidParameter(`"${text}" is an invalid platform`);
  return { os, architecture, ...(variant && { variant }) };
}

/** The OCI object in JSON, of routes that got it in API 1.46 (push) and 1.48 (save, load). Throws PARAMETER_INVALID. */
export function platformOfJson(query: Query): Platform | undefined {
  const [text, ...others] = query.list('platform');
  if (text === undefined) return undefined;
  if (others.length > 0) throw invalidParameter('multiple platform parameters not supported');
  const { os, architecture, variant } = objectOf(text);
  if (!isName(os) || !isName(architecture)) {
    throw invalidParameter('both OS and Architecture must be provided');
  }
  return { os, architecture, ...(isName(variant) && { variant }) };
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // said below
  }
  throw invalidParameter(`failed to parse platform: ${text} is no JSON object`);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
