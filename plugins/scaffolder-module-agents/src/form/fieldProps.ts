import type { AgentFieldProps } from '@agentportal/plugin-agents-react';

/** What the scaffolder hands to a field, as the fields about agents take it. */
export function fieldProps<T>(props: {
  formData?: T;
  onChange(value: T | undefined): void;
  idSchema: { $id: string };
  schema: { title?: string; description?: string };
  rawErrors?: string[];
  required?: boolean;
  disabled?: boolean;
}): AgentFieldProps<T> {
  return {
    id: props.idSchema.$id,
    label: props.schema.title,
    description: props.schema.description,
    value: props.formData,
    onChange: props.onChange,
    required: props.required,
    errors: props.rawErrors,
    isDisabled: props.disabled,
  };
}
