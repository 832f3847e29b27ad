import { CodeSnippet } from '@backstage/core-components';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import { toolsTranslationRef } from '../translation';
import type { ToolsTranslation } from '../translation';
import styles from './ToolDetail.module.css';

interface Property {
  type?: string | string[];
  items?: Property;
  anyOf?: Property[];
  oneOf?: Property[];
  description?: string;
  enum?: unknown[];
  format?: string;
  default?: unknown;
}

interface ObjectSchema {
  properties?: Record<string, Property>;
  required?: string[];
}

/** A JSON Schema as a table that people read, with the schema itself below it. */
export function ToolSchema(props: {
  title: string;
  schema: Record<string, unknown>;
}) {
  const { t } = useTranslationRef(toolsTranslationRef);
  const { properties = {}, required = [] } = props.schema as ObjectSchema;
  const rows = Object.entries(properties);
  return (
    <section className={styles.schema}>
      <Text as="h3" variant="title-x-small">
        {props.title}
      </Text>
      {rows.length === 0 ? (
        <Text color="secondary">{t('toolSchema.none')}</Text>
      ) : (
        <table className={styles.schemaTable}>
          <thead>
            <tr>
              <th scope="col">{t('toolSchema.name')}</th>
              <th scope="col">{t('toolSchema.type')}</th>
              <th scope="col">{t('toolSchema.meaning')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, property]) => (
              <tr key={name}>
                <td>
                  <code>{name}</code>
                  {required.includes(name) && (
                    <span className={styles.required}>
                      {t('toolSchema.required')}
                    </span>
                  )}
                </td>
                <td>{typeOf(property, t)}</td>
                <td>{property.description}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <details>
        <summary>{t('toolSchema.jsonSchema')}</summary>
        <CodeSnippet
          language="json"
          text={JSON.stringify(props.schema, null, 2)}
          showCopyCodeButton
        />
      </details>
    </section>
  );
}

function typeOf(property: Property, t: ToolsTranslation): string {
  const choices = property.anyOf ?? property.oneOf;
  const or = t('toolSchema.or');
  if (choices) {
    return [...new Set(choices.map(each => typeOf(each, t)))].join(or);
  }
  if (property.type === 'array' && property.items) {
    return t('toolSchema.listOf', { type: typeOf(property.items, t) });
  }
  if (property.enum) return property.enum.map(String).join(' | ');
  const type = Array.isArray(property.type)
    ? property.type.join(or)
    : property.type ?? t('toolSchema.any');
  return property.format ? `${type} (${property.format})` : type;
}
