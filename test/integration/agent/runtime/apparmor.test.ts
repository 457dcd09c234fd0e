import { execFileSync } from 'node:child_process';
import { appArmorProfile } from '../../../../src/agent/runtime/apparmor.js';

// Compiled as for loading, which works on kernels without AppArmor too.
test('the default profile is one that apparmor_parser takes', () => {
  const compiled = execFileSync('apparmor_parser', ['--skip-kernel-load', '--skip-cache', '--stdout'], {
    input: appArmorProfile(),
    stdio: ['pipe', 'pipe', 'ignore'],
  });

  expect(compiled.includes('docker-default')).toBe(true);
});
