import {
  AgentPreviewCard,
  FormFieldFrame,
  describeAutonomy,
  nameOfRef,
} from '@agentportal/plugin-agents-react';
import {
  AUTONOMY_LEVELS,
  type Autonomy,
} from '@agentportal/plugin-agents-common';
import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';
import { formOf, type AgentForm } from '../form/formContext';
import styles from '../form/form.module.css';

export const previewSchema = makeFieldSchema({ output: z => z.null() });

/** The agent as it will be, and what Create will make. Holds no value. */
export function AgentPreview(props: typeof previewSchema.TProps) {
  const form = formOf(props);
  const level = AUTONOMY_LEVELS.find(autonomy => autonomy === form.autonomy);
  return (
    <FormFieldFrame id={props.idSchema.$id} label={props.schema.title}>
      <AgentPreviewCard
        name={form.name || 'agent'}
        title={form.title || 'Your agent'}
        description={form.description}
        autonomy={level}
      >
        <ul className={styles.list}>
          {sentences(form, level).map(sentence => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </AgentPreviewCard>
    </FormFieldFrame>
  );
}

function sentences(form: AgentForm, level: Autonomy | undefined): string[] {
  const tools = form.tools?.length ?? 0;
  return [
    `A Git repository ${
      form.publishTo && form.publishTo !== 'local'
        ? `at ${form.publishTo === 'github' ? 'GitHub' : 'GitLab'}`
        : 'in the portal'
    } with its instructions, first tests, budget and a README.`,
    `An entry agent:default/${form.name || '…'} in the catalog${
      form.owner ? `, owned by ${nameOfRef(form.owner)}` : ''
    }.`,
    `It thinks with ${
      form.model ? nameOfRef(form.model) : 'no model yet'
    } and has ${tools === 1 ? 'one tool' : `${tools || 'no'} tools`}.`,
    ...(level ? [describeAutonomy(level)] : []),
    spending(form),
  ];
}

function spending(form: AgentForm): string {
  const run =
    form.maxCostPerRunUsd === undefined
      ? undefined
      : `at most ${usd(form.maxCostPerRunUsd)} in a run`;
  const month =
    form.monthlyBudgetUsd === undefined
      ? undefined
      : `${usd(form.monthlyBudgetUsd)} budgeted for a month`;
  const parts = [run, month].filter(Boolean);
  return parts.length
    ? `It may cost ${parts.join(', ')}.`
    : 'No limit of cost.';
}

function usd(amount: number): string {
  return `$${amount.toLocaleString('en-US', {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  })}`;
}
