export * from './agreement';
export * from './countDetector';
export * from './multiplicity';
export * from './pairs';
export * from './power';
export {
  casesNeeded,
  countInterval,
  lowerBound,
  upperBound,
  wilsonInterval,
} from './rates';
export {
  pairedBootstrap,
  signFlipTest,
  type Measurements,
  type ResamplingOptions,
} from './resampling';
export * from './rateDetector';
export * from './sequential';
export * from './verdict';
