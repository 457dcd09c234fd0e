import { TsmachineError } from '../../shared/errors.js';

/** In moby's words. */
export const idNotMapped = (id: number) =>
  new TsmachineError('invalid-argument', 'ID_NOT_MAPPED', `Container ID ${id} cannot be mapped to a host ID`);

export const remapInvalid = (setting: string, reason: string, hint?: string) =>
  new TsmachineError('invalid-argument', 'USERNS_REMAP_INVALID', `userns-remap "${setting}": ${reason}`, {
    hints: hint === undefined ? [] : [hint],
  });

export const userNamespaceFailed = (reason: string, cause?: unknown) =>
  new TsmachineError('unavailable', 'USER_NAMESPACE_FAILED', `cannot make a user namespace: ${reason}`, {
    hints: ['the kernel must allow user namespaces: /proc/sys/user/max_user_namespaces is above 0'],
    cause,
  });
