import type { Lexicon } from './Lexicon';

export const french: Lexicon = {
  language: 'fr',
  functionWords: `le la les l un une des du de d au aux ce cet cette ces je j me m tu te t il elle on nous vous ils elles se s y en
    est sont suis etait etaient etre a as ai ont avons avez avoir avait fait faire faut
    que qu qui quoi dont ou quel quelle quels quelles comment pourquoi quand combien si et mais dans sur pour par avec chez
    c ca cela n est-ce
    peut peuvent puis peux pouvez pouvoir dois doit devons doivent devoir voudrais`,
  lightWords: `merci exactement trouve`,
  courtesies:
    /^(?:(?:bonjour|salut|s'il vous plait|s'il te plait)[,!. ]+)*(?:(?:pouvez-vous|pourriez-vous|peux-tu) (?:m'|me )?(?:expliquer|dire)[, ]+|je voudrais savoir |(?:dites-moi|dis-moi|expliquez-moi|explique-moi)[, ]+)?/,
  rewrites: [
    [/\best-ce qu(?:e |')/g, ''],
    [/\bqui est-ce qui\b/g, 'qui'],
    [/\b(?:comment|ou) (?:puis-je|peut-on|pouvons-nous|dois-je)\b/g, 'comment'],
    [/\bcomment faire pour\b/g, 'comment'],
    [/^comment trouver\b/, 'ou se trouve'],
    [/\best-il possible de\b/g, 'puis-je'],
    [/\bquel est le (?:prix|cout) d(?:e |u |')/g, 'combien coute '],
    [/^c'est quoi\b/, 'qu est'],
    [/^qu'est-ce qu(?:e |')/, 'qu est '],
    [/\bfaut-il\b/g, 'sont necessaires'],
    [/-t-(?=il|elle|on)/g, ' '],
    [/\b(l|d|j|m|t|s|n|c|qu)'/g, '$1 '],
    [/-(?=ils?\b|elles?\b|on\b|je\b|tu\b|nous\b|vous\b)/g, ' '],
  ],
  questions: [
    [/^combien de temps\b/, 'duration'],
    [/^combien\b/, 'quantity'],
    [/^comment\b/, 'how-to'],
    [/^ou\b/, 'where'],
    [/^quand\b/, 'when'],
    [/^pourquoi\b/, 'why'],
    [/^qui\b/, 'who'],
    [/^quel(?:le)?s?\b/, 'which'],
    [/^(?:que|qu|quoi)\b/, 'what'],
    [/^(?:est|sont|puis|peut|peuvent|dois|doit|a|ont|y a)\b/, 'whether'],
  ],
  imperatives: `expliquez explique decrivez liste donnez donne resume resumez traduis traduisez comparez calculez ecris
    definis definissez trouve aide bonjour si dans pour avec sans sur en a apres avant`,
  negators: `pas ne ni jamais aucun aucune sans rien personne sauf interdit non plus-jamais`,
  poles: {
    'able+': 'activer active activez permettre autoriser',
    'able-': 'desactiver desactive desactivez interdire bloquer',
    'time-': 'avant precedent auparavant jusque',
    'time+': 'apres suivant ensuite depuis des',
    'much+':
      'plus augmenter augmente maximum maximal maximale superieur moins-au au-moins',
    'much-':
      'moins diminuer diminue reduire reduis minimum minimal minimale inferieur',
    'in+': 'dans importer telecharger-vers entrant',
    'in-': 'hors exporter sortant',
    'add+': 'ajouter creer installer',
    'add-': 'supprimer retirer enlever desinstaller',
    'open+': 'ouvrir ouvert deverrouiller',
    'open-': 'fermer ferme verrouiller',
    'start+': 'commencer debut premier premiere',
    'start-': 'finir terminer fin dernier derniere arreter',
    'yes+': 'approuver accepter accepte',
    'yes-': 'refuser rejeter refuse rejete',
    'trade+': 'acheter achat emprunter recevoir',
    'trade-': 'vendre vente preter envoyer',
    'gross+': 'brut brute',
    'gross-': 'net nette',
    'paid+': 'payees payes payee paye',
    'paid-': 'impayees impayes impayee impaye',
  },
  quantifiers: {
    all: 'tous toutes tout toute chaque toujours',
    some: 'certains certaines quelques plusieurs parfois',
    most: 'plupart',
    only: 'seulement uniquement seuls seules seul seule',
    both: 'deux-tous',
    half: 'demi demie moitie',
    double: 'double',
  },
  modals: {
    can: 'peut peuvent puis peux pouvez pouvons',
    must: 'dois doit devons doivent devez faut necessaire necessaires obligatoire',
    should: 'devrais devrait devraient',
  },
  tenses: { past: 'etait etaient avait', future: 'sera seront' },
  possessives: {
    my: 'mon ma mes notre nos je j me m nous moi',
    your: 'ton ta tes votre vos tu te vous',
    his: 'son sa ses il',
    their: 'leur leurs',
    her: 'elle',
  },
  numbers: `zero # deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize`,
  ordinals:
    'premier deuxieme troisieme quatrieme cinquieme sixieme septieme huitieme neuvieme dixieme',
  directions: 'a de vers depuis entre et ou que par contre du au aux',
  synonyms: [
    'supprimer retirer enlever',
    'modifier changer',
    'livraison envoi expedition',
    'conge vacances',
  ],
  timeDependent:
    /\b(?:aujourd'hui|maintenant|actuellement|actuel\w*|hier|demain|recemment|recent\w*|dernieres? nouvelles|meteo|en ce moment|il y a|deja|encore|cette (?:semaine|annee)|ce (?:mois|jour|soir|matin|trimestre)|(?:semaine|mois|annee) (?:prochaine?|derniere?|passee?))\b/,
  personal: /\b(?:je|j'|me|m'|moi|mon|ma|mes|nous|notre|nos)(?=\b|\w)/,
  stem: word =>
    word.length < 5
      ? word
      : word.replace(/(?:s|x)$/, '').replace(/(?:ees?|er|ez|ent|e)$/, ''),
};
