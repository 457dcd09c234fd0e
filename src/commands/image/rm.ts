export { default } from '../rmi.js';
