export {
  OrchestrationClient,
  type OrchestrationRequestOptions,
  type StreamEventsOptions,
} from './OrchestrationClient';
