import Form from '@rjsf/core';
import type { RJSFSchema } from '@rjsf/utils';
import validator from '@rjsf/validator-ajv8';
import { useMemo, useRef, type ReactNode } from 'react';
import { fields } from './formFields';
import { templates, widgets } from './formTheme';
import { uiSchemaOf } from './uiSchemaOf';

/**
 * Props of {@link SchemaForm}.
 *
 * @public
 */
export interface SchemaFormProps {
  /** JSON Schema of an object; its properties are the fields. */
  schema: Record<string, unknown>;
  values: Record<string, unknown>;
  isDisabled?: boolean;
  onChange(values: Record<string, unknown>): void;
  /** With values that fit the schema; what does not is said at its field. */
  onSubmit(values: Record<string, unknown>): void;
  /** Buttons, of which one has `type="submit"`. */
  children: ReactNode;
}

// The form's validator knows draft 7; MCP schemas name 2020-12 but rarely use what is new in it.
// Whoever is sent the values validates against the schema as it is.
function formSchemaOf(schema: Record<string, unknown>): RJSFSchema {
  const {
    $schema: _dialect,
    title: _title,
    description: _text,
    ...rest
  } = schema;
  return rest as RJSFSchema;
}

/**
 * A form made from a JSON Schema, such as that of a tool or of a question.
 *
 * @public
 */
export function SchemaForm(props: SchemaFormProps) {
  const root = useRef<HTMLDivElement>(null);
  const schema = useMemo(() => formSchemaOf(props.schema), [props.schema]);
  const uiSchema = useMemo(() => uiSchemaOf(schema), [schema]);
  return (
    <div ref={root}>
      <Form
        schema={schema}
        validator={validator}
        widgets={widgets}
        templates={templates}
        fields={fields}
        uiSchema={uiSchema}
        formData={props.values}
        disabled={props.isDisabled}
        showErrorList={false}
        noHtml5Validate
        onError={() =>
          root.current
            ?.querySelector<HTMLElement>('[aria-invalid=true]')
            ?.focus()
        }
        onChange={({ formData }) => props.onChange(formData ?? {})}
        onSubmit={({ formData }) => props.onSubmit(formData ?? {})}
      >
        {props.children}
      </Form>
    </div>
  );
}
