export { default } from '../logs.js';
