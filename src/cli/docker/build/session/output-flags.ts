import { flagInvalid } from '../../errors.js';
import { parseImageReference } from '../../image-reference.js';
import { parseTyped } from './attribute-flags.js';

/** What a build makes, and where it goes. */
export interface BuildOutput {
  /** "moby" is the engine's own images. */
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** A directory, a file, or "-" for stdout; undefined: it stays with the engine. */
  readonly place?: string | undefined;
  /** The image is pushed afterwards. */
  readonly push?: boolean;
}

export interface OutputFlags {
  readonly output?: readonly string[] | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly push?: boolean | undefined;
  readonly load?: boolean | undefined;
  readonly annotation?: readonly string[] | undefined;
}

/** `--output`, `--push` and `--load` together; without them an image of the engine's. Throws FLAG_INVALID. */
export function buildOutputs(flags: OutputFlags): readonly BuildOutput[] {
  const given = [
    ...(flags.output ?? []),
    ...(flags.push ? ['type=registry'] : []),
    ...(flags.load ? ['type=docker'] : []),
  ];
  const names = (flags.tag ?? []).map((tag) => parseImageReference(tag).canonical).join(',');
  const annotations = annotationsOf(flags.annotation ?? []);
  const outputs = (given.length > 0 ? given : ['type=image']).map((text) =>
    outputOf(text, names, annotations),
  );
  return withOneImage(outputs);
}

function outputOf(text: string, names: string, annotations: Readonly<Record<string, string>>): BuildOutput {
  const { type, attributes } = parseTyped('--output', text, (place) =>
    place === '-'
      ? { type: 'tar', attributes: { dest: '-' } }
      : { type: 'local', attributes: { dest: place } },
  );
  const { dest, push, ...rest } = attributes;
  const named = { ...(names !== '' && { name: names }), ...annotations, ...rest };
  switch (type) {
    case 'image':
    case 'registry':
      return { type: 'moby', attributes: named, push: push === 'true' || type === 'registry' };
    case 'docker':
      return dest === undefined
        ? { type: 'moby', attributes: named }
        : { type, attributes: named, place: dest };
    case 'oci':
      return { type, attributes: named, place: dest ?? '-' };
    case 'tar':
      return { type, attributes: rest, place: dest ?? '-' };
    case 'local':
      if (!dest) throw flagInvalid('--output', text, 'dest is required for local output');
      return { type, attributes: rest, place: dest };
    default:
      return { type, attributes: rest };
  }
}

/** An image that is to be kept and pushed is made once. */
function withOneImage(outputs: readonly BuildOutput[]): readonly BuildOutput[] {
  const images = outputs.filter(({ type }) => type === 'moby');
  const [first] = images;
  if (!first || images.length === 1) return outputs;
  const push = images.some((image) => image.push);
  return [{ ...first, push }, ...outputs.filter(({ type }) => type !== 'moby')];
}

/** "KEY=VALUE", or "index,manifest:KEY=VALUE" for what it is an annotation of. */
function annotationsOf(flags: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    flags.flatMap((flag) => {
      const [, kinds, key = '', value = ''] = /^(?:([a-z-]+(?:,[a-z-]+)*):)?([^=]+)=(.*)$/s.exec(flag) ?? [];
      if (key === '') throw flagInvalid('--annotation', flag, 'write KEY=VALUE');
      const prefixes =
        kinds === undefined ? ['annotation'] : kinds.split(',').map((kind) => `annotation-${kind}`);
      return prefixes.map((prefix) => [`${prefix}.${key}`, value] as const);
    }),
  );
}
