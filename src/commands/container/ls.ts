export { default } from '../ps.js';
