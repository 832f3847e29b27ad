export {
  mayPass,
  OrchestrationClient,
  type OrchestrationRequestOptions,
  type StreamEventsOptions,
} from './OrchestrationClient';
