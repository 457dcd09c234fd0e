/** `docker build` with BuildKit, of ten steps with a context of 100 MB, cold. */
import { beginBuilds } from '../buildkit-build.mjs';

export default {
  name: 'buildkit-cold',
  title: '`docker build` with BuildKit, 10 steps, 100 MB context, cold',
  unit: 'ms',
  rounds: 3,
  begin: beginBuilds('--no-cache'),
};
