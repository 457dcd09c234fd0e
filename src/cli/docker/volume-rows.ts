import type { VolumeResource } from '../../api/volume.js';
import { labelText } from './label-text.js';

/** The fields of docker's `volume ls --format`. */
export interface VolumeRow {
  readonly Availability: string;
  readonly Driver: string;
  readonly Group: string;
  readonly Labels: string;
  readonly Links: string;
  readonly Mountpoint: string;
  readonly Name: string;
  readonly Scope: string;
  readonly Size: string;
  readonly Status: string;
}

export const volumeTable = 'table {{.Driver}}\t{{.Name}}';

export const volumeHeaders: Readonly<Record<string, string>> = { Name: 'VOLUME NAME' };

export function volumeRow({ Driver, Labels, Mountpoint, Name, Scope }: VolumeResource): VolumeRow {
  const unknown = 'N/A';
  return {
    Availability: unknown,
    Driver,
    Group: unknown,
    Labels: labelText(Labels),
    Links: unknown,
    Mountpoint,
    Name,
    Scope,
    Size: unknown,
    Status: unknown,
  };
}
