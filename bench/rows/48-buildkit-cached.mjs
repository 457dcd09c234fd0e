/** `docker build` with BuildKit, of ten steps with a context of 100 MB, cached. */
import { beginBuilds } from '../buildkit-build.mjs';

export default {
  name: 'buildkit-cached',
  title: '`docker build` with BuildKit, 10 steps, 100 MB context, cached',
  unit: 'ms',
  rounds: 3,
  begin: beginBuilds(),
};
