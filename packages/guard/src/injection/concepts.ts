/**
 * Words that mean alike, in English, German, Spanish, French and Chinese: what a text
 * does to its reader is said in many words, and the model need not have seen each. Words
 * are folded; a word with * is the beginning of others.
 */
const CONCEPTS: Record<string, string> = {
  ignore:
    'ignor* disregard* forget forgo neglect* omit* overlook* discard* dismiss* abandon* scrap* drop toss* unlearn* skip* bypass* circumvent* overrid* overwrit* supersed* violat* break disobey* cancel* void revok* lift* vergiss vergessen missacht* verwirf verwerf* umgeh* ubergeh* streich* brich olvid* descart* desobedec* omit* salt* pasa pasar incumpl* oubli* neglig* ecart* contourn* laiss* desobei* outrepass* 忽略 忘记 忘掉 无视 不要理会 抛弃 抛开 跳过 绕过 违反 不要遵守 撇开 放弃',
  rules:
    'rule* instruct* guideline* directiv* direction* polic* constraint* restrict* limit* order* command* prompt* programming guardrail* safeguard* filter* moderat* handbook regulation* norm* boundar* law* configur* setup regel* anweis* vorgab* vorschrift* richtlin* befehl* auftrag* einschrank* verbot* beschrank* schranken instrucc* regla* norma* directri* orden* indicacion* restricc* limit* consign* regle* directiv* ordre* interdict* 指令 指示 规则 规定 要求 命令 限制 约束 设定 政策 提示词 系统提示 设置',
  before:
    'previous* prior earlier above preceding original initial* former* old before beforehand existing past first top start vorherig* bisherig* obig* fruher* ursprung* vorige* anfang* zuvor oben alten anterior* previ* arriba inicial* antes original* precedent* anterieur* initial* dessus avant debut ancien* 之前 以上 前面 先前 上面 最初 原来 原有 第一条 开始',
  reveal:
    'reveal* show print* output* display* repeat* disclos* leak* dump* expos* recit* divulg* paste copy reproduc* quote write tell give list spell verbatim zeig* nenn* verrat* gib wiederhol* druck* schreib* ausgeb* preisgeb* muestr* revel* dime imprim* repit* repet* copia* pasame escrib* affich* montr* donne* repet* recopi* ecris divulgu* 显示 告诉我 打印 输出 重复 泄露 说出 写出 抄写 公布 透露 给我看',
  secret:
    'secret* hidden confidential* private password* passphrase* passcode* credential* token* key keys apikey privat* geheim* versteckt* passwort* kennwort* zugangsdaten schlussel vertraulich* intern* secret* ocult* contrasen* clave* privad* confidencial* credencial* cache* confidentiel* identifiant* cle mot-de-passe motdepasse prive* 秘密 隐藏 密码 机密 密钥 凭证 内部 私密 口令',
  setup:
    'system systemprompt developer* configuration context memory operator* systemprompt* konfigurat* entwickler* betreiber* speicher sistema configura* desarrollador* memoria operador* systeme configuration developpeur* memoire concepteur* 系统 开发者 配置 记忆 管理员',
  ai: 'ai llm* chatbot* bot bots assistant* agent agents model models gpt* chatgpt claude gemini copilot robot* screener* summari*er* reviewer* grader* crawler* ki kis assistent* sprachmodell* ia asistente* modelo* agente* robot* modele* 助手 助理 人工智能 语言模型 机器人 模型 智能体',
  become:
    'act pretend* roleplay* play imagin* simulat* become* behave impersonat* persona character role speak hypothetic* fiction* story game novel spiel* tu vorstell* verhalt* rolle finge* actua* imagin* simul* haz personaje papel joue* fais imagin* semblant agis comporte* role 扮演 假装 想象 模拟 假设 角色',
  free: 'unrestricted unfiltered uncensored unlimited amoral unethical jailbr* unchained liberat* freed anything everything whatever without no never nothing anymore ohne kein* unzensiert* unbeschrankt* grenzenlos* alles nie sin ningun* jamas nada todo libre nunca aucun* sans jamais rien libre tout plus 没有 任何 不受 无限制 自由 从不 不再 一切',
  limitless:
    'dan godmode devmode sudo root superuser jailbreak* evil rogue dark 越狱 无限制模式 开发者模式',
  mode: 'mode modus modo 模式',
  now: 'now henceforth onwards forward instead actually new updated revised jetzt nun ab sofort stattdessen neue* ahora partir adelante lugar nuev* desormais maintenant dorenavant place nouvel* nouveau* 现在 从现在 接下来 新的 改为 起',
  must: 'must shall required mandatory obey* comply follow execut* perform proceed should muss mussen musst soll* gehorch* befolg* fuhre ausfuhr* debe* deberas obedec* obedez* cumpl* sigue ejecut* doit dois devez obei* suiv* execut* 必须 应该 应当 服从 执行 照 遵从 立即',
  only: 'only always just exclusively solely merely nur immer ausschliesslich einzig solo siempre unicamente solamente seulement toujours uniquement 只 始终 仅 总是',
  say: 'say answer* respond* reply sentence word phrase sag* antwort* satz di responde* respond* frase dis repond* reponse phrase 说 回答 回复 句子',
  send: 'send* forward* upload* email* mail* post transmit* submit* exfiltrat* export* share push sende* schick* ubermitt* hochlad* weiterleit* leite envi* reenvi* sub* mand* transmit* exporta* envoy* envoi* transfer* transmett* televers* export* 发送 转发 上传 发到 传送 寄给 导出 提交',
  data: 'data conversation* history contacts customer* inbox mailbox cookie* session* records database file files document* credentials emails messages wallet kundendaten daten gesprach* verlauf datei* datensatz* postfach datos conversacion* cliente* registro* archivo* correo* contactos donnees client* fichier* enregistrement* courrier* 数据 对话 客户 文件 记录 数据库 通讯录 邮箱',
  destroy:
    'delete* wipe* erase* drop destroy* remove* purge* shutdown format truncate losch* entfern* zerstor* uberschreib* borr* elimin* destru* supprim* effac* detrui* ecras* 删除 清空 销毁 覆盖 格式化',
  money:
    'transfer* wire* pay payout* payment* payee invoice* refund* funds balance iban account bitcoin gift crypto uberweis* zahl* rechnung* konto geld transfier* paga* factura* cuenta dinero vire* virement paie* paye* facture* compte argent 转账 转到 付款 发票 账户 钱 支付',
  approve:
    'approv* authori* confirm* accept* grant* permit* unlock* promote elevate escalat* genehmig* erlaub* freigab* bestatig* apr* autori* confirm* conced* approuv* autoris* accord* 批准 授权 同意 确认 解锁 允许',
  disable:
    'disabl* deactivat* stop turn switch suspend* halt cease deaktiv* ausschalt* abschalt* schalt* desactiv* apag* deten* desactiv* coup* arret* 关闭 禁用 停用 停止',
  safety:
    'safety security approval* check checks log logs logging audit ethic* moral* censor* consent review* verification sicherheit* freigabe* prufung* moral* ethik* segurid* control* aprobacion* etic* moral* revis* securite controle* ethique* morale* verif* 安全 审批 日志 过滤 道德 伦理 检查 审核',
  hush: 'silent* secretly quiet* covert* discreet* unnoticed hide conceal* invisible without-telling heimlich still unbemerkt verschweig* niemand* secreto silencio sigilo nadie oculta* discret* silence cachette personne 悄悄 不要告诉 不要通知 不留痕迹 暗中 不要提到 保密',
  without: 'without unless skip ohne sin sans 不要 无需 不经',
  ask: 'asking confirm* confirmation* permission notify* notice telling mention* question warn* disclaimer* refus* apolog* ruckfrage* nachfrag* frag* erwahn* ablehn* preguntar* confirma* avis* mencion* negar* niega* demander confirmation* prevenir mentionn* refus* 询问 确认 通知 拒绝 警告 提到',
  user: 'user users owner person human visitor reader applicant candidate nutzer* benutzer* kunde* besucher* besitzer* usuario* dueno* visitante* utilisateur* proprietaire* visiteur* 用户 主人 访客',
  you: 'you your yours yourself du dein* dich dir euch ihre* ihren ihnen tu tus te ti usted* vous vos votre ton tes toi 你 您',
  me: 'me my mine i mir mich mein* mi mis yo conmigo moi mon ma mes je 我',
  boss: 'admin* administrator* developer* creator* engineer* owner boss master ceo openai anthropic google authority entwickler* schopfer* chef betreiber* admin* desarrollador* creador* jefe dueno* developpeur* createur* patron chef 开发者 管理员 创造者 老板 工程师',
  trust:
    'override authorisation authorization emergency urgent test testing research drill exercise permission notfall* dringend* test forschung* urgen* prueba* investig* urgence* recherche* 紧急 测试 研究 演习',
  harm: 'bomb* weapon* explosiv* malware virus ransomware hack* steal* poison* drug* meth napalm kill* murder* launder* phish* forge* counterfeit* stalk* lockpick* pick exploit* ddos bombe* waffe* gift droge* stehl* knack* falsch* bomba* arma* veneno* drog* robar* hack* falsific* matar bombe* arme* poison* drogue* voler pirat* falsifi* 炸弹 武器 毒药 毒品 黑客 恶意软件 偷 伪造 杀 洗钱',
  how: 'how step steps recipe detail* exact* guide explain* describ* teach* wie anleitung* schritt* erklar* beschreib* como pasos receta detall* explic* describ* comment etapes recette expliqu* decri* 如何 怎么 步骤 详细 说明 解释',
  prize:
    'recommend* rate rating rank* score positive best excellent highest hire accept praise superior empfehl* bewert* einstell* beste* recomend* calific* contrat* mejor puntua* recommand* not* embauch* meilleur* 推荐 评分 最好 好评 录用',
  encoded:
    'base64 rot13 hex decode* encode* decrypt* cipher morse backwards reverse* reversed unscrambl* concatenat* dekodier* entschlussel* descodific* decodifi* decod* 解码 编码 倒序',
  remember:
    'remember* store* save memoris* memoriz* persist* merk* speicher* recuerd* guard* memoriz* souviens* retiens* enregistr* 记住 保存 存储',
  tool: 'tool tools function call invoke run execute shell command script macro terminal werkzeug* aufruf* befehlszeile herramienta* llama* funcion* outil* appel* fonction* 工具 调用 函数 脚本',
  reading:
    'reading read reads processing process summari* analy* visiting evaluat* parse indexing lies liest lesen auswert* verarbeit* leer leyendo lee* proces* lisant lit lire trait* 阅读 读到 处理 总结',
  insult:
    'hate* pwned owned hacked compromised haha insult* gehackt beleidig* hackeado insult* pirate* 被黑 骂 侮辱',
  talk: 'attack* injection phishing technique* example* detect* flagged blocked fixture regression risk* malicious analyst* pattern* vulnerab* angriff* erkenn* beispiel* ataque* ejemplo* detect* attaque* exemple* detect* 攻击 注入 检测 示例 拦截 风险',
};

const words = new Map<string, number[]>();
const beginnings = new Map<string, number[]>();
const han: Array<[string, number]> = [];
for (const [concept, list] of Object.values(CONCEPTS).entries()) {
  for (const word of new Set(list.split(' '))) {
    if (/\p{Script=Han}/u.test(word)) {
      han.push([word, concept]);
    } else {
      const stem = word.replace('*', '');
      const map = word === stem ? words : beginnings;
      map.set(stem, [...(map.get(stem) ?? []), concept]);
    }
  }
}
const hanConcepts = new Map<string, number[]>();
for (const [word, concept] of han) {
  hanConcepts.set(word, [...(hanConcepts.get(word) ?? []), concept]);
}
const HAN_LENGTHS = [...new Set(han.map(([word]) => word.length))];
const MIN_STEM = 3;
const MAX_STEM = 12;

/** Something a word means, which is the number of its concept. */
export const CONCEPT_COUNT = Object.keys(CONCEPTS).length;

/** What a folded word can mean. */
export function conceptsOf(word: string): number[] {
  const exact = words.get(word);
  if (exact) return exact;
  for (let end = Math.min(word.length, MAX_STEM); end >= MIN_STEM; end--) {
    const found = beginnings.get(word.slice(0, end));
    if (found) return found;
  }
  return [];
}

/** What the Chinese word that begins at a place of a text can mean. */
export function hanConceptsAt(text: string, at: number): number[] {
  const found: number[] = [];
  for (const length of HAN_LENGTHS) {
    found.push(...(hanConcepts.get(text.slice(at, at + length)) ?? []));
  }
  return found;
}
