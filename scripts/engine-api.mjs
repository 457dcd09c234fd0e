// Writes docs/engine-api.md from docs/engine-api.json, which a test holds against the routes and decoders.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const docs = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs');

export function engineApiPage() {
  const { endpoints, HostConfig, ContainerConfig, commands } = JSON.parse(
    readFileSync(join(docs, 'engine-api.json'), 'utf8'),
  );
  return `# The Engine API

Docker Engine API 1.24 to 1.47, as the agent serves it. What is not supported is refused by name: 501, 400, or the status
that Docker itself has for it. Written by \`npm run docs\` from engine-api.json; a test holds that file against the code.

${count(endpoints)}

## End points

| | end point | | |
|---|---|---|---|
${endpoints.map(({ method, path, support, note }) => row(method, `\`${path}\``, support, note)).join('\n')}

## HostConfig of \`POST /containers/create\`

${fieldTable(HostConfig)}

## Configuration of \`POST /containers/create\`

${fieldTable(ContainerConfig)}

## docker's container commands

With every flag of docker 28 and 20.10; a test holds the table against both clients' help.

${commandTable(commands)}
`;
}

function fieldTable(fields) {
  const rows = fields.map(({ name, support, note }) => row(`\`${name}\``, support, note));
  return ['| field | | |', '|---|---|---|', ...rows].join('\n');
}

function commandTable(commands) {
  const rows = commands.map(({ command, flags, others }) => {
    const exceptions = others.map(({ name, support, note }) => `\`${name}\`: ${support}, ${note}`);
    return row(`\`docker ${command}\``, flags.map((flag) => `\`${flag}\``).join(' '), exceptions.join('; '));
  });
  return ['| command | supported | partly, or not |', '|---|---|---|', ...rows].join('\n');
}

function row(...cells) {
  return `| ${cells.map((cell) => cell ?? '').join(' | ')} |`;
}

function count(endpoints) {
  const of = (support) => endpoints.filter((each) => each.support === support).length;
  return `${of('yes')} end points are supported, ${of('partly')} in part, ${of('no')} are not.`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(docs, 'engine-api.md'), engineApiPage());
}
