export { default } from '../save.js';
