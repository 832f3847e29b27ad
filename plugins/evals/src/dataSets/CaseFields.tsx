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
        label="What the person asks"
        rows={3}
        maxLength={8000}
        value={form.ask}
        onChange={ask =>
          set({ ask, ...(isNew && isIdOfAsk && { id: idOf(ask) }) })
        }
      />
      <TextAreaField
        label="What a right answer says"
        description="One fact a line; ways to say the same are parted by a | between spaces."
        rows={3}
        value={form.facts}
        onChange={facts => set({ facts })}
      />
      <Switch
        label="A right answer calls nothing and says that it cannot"
        isSelected={form.decline}
        onChange={decline => set({ decline })}
      />
      <div className={layout.pair}>
        <TextField
          label="Tool that it calls"
          placeholder="orders.find_order"
          maxLength={200}
          value={form.tool}
          onChange={tool => set({ tool })}
        />
        <TextAreaField
          label="With"
          secondaryLabel="JSON"
          placeholder='{ "orderId": "NH-10042" }'
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
          label="Id"
          isDisabled={!isNew}
          maxLength={100}
          value={form.id}
          onChange={id => set({ id })}
        />
        <TextField
          label="Tags"
          placeholder="orders, refunds"
          value={form.tags}
          onChange={tags => set({ tags })}
        />
      </div>
      <TextAreaField
        label="The rest"
        secondaryLabel="JSON"
        description="What has no field here: turns, calls, answers of tools, checks."
        rows={form.rest ? 6 : 2}
        value={form.rest}
        onChange={rest => set({ rest })}
      />
    </>
  );
}
