interface SnippetOptions {
  /** The token endpoint is below it. */
  issuer: string;
  clientId: string;
  /** Whether the agent acts only for people, whose token the program then brings. */
  forPerson: boolean;
}

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** How a program gets a token as the agent; the secret itself stays out of the code. */
export const SNIPPETS = [
  {
    id: 'curl',
    label: 'curl',
    language: 'bash',
    code: ({ clientId, forPerson, issuer }: SnippetOptions) =>
      [
        `export AGENT_SECRET='…'`,
        ...(forPerson ? [`export PERSON_TOKEN='…'  # whom it works for`] : []),
        '',
        `curl ${issuer}/token \\`,
        `  --data-urlencode 'client_id=${clientId}' \\`,
        `  --data-urlencode "client_secret=$AGENT_SECRET" \\`,
        ...(forPerson
          ? [
              `  --data-urlencode 'grant_type=${EXCHANGE}' \\`,
              `  --data-urlencode 'subject_token_type=${ACCESS_TOKEN}' \\`,
              `  --data-urlencode "subject_token=$PERSON_TOKEN"`,
            ]
          : [`  --data-urlencode 'grant_type=client_credentials'`]),
      ].join('\n'),
  },
  {
    id: 'openid-client',
    label: 'openid-client',
    language: 'typescript',
    code: ({ clientId, forPerson, issuer }: SnippetOptions) =>
      [
        `import * as client from 'openid-client';`,
        '',
        'const config = await client.discovery(',
        `  new URL('${issuer}'),`,
        `  '${clientId}',`,
        '  process.env.AGENT_SECRET,',
        '  undefined,',
        ...(issuer.startsWith('http:')
          ? [
              `  { algorithm: 'oauth2', execute: [client.allowInsecureRequests] },`,
            ]
          : [`  { algorithm: 'oauth2' },`]),
        ');',
        ...(forPerson
          ? [
              'const tokens = await client.genericGrantRequest(',
              '  config,',
              `  '${EXCHANGE}',`,
              '  {',
              '    subject_token: personToken,',
              `    subject_token_type: '${ACCESS_TOKEN}',`,
              '  },',
              ');',
            ]
          : ['const tokens = await client.clientCredentialsGrant(config);']),
        'console.log(tokens.access_token);',
      ].join('\n'),
  },
] as const;
