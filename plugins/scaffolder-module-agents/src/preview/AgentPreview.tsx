import {
  AgentPreviewCard,
  nameOfRef,
  useLevelWords,
  useTitles,
} from '@agentportal/plugin-agents-react';
import { AUTONOMY_LEVELS } from '@agentportal/plugin-agents-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';
import { formOf, type AgentForm } from '../form/formContext';
import {
  scaffolderAgentsTranslationRef,
  type GoldenPathWords,
} from '../translation';
import styles from './preview.module.css';

export const previewSchema = makeFieldSchema({ output: z => z.null() });

/**
 * The agent as it will be, and what Create will make. Holds no value. In a wide window it stands beside the form,
 * on each page of it that has the field, and below it elsewhere.
 */
export function AgentPreview(props: typeof previewSchema.TProps) {
  const form = formOf(props);
  const { t } = useTranslationRef(scaffolderAgentsTranslationRef);
  const words = useLevelWords();
  const level = AUTONOMY_LEVELS.find(autonomy => autonomy === form.autonomy);
  const names = {
    owner: useNameOf(form.owner),
    model: useNameOf(form.model),
  };
  const headingId = `${props.idSchema.$id}-label`;
  return (
    <aside className={styles.preview} aria-labelledby={headingId}>
      <div className={styles.held}>
        <h3 id={headingId} className={styles.heading}>
          {props.schema.title}
        </h3>
        <AgentPreviewCard
          name={form.name || 'agent'}
          title={form.title || t('preview.title')}
          description={form.description}
          autonomy={level}
        >
          <ul className={styles.list}>
            {sentences(
              form,
              names,
              level && words.describeAutonomy(level),
              t,
            ).map(sentence => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </AgentPreviewCard>
      </div>
    </aside>
  );
}

/** What people call it, or a mark of what is not known yet, as of an id. */
function useNameOf(ref: string | undefined): string {
  const titles = useTitles(ref ? [ref] : undefined);
  return (ref && titles && (titles.get(ref) ?? nameOfRef(ref))) || '…';
}

/** What is known by now: a page that was not filled in yet says nothing. */
function sentences(
  form: AgentForm,
  names: { owner: string; model: string },
  described: string | undefined,
  t: GoldenPathWords,
): string[] {
  const name = form.name || '…';
  const spent = spending(form, t);
  return [
    t(`preview.repository.${hostOf(form)}`),
    form.owner
      ? t('preview.entryOf', { name, owner: names.owner })
      : t('preview.entry', { name }),
    ...(form.model ? [t('preview.model', { model: names.model })] : []),
    ...(form.tools ? [t('preview.tools', { count: form.tools.length })] : []),
    ...(described ? [described] : []),
    ...(spent ? [spent] : []),
  ];
}

function hostOf({ publishTo }: AgentForm): 'local' | 'github' | 'gitlab' {
  return publishTo === 'github' || publishTo === 'gitlab' ? publishTo : 'local';
}

function spending(form: AgentForm, t: GoldenPathWords): string | undefined {
  const { maxCostPerRunUsd, monthlyBudgetUsd, publishTo } = form;
  const run = usd(maxCostPerRunUsd);
  const month = usd(monthlyBudgetUsd);
  if (run && month) return t('preview.costBoth', { run, month });
  if (run) return t('preview.costRun', { run });
  if (month) return t('preview.costMonth', { month });
  // It is asked for on the page that asks where the files go.
  return publishTo && t('preview.costFree');
}

function usd(amount: number | undefined): string | undefined {
  return (
    (amount &&
      `$${amount.toLocaleString('en-US', {
        minimumFractionDigits: 2,
        maximumFractionDigits: 2,
      })}`) ||
    undefined
  );
}
