export { default } from '../pause.js';
