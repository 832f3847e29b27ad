import { fold } from '../text/fold';
import { Terms } from './Terms';

/**
 * Kinds of content that can hurt people.
 *
 * @public
 */
export type UnsafeKind = keyof typeof KINDS;

const MAKE =
  'make making build building assemble mix mixing combine synthes* cook cooking produce prepare step* recipe ingredient* baue bauen bauanleitung herstell* misch* mische kochen fabric* construir constru* mezcl* cocin* fabriqu* construi* melang* 制造 制作 合成 混合 配方 步骤';

/** Words that have to meet in a sentence: one of each list. */
const KINDS = {
  weapons: [
    'bomb* explosive* grenade* napalm detonator* thermite "nerve gas" sarin ricin anthrax sprengstoff* rohrbombe* zunder bomba* explosivo* granada* bombe* explosif* detonateur* 炸弹 炸药 毒气',
    MAKE,
  ],
  drugs: [
    'meth methamphetamine crystal-meth heroin fentanyl cocaine lsd mdma ghb crystal crack metanfetamina heroina cocaina heroine cocaine methamphetamine fentanyl 冰毒 海洛因 可卡因',
    MAKE,
  ],
  malware: [
    'malware ransomware keylogger* botnet* rootkit* trojan* spyware schadsoftware erpressungstrojaner* ransom* troyano* "programa malicioso" rancongiciel* maliciel* 勒索软件 恶意软件 木马 键盘记录器',
    'write code create build deploy spread* encrypt* evad* undetect* inject* payload schreib* verbreit* verschlussel* erstell* escrib* cre* propag* cifr* ecri* repand* chiffr* 编写 传播 加密 植入',
  ],
  'self-harm': [
    'you your yourself du dich dir deine* tu te toi tes ton usted 你 您 自己',
    '"kill yourself" "killing yourself" "end your life" "hurt yourself" "cut yourself" "hang yourself" "overdose on" "bring dich um" "topf dich" "nimm dir das leben" "matate" "quitate la vida" "tue toi" "suicide toi" "自杀" "去死" "割腕"',
  ],
  threat: [
    '"i will kill" "i will hurt" "we will kill" "we will find you" "going to kill" "you will die" "you will regret" "ich bringe dich um" "ich werde dich" "wir finden dich" "te voy a matar" "vas a morir" "je vais te tuer" "tu vas mourir" "我要杀" "杀了你" "弄死你"',
    'you your dich dir euch te ti toi vous you你 kill die regret hurt matar morir tuer mourir um finden 你',
  ],
  hate: [
    'immigrants jews muslims christians blacks whites gays lesbians women men refugees foreigners disabled juden muslime auslander schwule frauen fluchtlinge judios musulmanes inmigrantes gays mujeres juifs musulmans immigres homosexuels femmes 犹太人 穆斯林 移民 黑人 女人',
    'vermin subhuman* parasites cockroaches "should die" "must die" "are inferior" "do not deserve" "dont deserve" exterminat* "be gassed" ungeziefer untermensch* parasiten ausrotten vergasen alimanas parasitos exterminar inferiores vermine parasites exterminer inferieurs 害虫 劣等 灭绝 该死',
  ],
  minors: [
    'child* minor minors underage preteen* toddler* schoolgirl* schoolboy* kind kinder minderjahrig* nino nina ninos menor menores enfant* mineur* 儿童 未成年 小女孩 小男孩',
    'porn* nude* naked sexual sexually erotic* arous* pornogr* nackt* sexuell* erotisch* desnud* erotic* porno* nu nue nus sexuel* erotique* 色情 裸体 性交 性爱',
  ],
};

/** Who says no, warns, or tells what happened does not help. */
const HARMLESS = split(
  'cannot "can not" "cant help" "wont help" "will not help" "not able" refuse* prevent* protect* detect* remov* report* illegal prohibited forbidden police hotline helpline counsel* abuse-prevention disposal defus* verhinder* schutz* verboten strafbar entscharf* prevenir proteger prohibido policia prevenir empech* proteg* interdit* police 预防 禁止 保护 报警 热线',
);
const LISTS = Object.entries(KINDS).map(([kind, lists]) => ({
  kind: kind as UnsafeKind,
  lists: lists.map(split),
}));
const TERMS = new Terms([
  ...HARMLESS,
  ...LISTS.flatMap(({ lists }) => lists.flatMap(list => [...list])),
]);

/**
 * The kind of unsafe content that a sentence has by its plain words, in English, German,
 * Spanish, French and Chinese. It is a net with wide meshes: what is said in other words
 * passes, and who writes about such things may be stopped.
 *
 * @public
 */
export function unsafeContentIn(sentence: string): UnsafeKind | undefined {
  const terms = [...TERMS.in(fold(sentence).replace(/['’]/g, ''))];
  const found =
    terms.length > 1 &&
    LISTS.find(({ lists }) =>
      lists.every(list => terms.some(term => list.has(term))),
    );
  return found && !terms.some(term => HARMLESS.has(term))
    ? found.kind
    : undefined;
}

function split(list: string): Set<string> {
  return new Set(
    [...list.matchAll(/"([^"]+)"|\S+/g)].map(([all, phrase]) =>
      fold(phrase ?? all),
    ),
  );
}
