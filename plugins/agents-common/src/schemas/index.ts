export { agentSchema } from './agentSchema';
export { toolSchema } from './toolSchema';
export { modelSchema } from './modelSchema';
export type { KindSchema } from './fields';
