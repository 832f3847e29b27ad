import type { ToolAutonomy } from '@agentportal/plugin-evals-common';
import {
  ConfirmDialog,
  formatPercent,
  nameOfRef,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { TextAreaField } from '@backstage/ui';
import { useState } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { evalsTranslationRef } from '../translation';
import layout from '../layout/layout.module.css';

const SHORTEST = 3;

/** What is about to be done about a tool. */
export interface AutonomyAct {
  kind: 'propose' | 'end';
  tool: ToolAutonomy;
}

/** Proposes that people are asked no more, or lets them be asked again. */
export function AutonomyDialog(props: {
  agentRef: string;
  act: AutonomyAct;
  askedShare: number;
  onDone: () => void;
  onClose: () => void;
}) {
  const { act, agentRef, askedShare, onClose, onDone } = props;
  const { kind, tool } = act;
  const api = useApi(evalsApiRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const [text, setText] = useState('');
  const reason = text.trim();
  const { toolRef } = tool;
  const name = tool.title ?? nameOfRef(toolRef);
  const isEnd = kind === 'end';
  return (
    <ConfirmDialog
      title={t(`autonomy.${kind}Dialog.title`, { tool: name })}
      action={t(`autonomy.${kind}`)}
      failure={t(`autonomy.${kind}Dialog.failure`)}
      isIncomplete={isEnd && reason.length < SHORTEST}
      onConfirm={async () => {
        await (isEnd
          ? api.endAutonomy({ agentRef, toolRef, reason })
          : api.proposeAutonomy({
              agentRef,
              toolRef,
              ...(reason && { reason }),
            }));
        onDone();
        onClose();
      }}
      onClose={onClose}
    >
      <div className={layout.form}>
        <p className={layout.words}>
          {isEnd
            ? t('autonomy.endDialog.says')
            : t('autonomy.proposeDialog.says', {
                share: formatPercent(askedShare),
              })}
        </p>
        <TextAreaField
          label={t('autonomy.reason')}
          secondaryLabel={isEnd ? t('autonomy.required') : undefined}
          rows={2}
          maxLength={isEnd ? 500 : 200}
          value={text}
          onChange={setText}
        />
      </div>
    </ConfirmDialog>
  );
}
