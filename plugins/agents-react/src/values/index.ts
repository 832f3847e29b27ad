export { CopiedSection, JsonView, readable } from './JsonView';
