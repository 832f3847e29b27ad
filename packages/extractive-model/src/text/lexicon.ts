import { dictionaryOf, fromChinese, isCommonEnglish, once } from './meaning';

/**
 * The only words that the model knows: those of grammar, of everyday acts, of asking and of measure, in five
 * languages. Words of a trade do not belong here; the tools themselves must bring those.
 */

const list = (text: string) => text.split(/\s+/).filter(Boolean);
const setOf = (text: string) => new Set(list(text));

/** Languages that the lexicon knows. */
export type Language = 'en' | 'de' | 'fr' | 'es' | 'zh';

/** Words of grammar, which say nothing about the subject. */
const grammar: Record<Language, ReadonlySet<string>> = {
  en: setOf(`enough least coming come comes been nobody a about above after again ago all already also am an and any anybody anyone anything are around as ask asap at away be because
    been before being below between both but by can cannot could currently did do does doing done down during each either else ever
    every everybody everyone everything few for from further get gets getting give gives go going gonna got had has have having he
    hello help her here hers hey hi him his how i if in info information inside into is it its itself just kindly know let like
    look looking lot many may maybe me might mine more most much must my myself need needs neither no none nor not now of off ok okay on
    once only or other our ours out over own per please pls plz put quick quickly really regarding right same see she should so some
    somebody someone something soon still such take tell than thank thanks that the their them then there these they thing things
    this those through till to too toward towards under until up upon us very via want wanna was we well were what whatever when where whether
    which while who whom whose why will with within without wondering wont would yes yet you your yours dear sir madam
    today tomorrow yesterday im ive id youre theyre thats whats wheres whos theres isnt arent wasnt dont doesnt didnt cant couldnt
    wouldnt havent hasnt lets itll actually anyway cheers sorry another s t m re ve ll d`),
  de: setOf(`eigentlich werden sollte sollten sollst raus rein denn etwa bloß ganz mehr immer wieder alles nichts jemand irgendwas irgendwo irgendein davon dazu dafür daran darauf dabei damit deshalb obwohl heute gestern morgen spätestens bereits eben mach machen haben gab worden aber alle allem allen aller alles als also am an auch auf aus bei beim bin bis bitte bräuchte brauche da dann das dass dein dem den der des
    dich die dies diese diesem diesen dieser dieses dir doch du durch ein eine einem einen einer eines er es etwas euch euer für gegen
    gerade gerne gib gibt habe haben hab hallo hast hat hatte hier ich ihm ihn ihnen ihr ihre im in ins ist ja jede jeden jeder jedes jetzt kann
    kannst können könnte könntest kein keine keinen mal man mein meine meinem meinen meiner mich mir mit möchte möchten muss nach nicht noch nun nur
    ob oder ohne schon sehr sein seine sich sie sind so soll sollen über um und uns unser unsere unseren unter vom von vor war waren was
    wegen weil welche welchem welchen welcher welches wenn wer wie wieder will wir wird wo wohl wurde würde zu zum zur zwischen`),
  fr: setOf(`à au aux avec avez avoir bonjour ce cela ces cet cette chez combien comment dans de des donne du elle elles en est et être faire fait faut il ils
    je la le les leur lui ma mais me merci mes moi mon nos notre nous on ou où par pas peut peux plaît plus pour pourquoi pourriez
    pouvez qu quand que quel quelle quelles quels qui quoi sa sans se ses si sil son sont sur ta te tes toi ton tous tout toute toutes
    un une va veux voudrais vos votre vous voulez y l d j c s n m qu`),
  es: setOf(`a al algo ante aquí con cómo como cuál cuáles cuando cuándo cuánta cuántas cuánto cuántos de del desde donde dónde el él ella
    en entre es esa ese eso esta está están este esto favor gracias ha hay hola la las le les lo los más me mi mis muy necesito no nos nuestra han has he hemos otro otros otra otras
    nuestro o para pero por porque puede puedes podrías que qué quién quiero se ser si sin sobre son su sus te tiene tienes todas todo todos tu tus un
    una uno unos y ya yo`),
  zh: setOf(`的 了 吗 呢 吧 啊 和 与 及 或 在 是 有 我 你 您 他 她 它 我们 你们 他们 咱们 请 请问 帮 帮我 帮忙 给 给我 把 被 让 将 要 想 想要 需要 可以 能 能否 能不能 一下 一个 个 这 那 这个 那个 些 这些 那些 都 还 还有 也 就 不 没 没有 什么 哪 哪些 哪个 哪一个
    怎么 怎样 怎么样 如何 多少 几 谁 为什么 吗 对 对于 关于 为 以 从 到 里 上 下 中 所有 全部 每 每个 位 条 张 份 件 台 间 名 次 号 现在 目前 今天 明天 昨天 呀 嘛 现在 麻烦 谢谢 您好 你好 之 之间 并 并且 得 着 过 去 来 会 应该 该`),
};

/** Each line: acts that are near enough to stand for one another, in all languages. `?` marks lines that only look. */
const ACTS = `
? get show list view see tell read display find search look lookup check fetch retrieve query browse count describe give print summarise summarize report compare know pull-up bring-up go-through open own hold possess zeige zeig zeigen finde finden such suche suchen liste auflisten prüfe prüfen nenne gib sage sag lies hole vergleiche vergleichen 查 查询 查看 查找 搜索 找 显示 列出 看 看看 告诉 获取 比较 检查 搜 montre montrer affiche afficher cherche chercher trouve trouver liste donne donner voir vérifie compare muestra mostrar busca buscar encuentra lista ver dame dime consulta consultar compara enséñame
? calculate compute estimate convert forecast predict translate quote measure berechne berechnen umrechnen rechne 计算 换算 估算 预测 calcule calculer convertis calcula calcular convierte
? track trace follow verfolge verfolgen 跟踪 追踪 suivre suis rastrea rastrear seguir
create add make register file submit insert open raise generate set-up define enter anlegen lege erstelle erstellen hinzufügen füge neu eröffne 创建 新建 添加 增加 登记 建立 开 加 crée créer ajoute ajouter crea crear añade añadir agrega
add put leave place insert include enter append hinzufügen füge 添加 加 ajoute añade
log record note enter write report protokolliere melde melden 上报 报告 signale erfasse erfassen notiere eintragen trage 记录 录入 登记 enregistre enregistrer noter registra registrar anota anotar
book reserve schedule arrange plan appoint set-up buche buchen reserviere reservieren vereinbare vereinbaren plane planen 预订 预约 预定 安排 订 réserve réserver planifie planifier reserva reservar agenda agendar programa programar
order buy purchase request acquire bestelle bestellen kaufe kaufen beantrage 订购 购买 买 下单 commande commander acheter achète compra comprar pide pedir
sell trade verkaufe verkaufen 卖 出售 卖出 vends vendre vende vender
update change edit modify adjust amend correct alter set replace rename revise aktualisiere aktualisieren ändere ändern korrigiere setze setzen stelle 更新 修改 更改 调整 改 改成 改为 设置 设 设定 调 调到 modifie modifier change changer mets mettre actualiza actualizar cambia cambiar modifica modificar ajusta pon poner
adjust increase raise extend expand upgrade enlarge grow scale erhöhe erhöhen verlängere verlängern 增加 提高 延长 扩容 augmente augmenter prolonge prolonger aumenta aumentar amplía prorroga extender
decrease reduce lower shrink downgrade scale senke senken reduziere reduzieren verringere 减少 降低 缩小 réduis réduire baisse baisser reduce reducir baja bajar
renew extend prolong verlängere verlängern erneuere erneuern 续 续借 续订 延长 renouvelle renouveler renueva renovar
move transfer relocate shift reassign migrate reschedule postpone put verschiebe verschieben verlege verlegen 移动 转移 移 改期 推迟 转到 déplace déplacer transfère reporte reporter mueve mover traslada aplaza reprograma
assign allocate delegate give zuweisen weise zuordnen 分配 指派 分派 attribue attribuer affecte asigna asignar
cancel abort revoke withdraw void terminate call-off annul drop storniere stornieren absagen sage-ab kündige kündigen 取消 撤销 退订 annule annuler cancela cancelar anula anular
delete remove erase discard clear purge wipe drop uninstall take-off lösche löschen entferne entfernen 删除 删掉 移除 清除 supprime supprimer retire retirer enlève borra borrar elimina eliminar quita quitar
send email mail notify message forward text dispatch ping remind alert sende senden schicke schicken benachrichtige informiere 发送 发 通知 转发 提醒 寄 envoie envoyer notifie informe envía enviar manda notifica avisa
approve accept confirm authorise authorize sign grant genehmige genehmigen bestätige bestätigen freigeben 批准 确认 同意 通过 approuve approuver confirme confirmer accepte aprueba aprobar confirma confirmar acepta
reject refuse decline deny dismiss ablehnen lehne 拒绝 驳回 refuse refuser rejette rejeter rechaza rechazar
pay settle bezahle bezahlen zahle 支付 付款 付 paie payer paga pagar
transfer wire remit überweise überweisen 转账 汇款 virer transfiere transferir
refund reimburse return erstatte erstatten 退款 退还 rembourse rembourser reembolsa reembolsar devuelve
start run launch begin restart reboot trigger execute resume initiate boot play starte starten 启动 开始 运行 重启 播放 démarre démarrer lance lancer relance inicia iniciar arranca reinicia ejecuta reproduce
stop halt pause end finish terminate suspend kill abort stoppe stoppen beende beenden pausiere 停止 暂停 结束 终止 arrête arrêter pause para parar detén detener pausa
turn-on switch-on enable activate power-on einschalten schalte-ein aktiviere aktivieren 打开 开启 启用 开 allume allumer active activer enciende encender activa activar
turn-off switch-off disable deactivate power-off shut-down ausschalten schalte-aus deaktiviere 关闭 关掉 停用 禁用 关 éteins éteindre désactive apaga apagar desactiva
turn switch toggle set schalte schalten
open unlock öffne öffnen entsperre 打开 解锁 ouvre ouvrir abre abrir desbloquea
close shut lock schließe schließen sperre sperren 关闭 关上 锁 锁定 ferme fermer verrouille cierra cerrar bloquea
reset restore revert roll-back undo setze-zurück zurücksetzen wiederherstellen 重置 恢复 还原 réinitialise restaure restablece restaura
publish post release share deploy upload install veröffentliche veröffentlichen teile 发布 部署 上传 分享 安装 publie publier déploie publica publicar despliega comparte
mark flag tag label markiere markieren 标记 标注 marque marquer marca marcar etiqueta
resolve solve fix repair löse lösen repariere 解决 修复 résous résoudre répare resuelve resolver arregla
escalate eskaliere eskalieren 升级 escalade escala escalar
issue hand-out lend loan borrow rent lease check-out ausleihe leihe ausleihen miete mieten 借 借出 租 prête emprunte loue prestar presta alquila
enrol enroll register sign-up join subscribe admit melde anmelden einschreiben 注册 报名 订阅 inscris inscrire abonne inscribe inscribir matricula
unsubscribe drop-out withdraw deregister abmelden 退出 désabonne
hire recruit employ einstellen
attach link connect pair join merge combine verbinde verbinden 连接 关联 合并 associe relie conecta vincula
apply request claim beantrage beantragen 申请 demande demander solicita solicitar
dispense prescribe administer verschreibe 开药 prescris prescrire receta
`;

const verbGroups = new Map<string, Set<number>>();
const readGroups = new Set<number>();
const ALTERS =
  /^(?:update|increase|decrease|renew|move|assign|turn|turn-on|turn-off|open|close|mark|reset|start|stop|adjust)$/;
const altering = new Set<number>();
const making = new Set<number>();
for (const [group, line] of ACTS.trim().split('\n').entries()) {
  const [mark, ...rest] = line.split(/\s+/);
  if (mark === '?') readGroups.add(group);
  if (ALTERS.test(mark)) altering.add(group);
  if (/^(?:create|add|log|book|order|issue|enrol|apply)$/.test(mark))
    making.add(group);
  for (const verb of mark === '?' ? rest : [mark, ...rest]) {
    const groups = verbGroups.get(verb) ?? new Set<number>();
    verbGroups.set(verb, groups.add(group));
  }
}

/** Groups of the act that a word names in its base form; undefined when it names none. */
export function actsOf(lower: string): ReadonlySet<number> | undefined {
  return verbGroups.get(lower);
}

/** True for acts on a thing that is there, such as moving, raising or switching it; not for making, ending or sending. */
export function alters(group: number): boolean {
  return altering.has(group);
}

/** True for acts that make a thing which was not there. */
export function makes(group: number): boolean {
  return making.has(group);
}

/** True for acts such as "set" and "put", which may stand for any change of a thing that is there. */
export function isGeneral(lower: string): boolean {
  return /^(?:set|put|change|update|make)$/.test(lower);
}

/** True when the group only looks and changes nothing. */
export function onlyLooks(group: number): boolean {
  return readGroups.has(group);
}

const ENDINGS: Record<string, RegExp> = {
  de: /(?:ungen|innen|ern|(?:e?t)?(?:en|er|em|es|e)|et|n|s|t)$/,
  fr: /(?:ements?|ations?|es|er|ée|és|ées|é|e|s)$/,
  es: /(?:aciones|ación|os|as|es|o|a|e|s)$/,
};

/** The stem of a word of German, French or Spanish. */
export function bareStem(lower: string, language: Language): string {
  const bare = lower.normalize('NFD').replace(/\p{M}/gu, '');
  const cut = bare.replace(ENDINGS[language] ?? /$^/, '');
  return cut.length >= 4 ? cut : bare;
}

/** A pocket dictionary of each language: English words with what they are there. */
const dictionaries = once(() => {
  const words = new Map<string, string[]>();
  const stems = new Map<string, string[]>();
  const back = new Map<string, string>();
  const spoken: Partial<Record<Language, Set<string>>> = {};
  for (const language of ['de', 'fr', 'es', 'zh'] as const)
    for (const entry of list(dictionaryOf(language))) {
      const [meaning, own] = entry.split('=');
      const english = meaning.split('-');
      for (const word of own.split(',')) {
        (spoken[language] ??= new Set()).add(word);
        words.set(word, [...new Set([...(words.get(word) ?? []), ...english])]);
        const stem = bareStem(word, language);
        if (language !== 'zh' && stem.length >= 4)
          stems.set(stem, [
            ...new Set([...(stems.get(stem) ?? []), ...english]),
          ]);
      }
      back.set(`${language} ${meaning}`, own.split(',')[0]);
    }
  return { words, stems, back, spoken };
});

/** What a word of another language is in English: itself, else its stem, else a participle: "gegengelesen". */
export function inEnglish(
  lower: string,
  language: Language = 'de',
): readonly string[] | undefined {
  const { words, stems } = dictionaries();
  const known = words.get(lower);
  if (known || language === 'en') return known;
  if (language === 'zh')
    return grammar.zh.has(lower) ? undefined : fromChinese(lower);
  if (lower.length < 4) return undefined;
  const participle = lower.replace(
    /^(ab|an|auf|aus|bei|durch|ein|gegen|her|hin|los|mit|nach|um|vor|weg|zu|zurück)?ge(?=\p{L}{3})/u,
    '$1',
  );
  return (
    stems.get(bareStem(lower, language)) ??
    (language === 'de' && participle !== lower
      ? stems.get(bareStem(participle, language))
      : undefined)
  );
}

/** What an English word is in another language, when the lexicon has it. */
export function fromEnglish(
  english: string,
  language: Exclude<Language, 'en'>,
): string | undefined {
  return dictionaries().back.get(`${language} ${english.replace(/ /g, '-')}`);
}

/** True for words of grammar in a language. */
export function isGrammar(lower: string, language: Language): boolean {
  return grammar[language].has(lower);
}

/** The longest word of the lexicon that a Chinese text begins with, of two characters and more. */
export function hanWordAt(text: string, at: number): string | undefined {
  for (let length = Math.min(4, text.length - at); length > 1; length--) {
    const piece = text.slice(at, at + length);
    if (
      dictionaries().words.has(piece) ||
      verbGroups.has(piece) ||
      grammar.zh.has(piece) ||
      fromChinese(piece)
    )
      return piece;
  }
  return undefined;
}

/** The language whose grammar a text shows most of; English when nothing speaks for another. */
export function languageOf(words: string[], text: string): Language {
  if (/\p{Script=Han}/u.test(text)) return 'zh';
  let best: Language = 'en';
  let most = words.filter(word => grammar.en.has(word)).length + 0.5;
  for (const language of ['de', 'fr', 'es'] as const) {
    let own = language === 'es' && /[¿¡ñ]/.test(text) ? 3 : 0;
    let count = 0;
    for (const word of words) {
      const plain = grammar[language].has(word);
      const foreign =
        !grammar.en.has(word) &&
        !isCommonEnglish(word) &&
        dictionaries().spoken[language]?.has(word);
      if (plain) own++;
      if (plain || foreign || /[äöüßéèàçñ¿¡]/.test(word)) count++;
    }

    if (own && Math.max(count, own) > most) {
      best = language;
      most = Math.max(count, own);
    }
  }
  return best;
}

/** What question words ask for, and the words that fields which hold it are called by. */
export const ASKED: { asks: RegExp; fields: string }[] = [
  {
    asks: /\b(?:do|does|did) (?:we|you|they|i) (?:\w+ )?have\b|\benough\b|in stock|\bleft\b|\bnoch\b.*\b(?:da|übrig|vorrätig)\b|还有|剩/i,
    fields: 'stock inventory available availability left amount quantity',
  },
  {
    asks: /\bwhen\b|what (?:day|date|time)\b|how soon|\bwann\b|quand|cuándo|什么时候|何时|几点/i,
    fields: 'date time day at on since until due eta start end',
  },
  {
    asks: /\bwho(?:se|m)?\b|\bwer\b|\bwem\b|\bwen\b|\bqui\b|quién|谁/i,
    fields:
      'name owner person assignee author by manager contact lead holder user',
  },
  {
    asks: /\bwhere\b|\bwo\b|\boù\b|dónde|在哪|哪里/i,
    fields:
      'location address place city site room position station street area',
  },
  {
    asks: /how (?:much|expensive)|\bcosts?\b|\b(?:pay|paid|spend|spent|owe|owes|earn)\b|\bprice|wie ?viel|was kostet|combien|cuánto|多少钱|价格/i,
    fields: 'price amount total cost fee balance value rate charge',
  },
  { asks: /how old|wie alt|多大/i, fields: 'age birth year' },
  {
    asks: /how long|wie lange|多久|多长时间/i,
    fields: 'duration length minute hour day period term',
  },
  { asks: /how far|wie weit|多远/i, fields: 'distance km' },
  {
    asks: /how (?:warm|hot|cold)|wie (?:warm|kalt|heiß)|多热|几度/i,
    fields: 'temperature celsius degree',
  },
  { asks: /how (?:heavy)|wie schwer|多重/i, fields: 'weight mass kg' },
  {
    asks: /how (?:tall|high|big|large)|wie (?:groß|hoch)|多高/i,
    fields: 'height size area',
  },
  { asks: /how (?:fast)|wie schnell/i, fields: 'speed rate' },
  {
    asks: /\bwhy\b|\bwarum\b|pourquoi|por qué|为什么/i,
    fields: 'reason cause',
  },
  {
    asks: /how many|wie viele|combien|cuántos|cuántas|多少/i,
    fields: 'count quantity number stock available remaining total',
  },
];
