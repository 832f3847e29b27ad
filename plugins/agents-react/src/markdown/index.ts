export { ForeignMarkdown } from './ForeignMarkdown';
