export { RowTable } from './RowTable';
export type { RowTableProps, TableColumn } from './RowTable';
export { PagedTable } from './PagedTable';
export type { PagedTableProps } from './PagedTable';
