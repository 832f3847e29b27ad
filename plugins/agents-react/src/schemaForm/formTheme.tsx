import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Checkbox,
  Select,
  Text,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import type {
  FieldTemplateProps,
  ObjectFieldTemplateProps,
  TemplatesType,
  WidgetProps,
} from '@rjsf/utils';
import { agentsReactTranslationRef } from '../translation';
import styles from './schemaForm.module.css';

const UNSET = '*';

function labelOf(props: WidgetProps) {
  return props.label || props.name;
}

function TextWidget(props: WidgetProps) {
  const number = ['number', 'integer'].includes(String(props.schema.type));
  return (
    <TextField
      label={labelOf(props)}
      secondaryLabel={props.required ? 'Required' : undefined}
      description={props.schema.description}
      placeholder={placeholderOf(props)}
      inputMode={number ? 'decimal' : undefined}
      value={props.value === undefined ? '' : String(props.value)}
      isDisabled={props.disabled}
      isInvalid={Boolean(props.rawErrors?.length)}
      onChange={text => props.onChange(parse(text, number))}
    />
  );
}

function TextareaWidget(props: WidgetProps) {
  return (
    <TextAreaField
      label={labelOf(props)}
      secondaryLabel={props.required ? 'Required' : undefined}
      description={props.schema.description}
      value={props.value ?? ''}
      isDisabled={props.disabled}
      isInvalid={Boolean(props.rawErrors?.length)}
      onChange={text => props.onChange(text || undefined)}
    />
  );
}

function SelectWidget(props: WidgetProps) {
  const options = (props.options.enumOptions ?? []).map(option => ({
    value: String(option.value),
    label: option.label,
  }));
  return (
    <Select
      label={labelOf(props)}
      secondaryLabel={props.required ? 'Required' : undefined}
      description={props.schema.description}
      isDisabled={props.disabled}
      isInvalid={Boolean(props.rawErrors?.length)}
      value={props.value === undefined ? UNSET : String(props.value)}
      options={[
        { value: UNSET, label: props.required ? 'Choose one' : 'Not set' },
        ...options,
      ]}
      onChange={key => {
        const chosen = props.options.enumOptions?.find(
          option => String(option.value) === key,
        );
        props.onChange(key === UNSET ? undefined : chosen?.value);
      }}
    />
  );
}

function CheckboxWidget(props: WidgetProps) {
  return (
    <Checkbox
      isSelected={Boolean(props.value)}
      isDisabled={props.disabled}
      onChange={props.onChange}
    >
      {labelOf(props)}
      {props.schema.description && (
        <Text variant="body-small" color="secondary">
          {` ${props.schema.description}`}
        </Text>
      )}
    </Checkbox>
  );
}

/** Fields bring their own label; the template adds the space and what is wrong. */
function FieldTemplate(props: FieldTemplateProps) {
  if (props.hidden) return <div hidden>{props.children}</div>;
  return (
    <div className={styles.field}>
      {props.children}
      {props.rawErrors && props.rawErrors.length > 0 && (
        <Text variant="body-small" color="danger" role="alert">
          {props.rawErrors.map(sentence).join(' ')}
        </Text>
      )}
    </div>
  );
}

function ObjectFieldTemplate(props: ObjectFieldTemplateProps) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  if (props.properties.length === 0) {
    return <Text color="secondary">{t('formTheme.itTakesNoArguments')}</Text>;
  }
  const nested = props.idSchema.$id !== 'root';
  return (
    <fieldset className={nested ? styles.nested : styles.fields}>
      {nested && props.title && <legend>{props.title}</legend>}
      {props.properties.map(property => property.content)}
    </fieldset>
  );
}

function placeholderOf({ schema }: WidgetProps) {
  const [example] = (schema.examples as unknown[] | undefined) ?? [];
  if (example !== undefined) return `For example ${example}`;
  return schema.format === 'date' ? 'YYYY-MM-DD' : undefined;
}

// Text that is no number is kept, so that the validator can say so at the field.
function parse(text: string, number: boolean) {
  if (text === '') return undefined;
  const value = Number(text);
  return number && text.trim() !== '' && !Number.isNaN(value) ? value : text;
}

function sentence(message: string) {
  if (message.startsWith('must have required property')) {
    return 'This is needed.';
  }
  if (message.startsWith('must match pattern')) {
    const pattern = message.slice('must match pattern'.length).trim();
    return `It is not written as asked for: ${pattern}.`;
  }
  return `${message[0].toUpperCase()}${message.slice(1)}.`;
}

/** Form widgets on Backstage's own components. */
export const widgets = {
  TextWidget,
  TextareaWidget,
  SelectWidget,
  CheckboxWidget,
  DateWidget: TextWidget,
  DateTimeWidget: TextWidget,
  EmailWidget: TextWidget,
  URLWidget: TextWidget,
  UpDownWidget: TextWidget,
};

/** Form templates on Backstage's own components. */
export const templates: Partial<TemplatesType> = {
  FieldTemplate,
  ObjectFieldTemplate,
};
