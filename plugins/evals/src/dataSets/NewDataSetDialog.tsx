import { ConfirmDialog } from '@agentportal/plugin-agents-react';
import {
  useApi,
  useAppNavigate,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { TextAreaField, TextField } from '@backstage/ui';
import { useState } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { dataSetRouteRef } from '../routes';
import layout from '../layout/layout.module.css';

/** Begins a data set that is kept in the portal. */
export function NewDataSetDialog(props: {
  agentRef: string;
  onClose: () => void;
}) {
  const { agentRef, onClose } = props;
  const api = useApi(evalsApiRef);
  const navigate = useAppNavigate();
  const route = useRouteRef(dataSetRouteRef);
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  return (
    <ConfirmDialog
      title="New data set"
      action="Begin it"
      failure="The data set could not be made"
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
          label="Name"
          isRequired
          maxLength={100}
          value={title}
          onChange={setTitle}
        />
        <TextAreaField
          label="What it is about"
          secondaryLabel="Optional"
          rows={2}
          maxLength={1000}
          value={description}
          onChange={setDescription}
        />
        <p className={layout.quiet}>
          Cases are added on its page, or read from a YAML, CSV or JSONL file.
        </p>
      </div>
    </ConfirmDialog>
  );
}
