/** What stands in an argument's place; the names of these are asked of `tsmachine __complete`. */
export type ArgumentKind =
  | 'machines'
  | 'containers'
  | 'running'
  | 'images'
  | 'networks'
  | 'volumes'
  | 'contexts'
  | 'choosable-contexts';

/** Of a command's arguments in their order; "other" for what has no names that could be listed. */
export interface ArgumentKinds {
  readonly kinds: readonly (ArgumentKind | 'other')[];
  /** The last one may be given any number of times. */
  readonly repeats: boolean;
}

interface Argument {
  readonly name: string;
  readonly description?: string | undefined;
}

/** By what the arguments are called and how they are described. */
export function argumentKinds(command: string, args: readonly Argument[]): ArgumentKinds {
  const verb = command.split(':').at(-1) ?? '';
  const passedOn = ofPassedOn[verb];
  if (passedOn && args.length === 0) return { kinds: [passedOn], repeats: false };
  const kinds = args.map((argument) => kindOf(argument, verb));
  return { kinds, repeats: /^(machines|names|contexts)\b/.test(args.at(-1)?.description ?? '') };
}

/** These declare no arguments: everything behind the first belongs to the container's command. */
const ofPassedOn: Readonly<Record<string, ArgumentKind>> = {
  exec: 'running',
  run: 'images',
  create: 'images',
};

const verbsOfRunning = ['attach', 'kill', 'pause', 'port', 'stats', 'stop', 'top', 'unpause'];

function kindOf({ name, description = '' }: Argument, verb: string): ArgumentKind | 'other' {
  if (/^machines?\b/.test(description)) return 'machines';
  if (/^context or machine$/.test(description)) return 'choosable-contexts';
  if (/^(contexts\b|name of the context$)/.test(description) && verb !== 'create') return 'contexts';
  const namesThere = /^(names? or IDs?|names|volume)$/.test(description);
  if (name === 'container' && namesThere) return verbsOfRunning.includes(verb) ? 'running' : 'containers';
  if (name === 'image' && (namesThere || /^(names? or IDs?\b|NAME\[)/.test(description))) return 'images';
  if (name === 'repository') return 'images';
  if (name === 'network' && namesThere) return 'networks';
  return name === 'volume' && namesThere ? 'volumes' : 'other';
}

/** Flags whose values are such names, on whichever command. */
export const flagKinds: Readonly<Record<string, ArgumentKind>> = {
  machine: 'machines',
  network: 'networks',
  link: 'containers',
  'volumes-from': 'containers',
  volume: 'volumes',
  from: 'contexts',
};
