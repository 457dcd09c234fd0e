export { default } from '../cp.js';
