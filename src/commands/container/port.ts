export { default } from '../port.js';
