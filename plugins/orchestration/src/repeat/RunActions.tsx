import { saveFile } from '@agentportal/plugin-agents-react';
import type { Run, RunStep } from '@agentportal/plugin-orchestration-common';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import {
  Button,
  ButtonIcon,
  Menu,
  MenuItem,
  MenuSeparator,
  MenuTrigger,
} from '@backstage/ui';
import { RiMore2Line, RiRestartLine } from '@remixicon/react';
import { useState } from 'react';
import { isFinal } from '../run/useRun';
import { orchestrationTranslationRef } from '../translation';
import { failedStep, mayChooseModel } from './canRepeat';
import { ForkDialog } from './ForkDialog';
import { useRepeat } from './useRepeat';
import styles from './repeat.module.css';

/** Messages are in the run once; in each step that was sent them they would be there again. */
function leanStep(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || !value || !('inputMessages' in value)) {
    return value;
  }
  const { messages: _, ...input } = (value as RunStep).input as {
    messages?: unknown;
  };
  return { ...value, input };
}

/** What one can do with a run: repeat it, and take it along. */
export function RunActions(props: { run: Run; mayRepeat: boolean }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { run, mayRepeat } = props;
  const toastApi = useApi(coreApis.toast);
  const { repeat, isPending } = useRepeat();
  const [isForking, setForking] = useState(false);
  const hasEnded = isFinal(run);
  const failed = run.status === 'failed' ? failedStep(run) : undefined;

  const copyLink = async () => {
    // With the view and the step that are looked at.
    const link = window.location.href;
    try {
      await navigator.clipboard.writeText(link);
      toastApi.post({
        title: t('runActions.theLinkIsCopied'),
        status: 'success',
      });
    } catch {
      // Browsers refuse on plain http and without focus.
      toastApi.post({
        title: t('runActions.theBrowserDidNotLet'),
        description: link,
        status: 'warning',
      });
    }
  };
  const download = () =>
    saveFile(
      `run-${run.id}.json`,
      new Blob([JSON.stringify(run, leanStep, 2)], {
        type: 'application/json',
      }),
    );
  return (
    <div className={styles.actions}>
      {mayRepeat && hasEnded && (
        <Button
          variant="secondary"
          iconStart={<RiRestartLine />}
          isPending={isPending}
          onPress={() => repeat(run.id, failed?.index)}
        >
          {run.status === 'failed'
            ? t('runActions.retry')
            : t('runActions.runAgain')}
        </Button>
      )}
      <MenuTrigger>
        <ButtonIcon
          variant="secondary"
          icon={<RiMore2Line />}
          aria-label={t('runActions.moreToDoWithThe')}
        />
        <Menu
          onAction={key => {
            if (key === 'again') repeat(run.id);
            else if (key === 'model') setForking(true);
            else if (key === 'link') copyLink();
            else download();
          }}
        >
          {mayRepeat && hasEnded && failed && (
            <MenuItem id="again">
              {t('runActions.runAgainFromTheStart')}
            </MenuItem>
          )}
          {mayRepeat && mayChooseModel(run) && (
            <MenuItem id="model" isDisabled={!hasEnded}>
              {hasEnded
                ? t('runActions.runAgainWithAnotherModel')
                : t('runActions.runAgainOnceItHas')}
            </MenuItem>
          )}
          {mayRepeat && <MenuSeparator />}
          <MenuItem id="link">{t('runActions.copyLink')}</MenuItem>
          <MenuItem id="json">{t('runActions.downloadAsJson')}</MenuItem>
        </Menu>
      </MenuTrigger>
      {isForking && <ForkDialog run={run} onClose={() => setForking(false)} />}
    </div>
  );
}
