export {
  GovernanceClient,
  type GovernanceRequestOptions,
} from './GovernanceClient';
