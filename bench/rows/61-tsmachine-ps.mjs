import { besideDocker } from '../beside-docker.mjs';

export default besideDocker('ps', 'ps', () => ['ps']);
