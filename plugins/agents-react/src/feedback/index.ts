export { ConfirmDialog } from './ConfirmDialog';
export type { ConfirmDialogProps } from './ConfirmDialog';
export { CopyButton } from './CopyButton';
export type { CopyButtonProps } from './CopyButton';
export { EmptyHint } from './EmptyHint';
export type { EmptyHintProps } from './EmptyHint';
export { ErrorPanel } from './ErrorPanel';
export type { ErrorPanelProps } from './ErrorPanel';
export { CardSkeleton, LinesSkeleton, RowsSkeleton } from './skeletons';
export type {
  CardSkeletonProps,
  LinesSkeletonProps,
  RowsSkeletonProps,
} from './skeletons';
export { RefusedHint } from './RefusedHint';
export { isNotFound, messageOf, refusalOf } from './refusal';
export type { Refusal } from './refusal';
export { saveFile } from './saveFile';
