import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { exitOf, run, runOrThrow, start } from '../../../../../src/shared/spawn.js';
import { waitUntil } from '../../../../../src/shared/wait-until.js';
import type { NetworkLab } from './lab.js';

/** Debian's firewalld and ufw, as scripts/setup has unpacked them. */
const tree = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tsmachine', 'firewalls');

/** A bus of its own on which everybody may do everything: firewalld asks nobody whether root may. */
const bus = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/** What each needs besides its files; ufw's are made of templates when its package is installed. */
const begin = {
  firewalld: 'dbus-daemon --config-file="$1" --fork --nopidfile; firewalld --nofork --nopid &',
  ufw: `cp /usr/share/ufw/*.rules /usr/share/ufw/*.init /usr/share/ufw/ufw.conf /etc/ufw/
cp /usr/share/ufw/iptables/user.rules /etc/ufw/user.rules
sed s/ufw-/ufw6-/g /usr/share/ufw/iptables/user.rules >/etc/ufw/user6.rules
ufw --force enable`,
  libvirt: `mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /var/lib/libvirt
mkdir -p /run/libvirt /var/log/libvirt
rm -rf /etc/libvirt/qemu/networks
libvirtd --daemon
virsh -c network:///system net-define /usr/share/libvirt/networks/default.xml
virsh -c network:///system net-start default`,
};

type Kind = keyof typeof begin;

/** Prints one of the words below once it is up. */
const isUp: Readonly<Record<Kind, readonly string[]>> = {
  firewalld: ['firewall-cmd', '--state'],
  ufw: ['ufw', 'status'],
  libvirt: ['virsh', '-c', 'network:///system', 'net-info', 'default'],
};
const upWords = /running|Status: active|Active: +yes/;

/** A firewall of Debian's, or libvirt with its default network, on the host of a lab: for nobody else. */
export class RealFirewall implements AsyncDisposable {
  readonly #keeper: ChildProcess;

  private constructor(keeper: ChildProcess) {
    this.#keeper = keeper;
  }

  static async start(lab: NetworkLab, kind: Kind): Promise<RealFirewall> {
    const busFile = join(lab.directory, 'bus.conf');
    await writeFile(busFile, bus);
    const script = `set -e
mount -t tmpfs tmpfs /mnt
upon() { mkdir -p "/mnt$2/upper" "/mnt$2/work"; mount -t overlay overlay -o "lowerdir=$1:$2,upperdir=/mnt$2/upper,workdir=/mnt$2/work" "$2"; }
upon "$0/usr" /usr
upon "$0/lib" /usr/lib
upon "$0/etc" /etc
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/log
mkdir /run/dbus
${begin[kind]}
echo begun
exec sleep infinity`;
    const own = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const argv = [...own, '--propagation', 'private', 'sh', '-c', script, tree, busFile];
    const keeper = start(lab.host.argv(argv), { stdio: ['ignore', 'pipe', 'inherit'] });
    const firewall = new RealFirewall(keeper);
    await firewall.#begun(kind);
    return firewall;
  }

  /** One of its programs: `firewall-cmd`, `ufw`. */
  async call(...command: readonly string[]): Promise<string> {
    return (await runOrThrow(await this.#argv(command), { timeoutMs: 60_000 })).stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = exitOf(this.#keeper, ['firewall']);
    this.#keeper.kill('SIGKILL');
    await ended;
  }

  async #begun(kind: Kind): Promise<void> {
    await waitUntil(
      async () => {
        const { code, stdout } = await run(await this.#argv(isUp[kind]), { timeoutMs: 30_000 });
        return (code === 0 && upWords.test(stdout)) || undefined;
      },
      { what: kind, timeoutMs: 60_000, intervalMs: 100 },
    );
  }

  /** The shell is the child of unshare, which is the child of nsenter or has taken its place. */
  async #argv(command: readonly string[]): Promise<readonly string[]> {
    const { stdout } = await run(['pgrep', '-P', String(this.#keeper.pid)], { timeoutMs: 10_000 });
    const shell = stdout.trim().split('\n')[0] || String(this.#keeper.pid);
    return ['nsenter', '-t', shell, '-m', '-p', '-n', ...command];
  }
}
