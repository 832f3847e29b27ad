import Ajv2020 from 'ajv/dist/2020';
import { RE2JS } from 're2js';
import { type EvaluatorFunction, opinion } from '../Attempt';

const FENCED = /^```[a-z]*\n([\s\S]*)\n```$/i;

/** Patterns of others run in linear time; what RE2 cannot compile is an error of the schema. */
const linearRegExp = (pattern: string) => {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
  return {
    test: (text: string) => compiled.test(text),
    toString: () => pattern,
  };
};

/** The answer is JSON, in a code fence or not, that the schema (2020-12) takes. */
export const jsonSchema: EvaluatorFunction = ({ value }, { answer }) => {
  let parsed: unknown;
  try {
    const text = answer.trim();
    parsed = JSON.parse(FENCED.exec(text)?.[1] ?? text);
  } catch {
    return opinion(false, 'It is not JSON.');
  }
  try {
    const ajv = new Ajv2020({
      strict: false,
      logger: false,
      code: { regExp: Object.assign(linearRegExp, { code: 'linearRegExp' }) },
    });
    const validate = ajv.compile(value as object);
    return opinion(
      validate(parsed) as boolean,
      ajv.errorsText(validate.errors, { dataVar: 'answer' }),
    );
  } catch (error) {
    return {
      outcome: 'incomplete',
      reason: `The schema cannot be used: ${(error as Error).message}`,
    };
  }
};
