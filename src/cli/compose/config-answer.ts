import { encodeValue } from '../../compose/codec/codec.js';
import { compareJsonKeys, compareYamlKeys } from '../../compose/codec/key-order.js';
import { projectJson, projectYaml } from '../../compose/codec/project-codec.js';
import { compactJson, indentedJson } from '../../compose/codec/write-json.js';
import { writeYaml } from '../../compose/codec/write-yaml.js';
import { noSuchService } from '../../compose/errors.js';
import { type Variable, variablesIn } from '../../compose/file/template.js';
import { isMapping, isSequence, type Mapping, type Value } from '../../compose/file/value.js';
import type { Project } from '../../compose/model/project.js';
import { selectServices } from '../../compose/model/select-services.js';
import { serviceHash } from '../../compose/service-hash.js';
import { renderTable } from '../table.js';
import type { ConfigAnswer, ConfigQuestion } from './config-question.js';

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
  return { text: text.replaceAll('$', '$$$$'), json: JSON.parse(compactJson(json)) };
}

/** The same of a model in which variables may be, or a table of those. */
export function modelAnswer(model: Mapping, question: ConfigQuestion): ConfigAnswer {
  if (question.variables) return variablesAnswer(model);
  const text =
    question.format === 'json'
      ? `${indentedJson(encodeValue(model, compareJsonKeys))}\n`
      : writeYaml(encodeValue(model, compareYamlKeys));
  return { text, json: model };
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

function variablesAnswer(model: Mapping): ConfigAnswer {
  const variables = new Map<string, Variable>();
  for (const variable of textsOf(model).flatMap(variablesIn)) {
    variables.set(variable.name, { ...variable, ...variables.get(variable.name) });
  }
  const rows = [...variables.values()]
    .toSorted((a, b) => compareJsonKeys(a.name, b.name))
    .map(({ name, required, defaultValue = '', presenceValue = '' }) => [
      ...[name, String(required), defaultValue, presenceValue],
    ]);
  const headers = ['NAME', 'REQUIRED', 'DEFAULT VALUE', 'ALTERNATE VALUE'];
  return { text: renderTable([headers, ...rows]), json: Object.fromEntries(variables) };
}

function textsOf(value: Value): readonly string[] {
  if (typeof value === 'string') return [value];
  if (isSequence(value)) return value.flatMap(textsOf);
  return isMapping(value) ? Object.values(value).flatMap(textsOf) : [];
}
