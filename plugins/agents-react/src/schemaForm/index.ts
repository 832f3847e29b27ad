export { SchemaForm } from './SchemaForm';
export type { SchemaFormProps } from './SchemaForm';
