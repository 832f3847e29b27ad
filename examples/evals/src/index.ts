/**
 * Evaluation sets of the example company.
 *
 * @packageDocumentation
 */

export {
  readDataset,
  readDatasets,
  isHeldOut,
  type EvalCase,
  type ExpectedCall,
} from './dataset';
export { evaluate, type Driver } from './evaluate';
export { grade, type Grade, type Outcome } from './grade';
export { createPortalDriver, type PortalOptions } from './portal';
export { explain, reportOf, summaryOf, type Result } from './report';
