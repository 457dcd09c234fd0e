import type { Mapping } from './value.js';

/** The long form of `[SOURCE:]TARGET[:OPTIONS]`, or undefined when it is not one. */
export function parseVolume(spec: string): Mapping | undefined {
  if (spec === '') return undefined;
  if (spec.length <= 2) return { type: 'volume', target: spec };
  const sections = splitAtColons(spec);
  if (sections.includes('') || sections.length > 3) return undefined;
  const [first = '', target, options = ''] = sections;
  const source = target === undefined ? undefined : first;
  const known = options.split(',');
  const place = { ...(source === undefined ? {} : { source }), target: target ?? first };
  const readOnly = known.findLast((option) => option === 'ro' || option === 'rw') === 'ro';
  const access: Mapping = readOnly ? { read_only: true } : {};
  const nocopy: Mapping = known.includes('nocopy') ? { nocopy: true } : {};
  if (source !== undefined && isFilePath(source)) {
    return { type: 'bind', ...place, ...access, bind: { ...bindOptions(known), create_host_path: true } };
  }
  return { type: 'volume', ...place, ...access, volume: nocopy };
}

/** At colons, but for the one behind the letter of a Windows drive. */
function splitAtColons(spec: string): readonly string[] {
  const sections: string[] = [];
  let section = '';
  for (const char of spec) {
    if (char !== ':' || /^\p{L}$/u.test(section)) section += char;
    else {
      sections.push(section);
      section = '';
    }
  }
  return [...sections, section];
}

/** A path of the host, not the name of a volume. */
function isFilePath(source: string): boolean {
  return /^(?:[./~]|\\\\|\p{L}:)/u.test(source);
}

const propagations = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];

function bindOptions(options: readonly string[]): Mapping {
  const propagation = options.findLast((option) => propagations.includes(option));
  const selinux = options.findLast((option) => option === 'z' || option === 'Z');
  return {
    ...(selinux === undefined ? {} : { selinux }),
    ...(propagation === undefined ? {} : { propagation }),
  };
}
