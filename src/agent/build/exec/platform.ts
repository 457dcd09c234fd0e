import { buildInvalid } from '../errors.js';
import type { BuildPlatform } from './request.js';

const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
};

/** "linux/amd64", "linux/arm/v7". Throws BUILD_INVALID. */
export function parsePlatform(text: string): BuildPlatform {
  const [os = '', given = '', variant, ...more] = text.toLowerCase().split('/');
  if (!/^[a-z0-9_-]+$/.test(os) || !/^[a-z0-9_-]+$/.test(given) || more.length > 0) {
    throw buildInvalid(`${JSON.stringify(text)} is an invalid OS component or platform specifier`);
  }
  return { os, architecture: architectures[given] ?? given, ...(variant && { variant }) };
}
