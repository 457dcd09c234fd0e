/** What `create` takes on a host that has everything, where docker-machine needs 18 s and 20 logins. */
import { command } from '../command.mjs';
import { timed } from '../measure.mjs';

export default {
  name: 'tsmachine-create-ready',
  title: '`tsmachine create --driver ssh` on a ready host, against `node -e 0`',
  unit: 'ms',
  rounds: 5,
  enginesOnly: false,
  async begin({ hosts }) {
    const { env } = hosts;
    const address = await hosts.address('bench-ours');
    const key = (await hosts.run('inspect', '-f', '{{.Driver.SSHKeyPath}}', 'bench-ours')).trim();
    const create = ['create', '--driver', 'ssh', '--ssh-host', address, '--ssh-key', key, 'bench-ready'];
    return {
      async ours() {
        const sample = await timed(() => command([...hosts.tsmachine, ...create], { env }));
        await hosts.run('rm', '-y', 'bench-ready');
        return sample;
      },
      theirs: () => timed(() => command([process.execPath, '-e', '0'], { env })),
    };
  },
};
