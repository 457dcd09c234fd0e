/** Rows about machine commands: a store of machines whose ports refuse at once, beside the least that Node can do. */
import { command } from './command.mjs';
import { makeStore } from './machine-stores.mjs';
import { timed } from './measure.mjs';

/** `ls` of so many machines against `node -e 0`. docker-machine's own figures are constants in docs/benchmarks.md. */
export function listRow(count) {
  return commandRow(`ls-${count}`, ['ls'], count, count > 100 ? 5 : 15);
}

export function commandRow(name, words, count, rounds) {
  return {
    name: `tsmachine-${name}`,
    title: `\`tsmachine ${words.join(' ')}\`, ${count} machine${count === 1 ? '' : 's'}, against \`node -e 0\``,
    unit: 'ms',
    rounds,
    enginesOnly: false,
    async begin({ hosts }) {
      const store = await makeStore(count, '127.0.0.1', hosts);
      const ask = () => command([...hosts.tsmachine, ...words], { env: store.env });
      return {
        ours: () => timed(ask),
        theirs: () => timed(() => command([process.execPath, '-e', '0'], { env: store.env })),
        end: () => store.remove(),
      };
    },
  };
}
