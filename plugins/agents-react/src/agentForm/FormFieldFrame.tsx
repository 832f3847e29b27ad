import type { ReactNode } from 'react';
import { FieldLabel, Text } from '@backstage/ui';
import styles from './agentForm.module.css';

/**
 * Label, description and errors around the content of a field.
 *
 * @public
 */
export function FormFieldFrame(props: {
  id: string;
  label?: string;
  description?: string;
  required?: boolean;
  errors?: string[];
  children: ReactNode;
}) {
  const { id, label, description, required, errors = [], children } = props;
  return (
    <div className={styles.field}>
      <FieldLabel
        id={`${id}-label`}
        label={label}
        secondaryLabel={required ? 'Required' : undefined}
        description={description}
      />
      {children}
      {errors.length > 0 && (
        <div role="alert">
          {errors.map(error => (
            <Text key={error} as="p" variant="body-small" color="danger">
              {error}
            </Text>
          ))}
        </div>
      )}
    </div>
  );
}
