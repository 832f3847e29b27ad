import type { ReactNode } from 'react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { FieldLabel, Text } from '@backstage/ui';
import { agentsReactTranslationRef } from '../translation';
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
  const { t } = useTranslationRef(agentsReactTranslationRef);
  return (
    <div className={styles.field}>
      <FieldLabel
        id={`${id}-label`}
        label={label}
        secondaryLabel={required ? t('form.required') : undefined}
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
