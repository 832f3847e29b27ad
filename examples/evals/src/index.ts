/**
 * Evaluation sets of the example company.
 *
 * @packageDocumentation
 */

export { readDataset, readDatasets, isHeldOut, type EvalCase } from './dataset';
export { evaluate, type Driver } from './evaluate';
export { createPortalDriver, type PortalOptions } from './portal';
export { explain, reportOf, summaryOf, type Result } from './report';
