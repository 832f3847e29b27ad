export { toolEntityName, modelEntityName } from './entityNames';
export { DEFAULT_MODEL_REF, modelRefOf } from './modelRef';
export { agentRefsOf, fullRefOf, toolRefsOf, modelRefsOf } from './specRefs';
export type { AgentRefs } from './specRefs';
