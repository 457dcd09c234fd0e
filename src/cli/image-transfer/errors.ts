import { TsmachineError } from '../../shared/errors.js';

/** An archive or a layout of images that is none. */
export function imageFilesInvalid(reason: string, cause?: unknown): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'IMAGE_FILES_INVALID',
    `no image archive or layout: ${reason}`,
    {
      hints: ['give what "docker save" has written, or the directory of an OCI layout'],
      cause,
    },
  );
}

export function imageMissing(name: string, where: string, known: readonly string[]): TsmachineError {
  return new TsmachineError('not-found', 'IMAGE_MISSING', `there is no image "${name}" ${where}`, {
    hints: known.length > 0 ? [`it has ${known.join(', ')}`] : [],
  });
}

export function imageDiffers(name: string, machine: string): TsmachineError {
  return new TsmachineError(
    'data-loss',
    'IMAGE_DIFFERS',
    `"${name}" on "${machine}" is not the image that was sent`,
    { hints: ['run the command again; somebody else may have changed the name meanwhile'] },
  );
}

export function sameMachine(name: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'SAME_MACHINE', `the images are on "${name}" already`, {
    hints: ['name the machine they come from with -m, or give --local for the docker of this computer'],
  });
}

export function noLocalDocker(): TsmachineError {
  return new TsmachineError('unavailable', 'NO_LOCAL_DOCKER', 'there is no docker on this computer', {
    hints: ['name the machine that the images come from with -m, or an archive with --input'],
  });
}
