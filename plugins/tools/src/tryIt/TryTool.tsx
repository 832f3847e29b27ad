import { SchemaForm } from '@agentportal/plugin-agents-react';
import type { ToolCallResult, Tool } from '@agentportal/plugin-tools-common';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Text,
} from '@backstage/ui';
import { useRef, useState } from 'react';
import { toolsApiRef } from '../api/toolsApiRef';
import { riskSentence } from '../detail/riskSentence';
import { toolsTranslationRef } from '../translation';
import { FailedCall } from './FailedCall';
import { ToolResult } from './ToolResult';
import styles from './TryTool.module.css';

type Arguments = Record<string, unknown>;

/** A form made from the tool's schema; the call goes through the gateway, as an agent's would. */
export function TryTool({ tool }: { tool: Tool }) {
  const { t } = useTranslationRef(toolsTranslationRef);
  const toolsApi = useApi(toolsApiRef);
  const [values, setValues] = useState<Arguments>({});
  const [asked, setAsked] = useState<Arguments>();
  const [result, setResult] = useState<ToolCallResult>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const running = useRef<AbortController>();

  const call = async (args: Arguments) => {
    const controller = new AbortController();
    running.current = controller;
    setAsked(undefined);
    setBusy(true);
    setError(undefined);
    setResult(undefined);
    try {
      setResult(
        await toolsApi.callTool(tool.name, args, { signal: controller.signal }),
      );
    } catch (problem) {
      if (!controller.signal.aborted) setError(problem as Error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className={styles.root}>
      <SchemaForm
        schema={tool.inputSchema}
        values={values}
        isDisabled={!tool.allowed}
        onChange={setValues}
        onSubmit={args =>
          tool.riskTier === 'read' ? call(args) : setAsked(args)
        }
      >
        <div className={styles.actions}>
          <Button
            type="submit"
            variant="primary"
            isPending={busy}
            isDisabled={!tool.allowed}
          >
            {t('tryTool.callTheTool')}
          </Button>
          {busy && (
            <Button variant="tertiary" onPress={() => running.current?.abort()}>
              {t('tryTool.stop')}
            </Button>
          )}
          {tool.allowed && (
            <Text variant="body-small" color="secondary">
              {t('tryTool.theCallIsMadeFor')}
            </Text>
          )}
        </div>
      </SchemaForm>

      <div aria-live="polite">
        {error && <FailedCall tool={tool} error={error} />}
        {result && <ToolResult result={result} />}
      </div>

      <Dialog
        isOpen={asked !== undefined}
        onOpenChange={open => !open && setAsked(undefined)}
      >
        <DialogHeader>{t('tryTool.call', { title: tool.title })}</DialogHeader>
        <DialogBody>
          <Text as="p">{riskSentence(tool, t)}</Text>
          <Text as="p">{t('tryTool.itWillBeCalledIn')}</Text>
          <pre className={styles.code}>{JSON.stringify(asked, null, 2)}</pre>
        </DialogBody>
        <DialogFooter>
          <Button
            variant="primary"
            destructive={tool.riskTier === 'critical'}
            onPress={() => asked && call(asked)}
          >
            {t('tryTool.callIt')}
          </Button>
          <Button variant="secondary" onPress={() => setAsked(undefined)}>
            {t('tryTool.cancel')}
          </Button>
        </DialogFooter>
      </Dialog>
    </div>
  );
}
