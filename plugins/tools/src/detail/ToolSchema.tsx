import { CodeSnippet } from '@backstage/core-components';
import { Text } from '@backstage/ui';
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
  const { properties = {}, required = [] } = props.schema as ObjectSchema;
  const rows = Object.entries(properties);
  return (
    <section className={styles.schema}>
      <Text as="h3" variant="title-x-small">
        {props.title}
      </Text>
      {rows.length === 0 ? (
        <Text color="secondary">None</Text>
      ) : (
        <table className={styles.schemaTable}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Type</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, property]) => (
              <tr key={name}>
                <td>
                  <code>{name}</code>
                  {required.includes(name) && (
                    <span className={styles.required}>required</span>
                  )}
                </td>
                <td>{typeOf(property)}</td>
                <td>{property.description}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <details>
        <summary>JSON Schema</summary>
        <CodeSnippet
          language="json"
          text={JSON.stringify(props.schema, null, 2)}
          showCopyCodeButton
        />
      </details>
    </section>
  );
}

function typeOf(property: Property): string {
  const choices = property.anyOf ?? property.oneOf;
  if (choices) return [...new Set(choices.map(typeOf))].join(' or ');
  if (property.type === 'array' && property.items) {
    return `list of ${typeOf(property.items)}`;
  }
  if (property.enum) return property.enum.map(String).join(' | ');
  const type = Array.isArray(property.type)
    ? property.type.join(' or ')
    : property.type ?? 'any';
  return property.format ? `${type} (${property.format})` : type;
}
