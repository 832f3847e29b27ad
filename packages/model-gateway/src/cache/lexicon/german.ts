import type { Lexicon } from './Lexicon';

const SEPARABLE =
  'zuruck|an|ab|auf|aus|ein|zu|vor|nach|mit|bei|los|weg|her|hin|um|durch|frei|fest';

export const german: Lexicon = {
  language: 'de',
  functionWords: `der die das den dem des ein eine einen einem einer eines ich mich mir du dich dir er ihn ihm sie es wir uns
    man sich ist sind bin war waren sein werden wird wurde wurden worden hat haben habe hatte gibt
    von fur auf an bei mit uber zu zum zur im am in aus nach und oder aber wenn ob dass als wie was wer wen wem wo wann warum
    welche welcher welches welchen auch da hier dort dann denn doch mal ja
    kann konnen konnte darf durfen muss mussen soll sollen sollte will wollen mochte`,
  lightWords: `bitte genau eigentlich einfach`,
  courtesies:
    /^(?:(?:hallo|hi|guten tag|bitte)[,!. ]+)*(?:(?:kannst du|konnen sie|konntest du|konnten sie) (?:mir )?(?:bitte )?(?:sagen|erklaren)[, ]+|ich mochte wissen[, ]+|(?:sag|sage|sagen sie|erklar|erklare|erklaren sie) (?:mir )?(?:bitte )?[, ]*(?=wie|was|wo|wer|warum|wann|welch))?/,
  rewrites: [
    [
      new RegExp(`^wie (\\w+?)e? ich (.+?) (${SEPARABLE})([.?!]*)$`),
      'wie kann ich $2 $3$1en$4',
    ],
    [/^(wie|wo) ich (.+?) (\w+?)e([.?!]*)$/, '$1 kann ich $2 $3en$4'],
    [/^(wie|wo) (\w+?)e ich (.+?)([.?!]*)$/, '$1 kann ich $3 $2en$4'],
    [/^ist es moglich,? (.+) zu (\w+)/, 'kann ich $1 $2'],
    [/^was kostet\b/, 'wie viel kostet'],
    [/^was ist der preis (?:fur|von) (?:den |die |das )?/, 'wie viel kostet '],
    [/^(?:erklare|erklar|definiere) (?:bitte )?(?=[\w-]+[.?!]*$)/, 'was ist '],
    [/^was bedeutet\b/, 'was ist'],
    [/\bwie haufig\b/, 'wie oft'],
    [/\bwerden (.+) benotigt\b/, 'braucht man $1'],
  ],
  questions: [
    [/^wie ?viele?\b/, 'quantity'],
    [/^wie lange?\b/, 'duration'],
    [/^wie oft\b/, 'frequency'],
    [/^wie (?:hoch|gross|alt|weit|schnell|schwer)\b/, 'measure'],
    [/^wie (?:kann|soll|muss|konnen) (?:ich|man|wir)\b/, 'how-to'],
    [/^wie\b/, 'how'],
    [/^(?:wer|wen|wem)\b/, 'who'],
    [/^wessen\b/, 'whose'],
    [/^wann\b/, 'when'],
    [/^(?:wohin|woher)\b/, 'where-to'],
    [/^wo\b/, 'where'],
    [/^(?:warum|wieso|weshalb)\b/, 'why'],
    [/^welche[rsnm]?\b/, 'which'],
    [/^was\b/, 'what'],
    [
      /^(?:ist|sind|war|hat|haben|kann|konnen|darf|durfen|muss|mussen|soll|sollen|wird|werden|gibt|gilt)\b/,
      'whether',
    ],
  ],
  imperatives: `preis erklare erklar beschreibe liste zeige nenne gib sag sage ubersetze vergleiche berechne schreibe fasse
    definiere finde hilf bitte hallo wenn in im am auf fur mit ohne nach vor bei zu aus von`,
  negators: `nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne weder noch kaum ausser
    verboten untersagt nirgends`,
  poles: {
    'able+':
      'aktivieren aktiviere aktiviert einschalten erlauben erlaubt zulassen',
    'able-':
      'deaktivieren deaktiviere deaktiviert ausschalten sperren gesperrt',
    'time-': 'vor vorher bevor zuvor bis fruher fruhestens',
    'time+': 'nach nachher nachdem danach ab seit spater spatestens',
    'much+':
      'mehr meiste erhohen erhohe steigern grosser grosste hoher hochste maximal maximale maximum mindestens uber',
    'much-':
      'weniger wenigste senken senke verringern kleiner kleinste niedriger niedrigste minimal minimale minimum hochstens unter',
    'in+':
      'innerhalb importieren importiere hochladen eingehend inklusive einschliesslich',
    'in-':
      'ausserhalb exportieren exportiere herunterladen ausgehend exklusive ausschliesslich',
    'add+': 'hinzufugen anlegen erstellen installieren',
    'add-': 'entfernen loschen loscht deinstallieren',
    'open+': 'offnen offne geoffnet offen entsperren',
    'open-': 'schliessen schliesse geschlossen',
    'start+': 'starten beginnen beginnt anfang erste anmelden anmeld',
    'start-': 'beenden endet ende stoppen letzte abmelden abmeld',
    'yes+': 'genehmigen genehmigt annehmen akzeptieren',
    'yes-': 'ablehnen abgelehnt zuruckweisen',
    'good+': 'vorteil vorteile beste besser',
    'good-': 'nachteil nachteile schlechteste schlechter',
    'trade+': 'kaufen kauf leihen empfangen',
    'trade-': 'verkaufen verkauf verleihen senden',
    'home+': 'inland intern brutto online',
    'home-': 'ausland extern netto offline',
    'from-': 'aus',
  },
  quantifiers: {
    all: 'alle allen aller alles jede jeder jedes jeden immer samtliche',
    some: 'einige manche mehrere manchmal etwas irgendein',
    most: 'meisten meistens',
    only: 'nur lediglich',
    both: 'beide beiden',
    half: 'halb halbe halfte',
    double: 'doppelt',
  },
  modals: {
    can: 'kann konnen konnte darf durfen',
    must: 'muss mussen notig erforderlich pflicht braucht',
    should: 'soll sollen sollte',
  },
  tenses: { past: 'war waren hatte wurde wurden', future: 'wird' },
  possessives: {
    my: 'mein meine meinen meinem meiner unser unsere unseren unserem ich mich mir wir uns',
    your: 'dein deine deinen du dich dir',
    his: 'sein seine seinen seinem seiner er ihn ihm',
    her: 'ihr ihre ihren ihrem ihrer sie',
  },
  numbers: `null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn
    siebzehn achtzehn neunzehn zwanzig`,
  ordinals:
    'erste zweite dritte vierte funfte sechste siebte achte neunte zehnte',
  directions:
    'zu zum zur nach aus von an auf in als und oder zwischen gegen vom ins durch',
  synonyms: [
    'versand lieferung zustellung',
    'urlaub ferien',
    'andern verandern bearbeiten anpassen',
    'loschen entfernen',
    'braucht benotigt erforderlich',
    'finden finde',
    'bestellung auftrag',
    'bekommen erhalten',
  ],
  timeDependent:
    /\b(?:heute|jetzt|gerade|aktuell\w*|derzeit\w*|momentan|gestern|morgen|neulich|kurzlich|neuest\w*|bisher|wetter|nachrichten|uhrzeit|noch|schon|bereits|(?:diese|nachste|letzte|vergangene|kommende)[rsnm]? (?:stunde|tag|woche|wochenende|monat|quartal|jahr|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)s?)\b/,
  personal: /\b(?:ich|mich|mir|mein\w*|wir|uns|unser\w*)\b/,
  stem: word =>
    word.length < 5
      ? word
      : word.replace(/(?:erinnen|innen|ungen|en|er|em|es|e|n|s|st|t)$/, ''),
};
