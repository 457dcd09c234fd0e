export { default } from '../pull.js';
