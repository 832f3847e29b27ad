/**
 * What every field about an agent is given; the forms around them differ.
 *
 * @public
 */
export interface AgentFieldProps<T> {
  id: string;
  label?: string;
  description?: string;
  value: T | undefined;
  onChange(value: T): void;
  required?: boolean;
  /** What is wrong with the value, in sentences. */
  errors?: string[];
  isDisabled?: boolean;
}
