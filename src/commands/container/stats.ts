export { default } from '../stats.js';
