export { default } from '../load.js';
