/** How a program calls with a key; the key itself stays out of the code. */
export const SNIPPETS = [
  {
    id: 'curl',
    label: 'curl',
    language: 'bash',
    code: (base: string, model: string) => `export AGENT_PORTAL_KEY='ap_…'

curl ${base}/openai/v1/chat/completions \\
  -H "Authorization: Bearer $AGENT_PORTAL_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello"}]}'`,
  },
  {
    id: 'python',
    label: 'Python',
    language: 'python',
    code: (base: string, model: string) => `import os
from openai import OpenAI

client = OpenAI(
    base_url="${base}/openai/v1",
    api_key=os.environ["AGENT_PORTAL_KEY"],
)
answer = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`,
  },
  {
    id: 'anthropic',
    label: 'Anthropic SDK',
    language: 'typescript',
    code: (
      base: string,
      model: string,
    ) => `import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({
  baseURL: '${base}/anthropic',
  apiKey: process.env.AGENT_PORTAL_KEY,
});
const message = await client.messages.create({
  model: '${model}',
  max_tokens: 500,
  messages: [{ role: 'user', content: 'Hello' }],
});`,
  },
] as const;
