export { NoSuchTab } from './NoSuchTab';
