export { default } from '../history.js';
