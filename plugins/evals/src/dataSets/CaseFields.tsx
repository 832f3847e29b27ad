import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Switch, TextAreaField, TextField } from '@backstage/ui';
import { idOf, type CaseForm } from './caseForm';
import { evalsTranslationRef } from '../translation';
import layout from '../layout/layout.module.css';

/** Question, what a right answer has, and the rest of a case. */
export function CaseFields(props: {
  form: CaseForm;
  /** Whether the case is new, so that its id follows the question. */
  isNew: boolean;
  onChange: (form: CaseForm) => void;
}) {
  const { form, isNew, onChange } = props;
  const { t } = useTranslationRef(evalsTranslationRef);
  const set = (changes: Partial<CaseForm>) => onChange({ ...form, ...changes });
  const isIdOfAsk = form.id === '' || form.id === idOf(form.ask);
  return (
    <>
      <TextAreaField
        label={t('caseFields.whatThePersonAsks')}
        rows={3}
        maxLength={8000}
        value={form.ask}
        onChange={ask =>
          set({ ask, ...(isNew && isIdOfAsk && { id: idOf(ask) }) })
        }
      />
      <TextAreaField
        label={t('caseFields.whatARightAnswerSays')}
        description={t('caseFields.oneFactALineWays')}
        rows={3}
        value={form.facts}
        onChange={facts => set({ facts })}
      />
      <Switch
        label={t('caseFields.aRightAnswerCallsNothing')}
        isSelected={form.decline}
        onChange={decline => set({ decline })}
      />
      <div className={layout.pair}>
        <TextField
          label={t('caseFields.toolThatItCalls')}
          placeholder={t('caseFields.ordersFindOrder')}
          maxLength={200}
          value={form.tool}
          onChange={tool => set({ tool })}
        />
        <TextAreaField
          label={t('caseFields.with')}
          secondaryLabel={t('caseFields.json')}
          placeholder={t('caseFields.orderidNh10042')}
          rows={2}
          value={form.arguments}
          onChange={args => set({ arguments: args })}
        />
      </div>
      <TextAreaField
        label={t('caseForm.judge')}
        description={t('caseForm.judgeHint')}
        rows={2}
        maxLength={8000}
        value={form.judge}
        onChange={judge => set({ judge })}
      />
      {(form.judge || form.against) && (
        <TextAreaField
          label={t('caseForm.against')}
          description={t('caseForm.againstHint')}
          rows={2}
          maxLength={8000}
          value={form.against}
          onChange={against => set({ against })}
        />
      )}
      <div className={layout.pair}>
        <TextField
          label={t('caseFields.id')}
          isDisabled={!isNew}
          maxLength={100}
          value={form.id}
          onChange={id => set({ id })}
        />
        <TextField
          label={t('caseFields.tags')}
          placeholder={t('caseFields.ordersRefunds')}
          value={form.tags}
          onChange={tags => set({ tags })}
        />
      </div>
      <TextAreaField
        label={t('caseFields.theRest')}
        secondaryLabel={t('caseFields.json')}
        description={t('caseFields.whatHasNoFieldHere')}
        rows={form.rest ? 6 : 2}
        value={form.rest}
        onChange={rest => set({ rest })}
      />
    </>
  );
}
