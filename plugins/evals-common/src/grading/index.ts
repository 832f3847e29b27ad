export { grade, hasArguments, type Grade, type Outcome } from './grade';
export { normalise, sameTool, says } from './text';
