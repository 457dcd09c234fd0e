import type { HostConfig } from '../../api/client/types.js';
import type { Service } from '../model/service.js';

const names: Readonly<Record<string, string>> = { none: 'no', any: 'always' };

/** Of `deploy.restart_policy`, or else of `restart`. */
export function restartPolicy({ restart, deploy }: Service): NonNullable<HostConfig['RestartPolicy']> {
  if (deploy?.restartPolicy) {
    const { condition = '', maxAttempts = 0 } = deploy.restartPolicy;
    return { Name: names[condition] ?? condition, MaximumRetryCount: maxAttempts };
  }
  const [name = '', attempts = '0'] = (restart ?? '').split(':');
  return { Name: names[name] ?? name, MaximumRetryCount: Number(attempts) || 0 };
}
