export { default } from '../images.js';
