import { ConfirmDialog } from '@agentportal/plugin-agents-react';
import {
  useApi,
  useAppNavigate,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { TextAreaField, TextField } from '@backstage/ui';
import { useState } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { dataSetRouteRef } from '../routes';
import layout from '../layout/layout.module.css';

/** Begins a data set that is kept in the portal. */
export function NewDataSetDialog(props: {
  agentRef: string;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { agentRef, onClose } = props;
  const api = useApi(evalsApiRef);
  const navigate = useAppNavigate();
  const route = useRouteRef(dataSetRouteRef);
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  return (
    <ConfirmDialog
      title={t('newDataSetDialog.newDataSet')}
      action={t('newDataSetDialog.beginIt')}
      failure={t('newDataSetDialog.theDataSetCouldNot')}
      isIncomplete={!title.trim()}
      onConfirm={async () => {
        const { id } = await api.createDataSet({
          agentRef,
          title: title.trim(),
          ...(description.trim() && { description: description.trim() }),
        });
        onClose();
        navigate(route?.({ dataSetId: id }) ?? '');
      }}
      onClose={onClose}
    >
      <div className={layout.form}>
        <TextField
          label={t('newDataSetDialog.name')}
          isRequired
          maxLength={100}
          value={title}
          onChange={setTitle}
        />
        <TextAreaField
          label={t('newDataSetDialog.whatItIsAbout')}
          secondaryLabel={t('newDataSetDialog.optional')}
          rows={2}
          maxLength={1000}
          value={description}
          onChange={setDescription}
        />
        <p className={layout.quiet}>
          {t('newDataSetDialog.casesAreAddedOnIts')}
        </p>
      </div>
    </ConfirmDialog>
  );
}
