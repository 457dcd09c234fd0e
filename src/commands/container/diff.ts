export { default } from '../diff.js';
