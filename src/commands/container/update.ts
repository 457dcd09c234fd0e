export { default } from '../update.js';
