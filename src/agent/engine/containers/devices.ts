import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { HostConfig } from '../../../api/container-config.js';
import { deviceAt } from '../../runtime/host-facts.js';
import type { OciDeviceRule } from '../../runtime/spec/oci.js';
import type { RunDevice } from '../../runtime/spec/run-spec.js';
import { invalidOption } from '../errors.js';

/** `--device`: the nodes as they are on the host now; a directory stands for all devices below it. */
export function hostDevicesOf({ Devices }: HostConfig): readonly RunDevice[] {
  return (Devices ?? []).flatMap(({ PathOnHost = '', PathInContainer = '', CgroupPermissions = '' }) => {
    const found = devicesAt(PathOnHost, PathInContainer || PathOnHost, CgroupPermissions || 'rwm');
    if (found.length === 0) throw notGathered(PathOnHost, 'not a device node');
    return found;
  });
}

/** `--device-cgroup-rule`, "c 1:3 rwm". Throws OPTION_INVALID. */
export function deviceRulesOf({ DeviceCgroupRules }: HostConfig): readonly OciDeviceRule[] {
  return (DeviceCgroupRules ?? []).map((rule) => {
    const match = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(rule);
    if (!match) throw invalidOption(`invalid device cgroup rule format: '${rule}'`);
    const [, type, major, minor, access = ''] = match;
    return {
      allow: true,
      type: type as 'a' | 'b' | 'c', // the pattern has no other
      ...(major !== '*' && { major: Number(major) }),
      ...(minor !== '*' && { minor: Number(minor) }),
      access,
    };
  });
}

function devicesAt(source: string, target: string, access: string): RunDevice[] {
  const stat = statSync(source, { throwIfNoEntry: false });
  if (!stat) throw notGathered(source, 'no such file or directory');
  if (!stat.isDirectory()) {
    const device = deviceAt(realpathSync(source));
    if (!device) throw notGathered(source, 'not a device node');
    return [{ ...device, path: target, access }];
  }
  return readdirSync(source).flatMap((name) => {
    const below = statSync(join(source, name), { throwIfNoEntry: false });
    const useful = below?.isDirectory() || below?.isCharacterDevice() || below?.isBlockDevice();
    return useful ? devicesAt(join(source, name), join(target, name), access) : [];
  });
}

function notGathered(path: string, reason: string) {
  return invalidOption(`error gathering device information while adding custom device "${path}": ${reason}`);
}
