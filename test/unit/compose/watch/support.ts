import { ignoreRules } from '../../../../src/build/ignore-rules.js';
import type { WatchTrigger } from '../../../../src/compose/model/service.js';
import { WatchRule } from '../../../../src/compose/watch/watch-rule.js';

export function triggerWith(attributes: Partial<WatchTrigger> = {}): WatchTrigger {
  return {
    ...{ path: '/app/src', action: 'sync', target: '/srv', initialSync: false },
    ...{ ignore: [], include: [], extensions: {}, ...attributes },
  };
}

/** Of the service "web"; `ignored` are patterns of a .dockerignore in /app. */
export function ruleWith(
  attributes: Partial<WatchTrigger> = {},
  options: { readonly ignored?: string; readonly service?: string } = {},
): WatchRule {
  const trigger = triggerWith(attributes);
  const { path, ignore, include } = trigger;
  return new WatchRule({
    ...{ service: options.service ?? 'web', trigger },
    ignored: [
      { root: '/app', rules: ignoreRules(options.ignored ?? '') },
      { root: path, rules: ignoreRules(ignore.join('\n')) },
    ],
    included: include.length > 0 ? { root: path, rules: ignoreRules(include.join('\n')) } : undefined,
  });
}
