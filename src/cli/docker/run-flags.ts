import { Flags, type Interfaces } from '@oclif/core';
import { healthFlags } from './health-check.js';
import { isolationFlags } from './isolation-flags.js';
import { networkFlags } from './network-options.js';
import { resourceFlags } from './resource-flags.js';

const list = { multiple: true, multipleNonGreedy: true } as const;

/** All flags of docker's `run`, with docker's words. `-m` is the memory, as there. */
export const runFlags = {
  machine: Flags.string({ description: 'machine to run on; else the active one', helpValue: 'NAME' }),
  interactive: Flags.boolean({ char: 'i', description: 'keep STDIN open even if not attached' }),
  tty: Flags.boolean({ char: 't', description: 'allocate a pseudo-TTY' }),
  detach: Flags.boolean({ char: 'd', description: 'run in the background and print the container ID' }),
  'detach-keys': Flags.string({ description: 'keys that detach from the container', helpValue: 'KEYS' }),
  'sig-proxy': Flags.boolean({
    description: 'proxy received signals to the process',
    default: true,
    allowNo: true,
  }),
  rm: Flags.boolean({ description: 'remove the container and its anonymous volumes when it exits' }),
  name: Flags.string({ description: 'name of the container' }),
  env: Flags.string({
    char: 'e',
    description: 'set an environment variable',
    helpValue: 'NAME[=VALUE]',
    ...list,
  }),
  attach: Flags.string({
    ...{ char: 'a', description: 'attach to stdin, stdout or stderr', helpValue: 'STREAM', ...list },
  }),
  cidfile: Flags.string({ description: 'write the container ID into a file', helpValue: 'FILE' }),
  'env-file': Flags.string({
    description: 'read a file of environment variables',
    helpValue: 'FILE',
    ...list,
  }),
  workdir: Flags.string({
    char: 'w',
    description: 'working directory inside the container',
    helpValue: 'DIR',
  }),
  user: Flags.string({
    char: 'u',
    description: 'user and group, by name or number',
    helpValue: 'USER[:GROUP]',
  }),
  entrypoint: Flags.string({ description: 'overwrite the ENTRYPOINT of the image' }),
  volume: Flags.string({
    char: 'v',
    description: 'bind mount or volume',
    helpValue: '[SOURCE:]TARGET[:ro]',
    ...list,
  }),
  mount: Flags.string({
    description: 'mount a bind, volume or tmpfs',
    helpValue: 'type=…,target=…',
    ...list,
  }),
  tmpfs: Flags.string({ description: 'mount a tmpfs', helpValue: 'TARGET[:OPTIONS]', ...list }),
  publish: Flags.string({
    char: 'p',
    description: 'publish a port',
    helpValue: '[IP:][HOST:]PORT[/udp]',
    ...list,
  }),
  'publish-all': Flags.boolean({ char: 'P', description: 'publish all exposed ports on random ports' }),
  expose: Flags.string({ description: 'expose a port or a range of ports', helpValue: 'PORT', ...list }),
  ...networkFlags,
  'network-bandwidth': Flags.string({
    description: 'limit what the container receives and sends',
    helpValue: '10mbit[/5mbit]',
  }),
  'own-view': Flags.boolean({
    description: "show the container's own memory and processors in /proc (LXCFS)",
  }),
  hostname: Flags.string({ char: 'h', description: 'host name of the container' }),
  'add-host': Flags.string({ description: 'add a line to /etc/hosts', helpValue: 'HOST:IP', ...list }),
  domainname: Flags.string({ description: 'NIS domain name of the container' }),
  dns: Flags.string({ description: 'DNS server', helpValue: 'IP', ...list }),
  'dns-search': Flags.string({ description: 'DNS search domain', helpValue: 'DOMAIN', ...list }),
  'dns-option': Flags.string({
    ...{ description: 'DNS option', helpValue: 'OPTION', aliases: ['dns-opt'], ...list },
  }),
  ...resourceFlags,
  ...isolationFlags,
  ...healthFlags,
  ulimit: Flags.string({ description: 'resource limit', helpValue: 'NAME=SOFT[:HARD]', ...list }),
  'read-only': Flags.boolean({ description: 'mount the root file system read-only' }),
  init: Flags.boolean({ description: 'run an init that forwards signals and reaps processes' }),
  'stop-signal': Flags.string({ description: 'signal that stops the container', helpValue: 'SIGNAL' }),
  label: Flags.string({
    char: 'l',
    description: 'label of the container',
    helpValue: 'KEY[=VALUE]',
    ...list,
  }),
  'stop-timeout': Flags.string({ description: 'seconds until it is killed', helpValue: 'SECONDS' }),
  'label-file': Flags.string({ description: 'read a file of labels', helpValue: 'FILE', ...list }),
  'log-driver': Flags.string({ description: 'where the output goes', helpValue: 'DRIVER' }),
  'log-opt': Flags.string({ description: 'option of the log driver', helpValue: 'KEY=VALUE', ...list }),
  'volume-driver': Flags.string({ description: 'driver of new volumes', helpValue: 'DRIVER' }),
  'volumes-from': Flags.string({
    description: 'the volumes of another container',
    helpValue: 'NAME',
    ...list,
  }),
  'disable-content-trust': Flags.boolean({ hidden: true, default: true, allowNo: true }),
  pull: Flags.option({
    description: 'when to pull the image',
    options: ['missing', 'always', 'never'] as const,
    default: 'missing',
  })(),
  platform: Flags.string({ description: 'platform of the image', helpValue: 'OS/ARCH' }),
  quiet: Flags.boolean({ char: 'q', description: 'suppress the output of the pull' }),
};

const { detach: _detach, 'detach-keys': _keys, 'sig-proxy': _proxy, ...withoutRunning } = runFlags;

/** Those of `container create`: nothing that is about the running container. */
export const createFlags = withoutRunning;

/** What oclif makes of them; what was not given is absent. */
export type RunFlags = Partial<Interfaces.InferredFlags<typeof runFlags>>;
