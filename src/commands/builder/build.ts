export { default } from '../build.js';
