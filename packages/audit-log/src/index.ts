/**
 * A tamper-evident log: entries as canonical JSON, a Merkle tree over them, signed
 * tree heads, personal data that can be erased, and the verification of an export.
 *
 * @packageDocumentation
 */
export { canonicalText } from './encoding';
export {
  DROP_ACTION,
  dropSchema,
  entrySchema,
  type ExportLine,
  exportLineSchema,
  LOG_SOURCE,
} from './exportLines';
export { ExportWriter } from './ExportWriter';
export {
  LogSigner,
  LogVerifier,
  type PublicKeys,
  publicKeysSchema,
  type TreeHead,
  treeHeadSchema,
} from './heads';
export { EMPTY_ROOT, leafHash } from './merkle/hashes';
export { rootOfInclusion, verifyConsistency } from './merkle/proofs';
export { RunningTree } from './merkle/RunningTree';
export {
  appendLeaves,
  edgeOf,
  readConsistencyProof,
  readCover,
  readInclusionProof,
  readRoot,
  type ReadTiles,
  type Tile,
  type TileId,
} from './merkle/tiles';
export { MasterSecret } from './subjects/MasterSecret';
export {
  canonicalRenamed,
  entryKeyOf,
  openPart,
  type PersonalPart,
  personsIn,
  rename,
  renameText,
  type SealedPart,
  sealedPartSchema,
  sealPart,
} from './subjects/persons';
export { runAuditVerify } from './verify/cli';
export { ExportVerifier } from './verify/ExportVerifier';
export type { Problem, VerificationReport } from './verify/report';
export { verifyExportFile } from './verify/verifyFile';
