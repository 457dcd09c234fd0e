export { default } from '../unpause.js';
