export { default } from '../exec.js';
