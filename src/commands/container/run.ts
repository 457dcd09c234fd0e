export { default } from '../run.js';
