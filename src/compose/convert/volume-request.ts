import type { VolumeCreateRequest } from '../../api/volume.js';
import { composeVersion, label } from '../labels.js';
import type { Project } from '../model/project.js';

/** A volume of the project as what `POST /volumes/create` takes. */
export function volumeRequest(project: Project, key: string): VolumeCreateRequest {
  const volume = project.volumes[key];
  return {
    Name: volume?.name ?? '',
    Driver: volume?.driver ?? '',
    DriverOpts: volume?.driverOpts ?? {},
    Labels: {
      ...volume?.labels,
      [label.volume]: key,
      [label.project]: project.name,
      [label.version]: composeVersion,
    },
  };
}
