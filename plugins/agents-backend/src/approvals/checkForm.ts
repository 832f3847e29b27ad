import Ajv2020 from 'ajv/dist/2020';
import type { JsonObject } from '@backstage/types';

/** Values against the form of a question, or the form alone. */
export interface FormTask {
  form: JsonObject;
  values?: JsonObject;
}

/** What is wrong, in sentences. Runs in a process of its own: forms are foreign. */
export function checkForm({ form, values }: FormTask): string[] {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    validateFormats: false,
  });
  let validate;
  try {
    validate = ajv.compile({ ...form, type: 'object' });
  } catch (error) {
    return [`The form is no JSON Schema: ${(error as Error).message}`];
  }
  if (!values || validate(values)) {
    return [];
  }
  return (validate.errors ?? []).slice(0, 20).map(({ instancePath, ...e }) => {
    const field = instancePath.slice(1).replaceAll('/', '.');
    return `${field ? `"${field}"` : 'The answer'} ${e.message}.`;
  });
}
