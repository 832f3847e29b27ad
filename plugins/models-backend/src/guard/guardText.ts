import {
  describePart,
  type Findings,
  type GuardAction,
  type GuardConfig,
  type GuardPolicy,
  INERT_LINK,
  MAX_CHECKED_ANSWER,
  MaskedStream,
  SentenceStream,
  type SentenceVerdict,
  type Tokens,
  Topics,
  unsafeContentIn,
  unsupportedClaims,
} from '@agentportal/guard';
import type {
  AnswerPart,
  GuardableCall,
  TextMask,
} from '@agentportal/model-gateway';
import { matchesHost } from '@agentportal/plugin-agents-node';
import type { PortalGrant } from '../access/PortalAuthenticator';
import type { CallFindings } from './CallFindings';
import { findsOf, standIn } from './standIn';

/** What is done about what is found. */
export type Actions = Partial<
  Record<GuardPolicy[number]['finds'], GuardAction>
>;

/** What is looked for in a call, and how. */
export interface Look {
  call: GuardableCall<PortalGrant>;
  config: GuardConfig;
  actions: Actions;
  findings: CallFindings;
  topics: Topics;
  tokens?: Tokens;
}

/** Masks one text of an answer: first whole sentences, then what stands in them. */
export function guardText(look: Look, kind: AnswerPart): TextMask {
  const { findings, tokens } = look;
  const isText = kind === 'text';
  const stream = maskParts(look, kind);
  const sentences = isText ? judgeSentences(look) : undefined;
  const claims = isText ? markClaims(look) : undefined;
  const said = (text: string) => {
    if (!isText || !tokens) return text;
    const told = tokens.describe(text, { unknown: 'name' });
    if (told !== text) findings.hid(secretOrData(text));
    return told;
  };
  return {
    push: async piece => {
      claims?.push(piece);
      return said(await stream.push(sentences?.push(piece) ?? piece));
    },
    end: async () => {
      claims?.end();
      const rest = await stream.push(sentences?.end() ?? '');
      return said(rest + (await stream.end()));
    },
  };
}

function maskParts(look: Look, kind: AnswerPart): MaskedStream {
  const { actions, call, config, findings, tokens } = look;
  const isText = kind === 'text';
  // Nobody would give a program's tools the values back.
  const inArguments = isText || tokens !== undefined;
  const looksFor: Findings = {
    secrets: inArguments && actions.secret !== 'none',
    personalData: inArguments && actions['personal-data'] !== 'none',
    ...(isText &&
      actions.link !== 'none' && {
        links: {
          isListed: (url: URL) => matchesHost(url, config.linkHosts),
          isTold: (url: string) => call.text.includes(url),
        },
      }),
  };
  return new MaskedStream({
    findings: looksFor,
    json: kind === 'arguments',
    replace: (part, value) => {
      const finds = findsOf(part);
      findings.add('answer', finds, actions[finds]!, {
        rule: part.kind,
        text: value,
        offset: part.start,
      });
      if (actions[finds] !== 'mask') return value;
      if (isText) findings.hid(finds);
      if (finds === 'link') return INERT_LINK;
      // People read the text; tools are called with the arguments.
      return isText
        ? describePart(part.kind, value)
        : standIn(part, value, tokens);
    },
  });
}

/** Topics and unsafe content; holds sentences back only where one may be left out. */
function judgeSentences(
  look: Look,
): Pick<SentenceStream, 'push' | 'end'> | undefined {
  const { actions, findings, topics } = look;
  const forUnsafe = actions['unsafe-content'] ?? 'none';
  const forTopic = actions.topic ?? 'none';
  if (forUnsafe === 'none' && forTopic === 'none') {
    return undefined;
  }
  const done = (
    finds: 'topic' | 'unsafe-content',
    action: GuardAction,
    because: string,
    found: { rule: string; text: string; offset: number },
  ): SentenceVerdict | undefined => {
    findings.add('answer', finds, action, found);
    if (action !== 'mask' && action !== 'refuse') return undefined;
    findings.hid(finds);
    return action === 'refuse'
      ? {
          replacement: ` [The guard of the portal withheld the rest of this answer, because ${because}.]`,
          ends: true,
        }
      : { replacement: ` [Left out, because ${because}.]` };
  };
  const stream = new SentenceStream((text, { before, offset }) => {
    const kind = forUnsafe === 'none' ? undefined : unsafeContentIn(text);
    if (kind) {
      return done('unsafe-content', forUnsafe, 'it could hurt people', {
        rule: kind,
        text,
        offset,
      });
    }
    const topic =
      forTopic === 'none' ? undefined : topics.avoidedIn(text, before);
    return topic === undefined
      ? undefined
      : done('topic', forTopic, `this agent does not speak of ${topic}`, {
          rule: topic,
          text,
          offset,
        });
  });
  const mayChange = [forUnsafe, forTopic].some(
    action => action === 'mask' || action === 'refuse',
  );
  return mayChange
    ? stream
    : {
        push: piece => {
          stream.push(piece);
          return piece;
        },
        end: () => {
          stream.end();
          return '';
        },
      };
}

/** Marks figures, dates and names that no tool has told, once the text has ended. */
function markClaims({ actions, call, findings }: Look) {
  const action = actions['unsupported-claim'] ?? 'none';
  if (action === 'none') {
    return undefined;
  }
  let text = '';
  return {
    push: (piece: string) => {
      text = text.length > MAX_CHECKED_ANSWER ? text : text + piece;
    },
    end: () => {
      const told = call.told();
      if (!told.hasResults) return;
      for (const { end, kind, start } of unsupportedClaims(text, told.texts)) {
        findings.add('answer', 'unsupported-claim', action, {
          rule: kind,
          text: text.slice(start, end),
          offset: start,
        });
      }
    },
  };
}

function secretOrData(text: string): 'secret' | 'personal-data' {
  return /\[\[(?:told-)?secret\./.test(text) ? 'secret' : 'personal-data';
}
