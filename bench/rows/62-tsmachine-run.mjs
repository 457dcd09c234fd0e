import { besideDocker } from '../beside-docker.mjs';

export default besideDocker('run', 'run --rm busybox true', ({ image }) => ['run', '--rm', image, 'true']);
