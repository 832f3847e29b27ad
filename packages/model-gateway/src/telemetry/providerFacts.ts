import type { ModelProvider } from '../providers/ModelProvider';

/** A provider as the conventions describe one. */
export interface ProviderFacts {
  /** A registered name where there is one, else the provider's id. */
  name: string;
  address?: string;
  port?: number;
}

/** Who answers at an address, whatever wire format it speaks. */
const BY_HOST: ReadonlyArray<[RegExp, string]> = [
  [/(^|\.)api\.openai\.com$/, 'openai'],
  [/\.openai\.azure\.com$/, 'azure.ai.openai'],
  [/\.(services|inference)\.ai\.azure\.com$/, 'azure.ai.inference'],
  [/(^|\.)anthropic\.com$/, 'anthropic'],
  [/(^|\.)generativelanguage\.googleapis\.com$/, 'gcp.gemini'],
  [/aiplatform\.googleapis\.com$/, 'gcp.vertex_ai'],
  [/^bedrock.*\.amazonaws\.com$/, 'aws.bedrock'],
  [/(^|\.)deepseek\.com$/, 'deepseek'],
  [/(^|\.)mistral\.ai$/, 'mistral_ai'],
  [/(^|\.)groq\.com$/, 'groq'],
  [/(^|\.)x\.ai$/, 'x_ai'],
  [/(^|\.)cohere\.(ai|com)$/, 'cohere'],
  [/(^|\.)perplexity\.ai$/, 'perplexity'],
  [/(^|\.)moonshot\.(ai|cn)$/, 'moonshot_ai'],
  [/\.ml\.cloud\.ibm\.com$/, 'ibm.watsonx.ai'],
];

const known = new WeakMap<ModelProvider, ProviderFacts>();

/** Looked at once for each provider. */
export function providerFacts(provider: ModelProvider): ProviderFacts {
  let facts = known.get(provider);
  if (!facts) {
    facts = read(provider);
    known.set(provider, facts);
  }
  return facts;
}

function read({ id, type, baseUrl }: ModelProvider): ProviderFacts {
  if (type === 'builtin' || !URL.canParse(baseUrl)) {
    return { name: type === 'builtin' ? 'agentportal' : id };
  }
  const { hostname, port, protocol } = new URL(baseUrl);
  const byHost = BY_HOST.find(([pattern]) => pattern.test(hostname))?.[1];
  return {
    name: byHost ?? byFormat(type) ?? id,
    address: hostname,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  };
}

/** Only one vendor's models speak these; OpenAI's format is spoken by all. */
function byFormat(type: ModelProvider['type']): string | undefined {
  if (type === 'anthropic') {
    return 'anthropic';
  }
  return type === 'gemini' ? 'gcp.gemini' : undefined;
}
