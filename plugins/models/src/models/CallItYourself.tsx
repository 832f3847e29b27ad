import { useLoad } from '@agentportal/plugin-agents-react';
import { CodeSnippet } from '@backstage/core-components';
import { coreApis, useApi } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import styles from './ModelsPage.module.css';

/** How a program calls the same models: the OpenAI SDK against the portal's own address. */
export function CallItYourself() {
  const discoveryApi = useApi(coreApis.discovery);
  const base = useLoad('models', () => discoveryApi.getBaseUrl('models'));
  if (!base.value) return null;
  const code = `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: '${base.value}/openai/v1',
  apiKey: process.env.BACKSTAGE_TOKEN, // a key from the tab Keys, or a Backstage token
});

const answer = await client.chat.completions.create({
  model: 'balanced', // a route, or a model such as builtin/extractive
  messages: [{ role: 'user', content: 'Hello' }],
});`;
  return (
    <section className={styles.snippet} aria-labelledby="call-it-yourself">
      <Text as="h2" variant="title-x-small" id="call-it-yourself">
        Call it from a program
      </Text>
      <Text color="secondary">
        Any OpenAI client works. Calls are checked, counted and paid for like
        those of agents.
      </Text>
      <CodeSnippet language="typescript" text={code} showCopyCodeButton />
    </section>
  );
}
