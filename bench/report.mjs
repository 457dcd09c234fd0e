/** Results as a Markdown table for people and as JSON for later comparison. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One line a row; below 1 the ratio means that ours needs less. */
export function toMarkdown({ environment, results }) {
  const withPodman = results.some(({ podman }) => podman);
  const lines = [
    `# Benchmark of ${environment.date}`,
    '',
    ...Object.entries(environment)
      .filter(([name]) => name !== 'date')
      .map(([name, value]) => `- ${name}: ${value}`),
    '',
    'Median [quartiles]; the ratio is the median over the pairs of runs.',
    '',
    `| | unit | ours | theirs | ours/theirs | pairs |${withPodman ? ' podman | ours/podman |' : ''}`,
    `|---|---|---|---|---|---|${withPodman ? '---|---|' : ''}`,
    ...results.map((result) => line(result) + (withPodman ? podmanCells(result) : '')),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function line({ title, unit, ours, theirs, ratio }) {
  const cells = [title, unit, spread(ours), spread(theirs), `**${ratio.toFixed(2)}**`, ours.count];
  return `| ${cells.join(' | ')} |`;
}

/** Of its own pairs with ours; empty where podman cannot do it. */
function podmanCells({ podman }) {
  return podman ? ` ${spread(podman)} | **${podman.ratio.toFixed(2)}** |` : ' | |';
}

function spread({ median, lowerQuartile, upperQuartile }) {
  return `${figure(median)} [${figure(lowerQuartile)}..${figure(upperQuartile)}]`;
}

/** Three significant digits are more than the machine can promise. */
function figure(value) {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** Answers the path of the file. */
export async function saveResults(report, directory = join(import.meta.dirname, 'results')) {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${report.environment.date.replaceAll(':', '-')}.json`);
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}
