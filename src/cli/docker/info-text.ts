import type { InfoResponse } from '../../api/system.js';
import { formatBinaryBytes } from '../../shared/bytes.js';

/** The server's part of what docker's `info` prints, as far as the engine tells it. */
export function infoText(info: InfoResponse): string {
  const lines: readonly (readonly [string, unknown])[] = [
    ['Containers', info.Containers],
    [' Running', info.ContainersRunning],
    [' Paused', info.ContainersPaused],
    [' Stopped', info.ContainersStopped],
    ['Images', info.Images],
    ['Server Version', info.ServerVersion],
    ['Storage Driver', info.Driver],
    ['Logging Driver', info['LoggingDriver']],
    ['Cgroup Driver', info['CgroupDriver']],
    ['Cgroup Version', info['CgroupVersion']],
    ['Default Runtime', info['DefaultRuntime']],
    ['Init Binary', info['InitBinary']],
    ['Kernel Version', info['KernelVersion']],
    ['Operating System', info['OperatingSystem']],
    ['OSType', info['OSType']],
    ['Architecture', info['Architecture']],
    ['CPUs', info['NCPU']],
    ['Total Memory', typeof info['MemTotal'] === 'number' ? formatBinaryBytes(info['MemTotal']) : undefined],
    ['Name', info['Name']],
    ['ID', info.ID],
    ['Docker Root Dir', info['DockerRootDir']],
  ];
  return lines
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}: ${String(value)}\n`)
    .join('');
}
