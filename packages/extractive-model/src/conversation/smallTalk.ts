import { wordsOf } from '../text/words';

const contentWords = (text: string) =>
  wordsOf(text.slice(0, 300)).filter(word => !word.plain);

/** What a message is when it is no request to the tools. */
export type SmallTalk = 'identity' | 'abilities' | 'greeting' | 'thanks';

const IDENTITY =
  /\b(?:(?:who|what)(?:'s| are| r| is)? (?:you|u|this (?:bot|assistant|model))\b(?!r)|(?:what|which) (?:model|llm|ai|language model)(?: \w+){0,2} (?:are|is|do|r|powers|behind)|are (?:you|u) (?:an? )?(?:\w+ )?(?:human|person|bot|robot|ai|llm|gpt|chatgpt|claude|model|real|machine|neural)|are you (?:really )?(?:gpt|chatgpt|claude|gemini)|how do you work|your (?:model|name)\b|who (?:made|built) you)/i;
const ABILITIES =
  /^(?:\W*(?:hi|hello|hey)\W+)?(?:so\s+)?(?:what (?:can|could|do) (?:you|u)(?: \w+)? (?:do|help|answer)|what are you (?:able|for|good)|how can you help|help\W*$|what (?:tools|functions|abilities|skills) do you have|what (?:should|can) i ask)/i;
const GREETING =
  /^(?:hi|hello|hallo|guten (?:tag|morgen)|bonjour|hola|你好|您好|hey|good (?:morning|afternoon|evening|day)|howdy|yo|greetings)(?![\p{L}])/iu;
const THANKS =
  /^(?:(?:ok|okay|great|perfect|super|cool|nice|awesome)[\s,!.]*)*(?:thanks|thank you|thx|cheers|ty|great|perfect|bye|goodbye|that's all|that is all|danke|merci|gracias)\b|^谢谢/i;

/** Tells small talk from a request. */
export function smallTalkOf(text: string): SmallTalk | undefined {
  const trimmed = text.trim();
  if (IDENTITY.test(trimmed) && contentWords(trimmed).length <= 6)
    return 'identity';
  if (ABILITIES.test(trimmed)) return 'abilities';
  const rest = contentWords(trimmed).filter(
    word =>
      !/^(?:hi|hello|hey|good|morning|afternoon|evening|howdy|greetings|yo|great|perfect|cool|nice|super|awesome|thx|cheers|ty|bye|goodbye|danke|guten|tag|morgen|谢谢|你好|您好|lot|much|day|team|everyone|folks|very|bot|assistant)$/.test(
        word.lower,
      ),
  );
  if (rest.length) return undefined;
  if (THANKS.test(trimmed)) return 'thanks';
  if (GREETING.test(trimmed)) return 'greeting';
  return undefined;
}
