export { orchestrationApiRef } from './orchestrationApiRef';
export type { OrchestrationApi } from './orchestrationApiRef';
