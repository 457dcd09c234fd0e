export { default } from '../attach.js';
