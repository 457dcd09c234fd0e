import { expandWord } from '../../build/dockerfile/expand.js';
import type { Dockerfile, Instruction, Stage } from '../../build/dockerfile/instruction.js';
import { parseDockerfile } from '../../build/dockerfile/parser.js';
import { parseMountFlag } from '../../build/dockerfile/run-mount.js';
import { globalVariables } from '../../build/exec/build-image.js';
import { type LintWarning, rules, ruleUrl } from '../../build/lint/rules.js';
import { planBuild } from '../../build/plan/stages.js';
import { solveUnsupported } from '../errors.js';
import { solveError } from '../status/buildkit-error.js';
import { lintSources } from './build-checks.js';
import { type OpenedSources, openSources } from './open-sources.js';
import type { SolveContext } from './solve-context.js';
import type { SolveOptions } from './solve-options.js';

export type Metadata = ReadonlyMap<string, Uint8Array>;

/**
 * `docker build --check` and `--call=outline|targets`: questions to the Dockerfile front end, by the names that
 * buildkit's frontend/subrequests gives them. Throws SOLVE_UNSUPPORTED.
 */
export async function answerRequest(
  name: string,
  context: SolveContext,
  options: SolveOptions,
): Promise<Metadata> {
  const answer = answers.get(name);
  if (!answer) throw solveUnsupported(`the request ${JSON.stringify(name)} to the Dockerfile front end`);
  await using resources = new AsyncDisposableStack();
  const opened = await openSources(context, options, resources);
  try {
    return await answer(context, options, opened);
  } catch (error) {
    context.signal.throwIfAborted();
    throw solveError(error, { filename: opened.dockerfileName, text: opened.dockerfile }, undefined);
  }
}

type Answer = (context: SolveContext, options: SolveOptions, opened: OpenedSources) => Promise<Metadata>;

const answers: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['frontend.lint', lint],
  ['frontend.outline', outline],
  ['frontend.targets', targets],
  ['frontend.subrequests.describe', describe],
]);

async function lint(context: SolveContext, options: SolveOptions, opened: OpenedSources): Promise<Metadata> {
  const warnings = await lintSources(context, options, opened);
  const result = {
    warnings: warnings.map(({ rule, detail, line, endLine }) => ({
      ...{ ruleName: rule, description: rules[rule], url: ruleUrl(rule), detail },
      location: { sourceIndex: 0, ranges: [{ start: { line }, end: { line: endLine } }] },
    })),
    sources: [
      {
        ...{ fileName: opened.dockerfileName, language: 'Dockerfile', definition: null },
        data: Buffer.from(opened.dockerfile).toString('base64'),
      },
    ],
  };
  const text = warnings.map((each) => lintText(opened, each)).join('');
  return metadata(result, text, [['result.statuscode', warnings.length > 0 ? '1' : '0']]);
}

function lintText(
  { dockerfile, dockerfileName }: OpenedSources,
  { rule, detail, line, endLine }: LintWarning,
): string {
  const bar = '-'.repeat(20);
  const excerpt = dockerfile
    .split('\n')
    .slice(line - 1, endLine)
    .map((each, index) => `${String(line + index).padStart(4)} | >>> ${each}`);
  const head = `\nWARNING: ${rule} - ${ruleUrl(rule)}\n${detail}\n`;
  return `${head}${dockerfileName}:${line}\n${[bar, ...excerpt, bar].join('\n')}\n`;
}

async function targets(_: SolveContext, __: SolveOptions, opened: OpenedSources): Promise<Metadata> {
  const { stages } = parseDockerfile(opened.dockerfile, opened.dockerfileName);
  const found = stages.map(({ index, name, from }) => ({
    ...(name !== undefined && { name, ...describedAs(opened, from, name) }),
    ...(index === stages.length - 1 && { default: true }),
    ...{ base: from.args[0], platform: from.flags.get('platform')?.[0], location: locationOf(from) },
  }));
  const lines = found.map(({ name = '(default)', description = '', default: isDefault }) =>
    [isDefault && name !== '(default)' ? `${name} (default)` : name, description].join('\t').trimEnd(),
  );
  return metadata(
    { targets: found, sources: [Buffer.from(opened.dockerfile).toString('base64')] },
    `${['TARGET\tDESCRIPTION', ...lines].join('\n')}\n`,
  );
}

async function outline(
  context: SolveContext,
  options: SolveOptions,
  opened: OpenedSources,
): Promise<Metadata> {
  const file = parseDockerfile(opened.dockerfile, opened.dockerfileName);
  const { buildArgs, target, platform = context.host.platform } = options;
  const globals = globalVariables(file, { buildArgs, target, platform });
  const baseOf = ({ from }: Stage) => expandWord(from.args[0] ?? '', globals, file.escapeToken);
  const plan = planBuild(file, { target }, baseOf);
  const instructions = plan.stages.flatMap((stage) => stage.instructions);
  const name = plan.target.name;
  const args = argumentsOf(opened, file, instructions, options);
  const mounts = mountsOf(instructions);
  const result = {
    ...(name !== undefined && { name, ...describedAs(opened, plan.target.from, name) }),
    ...{ args, secrets: mounts.secret, ssh: mounts.ssh, cache: mounts.cache },
    sources: [Buffer.from(opened.dockerfile).toString('base64')],
  };
  const lines = args.map((arg) => `${arg.name}\t${arg.value ?? ''}\t${arg.description ?? ''}`.trimEnd());
  return metadata(result, `${['BUILD ARG\tVALUE\tDESCRIPTION', ...lines].join('\n')}\n`);
}

function argumentsOf(
  opened: OpenedSources,
  file: Dockerfile,
  instructions: readonly Instruction[],
  { buildArgs }: SolveOptions,
): readonly { readonly name: string; readonly value?: string; readonly description?: string }[] {
  const found = [...file.globalArgs, ...instructions]
    .filter(({ name }) => name === 'ARG')
    .flatMap((instruction) =>
      instruction.args.map((word) => {
        const [name = '', ...rest] = word.split('=');
        const value = buildArgs.get(name) ?? (rest.length > 0 ? rest.join('=') : undefined);
        const location = locationOf(instruction);
        return [
          name,
          {
            name,
            ...(value !== undefined && { value }),
            ...describedAs(opened, instruction, name),
            location,
          },
        ] as const;
      }),
    );
  return [...new Map(found.toReversed()).values()].toReversed(); // the first of each name
}

function mountsOf(instructions: readonly Instruction[]) {
  const mounts = instructions.flatMap((instruction) =>
    (instruction.flags.get('mount') ?? [])
      .map((flag) => ({ ...parseMountFlag(flag), location: locationOf(instruction) }))
      .map(({ type, id, target = '', required, location }) => ({
        type,
        id: id ?? target,
        required,
        location,
      })),
  );
  const named = (type: string) =>
    mounts
      .filter((mount) => mount.type === type)
      .map(({ id, required, location }) => ({
        name: id || 'default',
        ...(required && { required }),
        location,
      }));
  const caches = mounts.filter((mount) => mount.type === 'cache');
  return {
    ...{ secret: named('secret'), ssh: named('ssh') },
    cache: caches.map(({ id, location }) => ({ ID: id, location })),
  };
}

/** "# NAME what it is" on the lines above. */
function describedAs(
  { dockerfile }: OpenedSources,
  { line }: Instruction,
  name: string,
): { readonly description?: string } {
  const lines = dockerfile.split('\n');
  for (let at = line - 2; at >= 0; at--) {
    const comment = /^\s*#\s*(.*)$/.exec(lines[at] ?? '')?.[1];
    if (comment === undefined) return {};
    if (comment.startsWith(`${name} `)) return { description: comment.slice(name.length + 1).trim() };
  }
  return {};
}

async function describe(): Promise<Metadata> {
  const requests = [...answers.keys()].map((name) => ({
    ...{ name, version: '1.0.0', type: 'rpc', description: descriptions[name] ?? '' },
    metadata: [{ name: 'result.json' }, { name: 'result.txt' }],
  }));
  return metadata(requests, requests.map(({ name, description }) => `${name}\t${description}\n`).join(''));
}

const descriptions: Readonly<Record<string, string>> = {
  'frontend.lint': 'Lint a Dockerfile',
  'frontend.outline': 'List all parameters current build target supports',
  'frontend.targets': 'List all targets current build supports',
  'frontend.subrequests.describe': 'List available subrequest types',
};

function locationOf({ line, endLine }: Instruction) {
  return { ranges: [{ start: { line }, end: { line: endLine } }] };
}

function metadata(
  result: unknown,
  text: string,
  more: readonly (readonly [string, string])[] = [],
): Metadata {
  const entries = [
    ['result.json', JSON.stringify(result, null, 2)],
    ['result.txt', text],
    ['version', '1.0.0'],
  ];
  return new Map([...entries, ...more].map(([name = '', value = '']) => [name, Buffer.from(value)]));
}
