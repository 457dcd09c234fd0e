import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Body } from './plugin-server.js';

/** A volume driver as a third party would write it: directories below one of its own. */
export class VolumeDriver {
  readonly #directory: string;
  readonly #volumes = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  async answer(method: string, { Name, Opts }: Body): Promise<Body | undefined> {
    const name = String(Name ?? '');
    const volume = { Name: name, Mountpoint: join(this.#directory, name), Status: { tier: 'gold' } };
    switch (method) {
      case 'Plugin.Activate':
        return { Implements: ['VolumeDriver'] };
      case 'VolumeDriver.Capabilities':
        return { Capabilities: { Scope: 'global' } };
      case 'VolumeDriver.Create':
        if ((Opts as Record<string, string> | undefined)?.['size'] === 'huge') return { Err: 'no room' };
        this.#volumes.add(name);
        await mkdir(volume.Mountpoint, { recursive: true });
        return { Err: '' };
      case 'VolumeDriver.Remove':
        return { Err: this.#volumes.delete(name) ? '' : 'no such volume' };
      case 'VolumeDriver.List':
        return { Volumes: [...this.#volumes].map((each) => ({ ...volume, Name: each })) };
      case 'VolumeDriver.Get':
        return this.#volumes.has(name) ? { Volume: volume } : { Err: 'no such volume' };
      default:
        return { Mountpoint: volume.Mountpoint, Err: '' };
    }
  }
}
