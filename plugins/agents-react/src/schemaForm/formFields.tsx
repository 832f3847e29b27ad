import { TextAreaField } from '@backstage/ui';
import type { FieldProps } from '@rjsf/utils';
import { useState } from 'react';

/** A list of words, one a line. */
function LinesField(props: FieldProps) {
  const [text, setText] = useState(((props.formData as []) ?? []).join('\n'));
  return (
    <TextField
      {...props}
      hint="One a line."
      text={text}
      onText={next => {
        setText(next);
        const lines = next.split('\n').filter(line => line.trim() !== '');
        props.onChange(lines.length ? lines : undefined);
      }}
    />
  );
}

/** Any value, as JSON; text that is no JSON is taken as it is, for the validator to judge. */
function JsonField(props: FieldProps) {
  const [text, setText] = useState(
    props.formData === undefined ? '' : JSON.stringify(props.formData, null, 2),
  );
  return (
    <TextField
      {...props}
      hint="As JSON."
      text={text}
      onText={next => {
        setText(next);
        props.onChange(valueOf(next));
      }}
    />
  );
}

interface TextFieldProps extends FieldProps {
  hint: string;
  text: string;
  onText(text: string): void;
}

function TextField(props: TextFieldProps) {
  const { description, title } = props.schema;
  return (
    <TextAreaField
      label={title ?? props.name}
      secondaryLabel={props.required ? 'Required' : undefined}
      description={description ? `${description} ${props.hint}` : props.hint}
      rows={3}
      value={props.text}
      isDisabled={props.disabled}
      isInvalid={Boolean(props.rawErrors?.length)}
      onChange={props.onText}
    />
  );
}

function valueOf(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Fields for what no single widget can hold. */
export const fields = { json: JsonField, lines: LinesField };
