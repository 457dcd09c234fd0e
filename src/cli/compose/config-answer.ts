import { projectJson, projectYaml } from '../../compose/codec/project-codec.js';
import { compactJson, indentedJson } from '../../compose/codec/write-json.js';
import { writeYaml } from '../../compose/codec/write-yaml.js';
import { noSuchService } from '../../compose/errors.js';
import type { Project } from '../../compose/model/project.js';
import { selectServices } from '../../compose/model/select-services.js';
import { serviceHash } from '../../compose/service-hash.js';

/** What `compose config` was asked for. */
export interface ConfigQuestion {
  readonly format: 'yaml' | 'json';
  readonly services: boolean;
  readonly volumes: boolean;
  readonly images: boolean;
  readonly profiles: boolean;
  readonly environment: boolean;
  readonly hash: string | undefined;
  readonly 'no-interpolate': boolean;
}

export interface ConfigAnswer {
  readonly text: string;
  /** For `--json`. */
  readonly json: unknown;
}

/** The project, or the part of it that was asked for. Throws NO_SUCH_SERVICE. */
export function configAnswer(
  project: Project,
  services: readonly string[],
  question: ConfigQuestion,
): ConfigAnswer {
  const lines = answerLines(project, services, question);
  if (lines) return { text: lines.map((line) => `${line}\n`).join(''), json: lines };
  const selected = selectServices(project, services, 'dependencies', (name) =>
    noSuchService(name, Object.keys(project.services)),
  );
  const json = projectJson(selected);
  const text = question.format === 'json' ? `${indentedJson(json)}\n` : writeYaml(projectYaml(selected));
  // What is read again is interpolated again.
  const escaped = question['no-interpolate'] ? text : text.replaceAll('$', '$$$$');
  return { text: escaped, json: JSON.parse(compactJson(json)) };
}

function answerLines(
  project: Project,
  names: readonly string[],
  question: ConfigQuestion,
): readonly string[] | undefined {
  const services = Object.values(project.services);
  if (question.services) return services.map(({ name }) => name).sort();
  if (question.volumes) return Object.keys(project.volumes).sort();
  if (question.hash !== undefined) return hashLines(project, question.hash);
  if (question.profiles) return profileNames(project);
  if (question.images) {
    return services
      .filter(({ name }) => names.length === 0 || names.includes(name))
      .map(({ name, image }) => image ?? `${project.name}-${name}`)
      .sort();
  }
  if (!question.environment) return undefined;
  return Object.entries(project.environment)
    .map(([name, value]) => `${name}=${value}`)
    .sort();
}

function hashLines(project: Project, asked: string): readonly string[] {
  const names = asked === '*' ? Object.keys(project.services).sort() : asked.split(',');
  return names.map((name) => {
    const service = project.services[name];
    if (service === undefined) throw noSuchService(name, Object.keys(project.services));
    return `${name} ${serviceHash(service)}`;
  });
}

function profileNames(project: Project): readonly string[] {
  const all = Object.values({ ...project.services, ...project.disabledServices });
  return [...new Set(all.flatMap(({ profiles }) => profiles))].sort();
}
