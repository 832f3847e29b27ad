/**
 * What a word of a request hints at, by kind. The words are those in which
 * people ask for things in English, German, French and Spanish; two words that
 * count together are joined by `+`.
 */
const WORDS = {
  proof: `
    prove proof proven derive derivation deduce infer rigorous rigorously
    formalise formalize formally theorem lemma contradiction contradictory
    paradox counterexample flaw fallacy induction impossible possible unique
    uniquely minimal maximal optimal optimum determine undecidable np-complete
    np-hard exists converge converges interleaving linearizable serializable
    invariant puzzle knights knaves hypothesis falsify premise axiom axioms
    worst-case show+that show+whether find+all
    beweise beweisen beweis leite herleiten herleitung widerspruch eindeutig
    unmöglich möglich optimale bestimme schlussfolgere zeige+dass
    prouve prouver prouvez preuve démontre démontrer démontrez déduis déduisez
    déterminez détermine montrez+que montrer+que
    demuestra demostrar demuestre deduzca determina imposible único única
    contradicción muestra+que`,
  reasoning: `
    why explain justify argue debug diagnose troubleshoot investigate root-cause
    reconcile interpret critique implications reason reasons reasoning cause
    causes verify
    warum wieso weshalb erkläre erklären begründe begründen begründung untersuche
    ursache ursachen
    pourquoi explique expliquez justifie justifiez justification
    porqué explica justifica razona causa causas por+qué`,
  comparison: `
    compare comparison contrast versus vs trade-off trade-offs tradeoff
    tradeoffs pros cons evaluate assess weigh advantages disadvantages
    alternatives options recommend recommendation prioritise prioritize rank
    better worse analyse analyze analysis benchmark sensitivity
    vergleiche vergleichen vergleich bewerte bewerten abwägen abwägung vorteile
    nachteile empfiehl empfehlung analysiere priorisiere
    comparer comparez évalue évaluez évaluer avantages inconvénients
    recommande recommandez recommandation analysez priorise
    compara comparar evalúa evaluar ventajas desventajas inconvenientes
    recomienda recomendación analiza prioriza`,
  planning: `
    plan design architect architecture strategy roadmap migrate migration
    refactor implement optimise optimize minimise minimize maximise
    maximize schedule allocate model propose blueprint rollout forecast algorithm
    mechanism protocol policy scenario scenarios simulate negotiate phases
    develop concept
    entwirf entwerfen plane planen strategie architektur migriere optimiere
    umsetzungsplan fahrplan implementiere prognose szenario szenarien konzept
    conçois concevoir concevez planifie planifiez stratégie stratégies optimise
    scénario scénarios prévision propose proposez
    diseña diseñar planifica estrategia arquitectura optimiza implementa
    escenario escenarios previsión propón`,
  writing: `
    write draft summarise summarize summary rewrite rephrase reply email letter
    announcement describe outline convert transform translate checklist table
    bullet bullets paragraph paragraphs tone polite extract group categorise
    classify create make suggest
    schreibe schreib verfasse entwurf zusammenfassung fasse formuliere
    umformulieren antwort übersetze beschreibe tabelle liste erstelle
    écris rédige rédigez résume résumez reformule traduis traduisez décris
    tableau réponse
    escribe redacta resume reformula traduce describe tabla respuesta`,
  lookup: `
    what when where who which is are does status hours address phone number
    find show get list name spell define hello hi thanks thank hey yes no okay ok
    how+many how+much
    wer wann wo wie ist status zeige finde hallo danke öffnungszeiten nummer
    quel quelle quand où qui est montre bonjour merci numéro horaires
    qué quién cuándo dónde es muestra hola gracias número horario`,
  condition: `
    must without only unless except exactly least most never always if given
    assuming suppose constraint constraints requirement requirements provided
    while whereas however although respecting subject within each every ensure
    muss müssen ohne nur außer genau mindestens höchstens wenn falls angenommen
    jede jeder während jedoch obwohl bedingung bedingungen
    doit doivent sans seulement sauf exactement moins si chaque supposons
    condition conditions contrainte contraintes
    debe deben sin solo salvo exactamente menos cada supongamos condición
    condiciones restricciones`,
  sequence: `
    first second third then next finally afterwards step steps also additionally
    after before furthermore lastly plus
    zuerst dann danach schließlich schritt schritte außerdem anschließend
    d'abord ensuite puis enfin étape étapes également
    primero luego después finalmente paso pasos además`,
  maths: `
    integral derivative equation equations matrix eigenvalue eigenvalues
    probability expected variance modulo prime primes irrational polynomial
    convergence bijection combinatorics bayes complexity asymptotic bound bounds
    infinite infinitely finite integers integer vector gradient inequality
    logarithm npv irr regression statistically confidence
    gleichung wahrscheinlichkeit primzahl primzahlen ableitung ungleichung
    erwartungswert
    équation probabilité dérivée intégrale inégalité matrice espérance
    ecuación probabilidad teorema derivada desigualdad matriz`,
  code: `
    function class method api sql query regex python typescript javascript java
    rust bash kubernetes docker yaml json deadlock race thread threads async
    concurrency concurrent latency throughput cache caching index transaction
    transactions distributed consensus idempotent idempotency retry exception
    stack trace compile compiler bug unit test tests endpoint schema database
    postgres postgresql replica replicas sharding queue lock locks memory leak
    funktion klasse abfrage datenbank fehlermeldung
    fonction classe requête
    función clase consulta`,
} as const;

/** A kind of hint. */
export type WordKind = keyof typeof WORDS;

/** All kinds, in the order of {@link countWords}. */
export const WORD_KINDS = Object.keys(WORDS) as WordKind[];

const KIND_OF = new Map<string, number>();
for (const [index, kind] of WORD_KINDS.entries()) {
  for (const word of WORDS[kind].split(/\s+/)) {
    // What stands in two kinds belongs to the first, which is the harder one.
    if (word && !KIND_OF.has(word)) {
      KIND_OF.set(word, index);
    }
  }
}

/** First words of the pairs. */
const PAIR_STARTS = new Set(
  [...KIND_OF.keys()]
    .filter(entry => entry.includes('+'))
    .map(entry => entry.slice(0, entry.indexOf('+'))),
);

/** No word of the lexicon is longer, so longer ones need not be looked up. */
const LONGEST = Math.max(...[...KIND_OF.keys()].map(word => word.length));

/**
 * Adds the words of a text to the counts of their kinds.
 *
 * @returns the number of words, known or not
 */
export function countWords(text: string, counts: number[]): number {
  const lower = text.toLowerCase();
  let words = 0;
  let before = '';
  let start = -1;
  for (let at = 0; at <= lower.length; at += 1) {
    if (at < lower.length && isInWord(lower.charCodeAt(at))) {
      if (start < 0) {
        start = at;
      }
    } else if (start >= 0) {
      words += 1;
      const word = at - start <= LONGEST ? lower.slice(start, at) : '';
      const kind =
        (PAIR_STARTS.has(before)
          ? KIND_OF.get(`${before}+${word}`)
          : undefined) ?? KIND_OF.get(word);
      if (kind !== undefined) {
        counts[kind] += 1;
      }
      before = word;
      start = -1;
    }
  }
  return words;
}

/** Letters, digits, hyphen and apostrophe; nearly all beyond ASCII is a letter. */
function isInWord(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 48 && code <= 57) ||
    code === 45 ||
    code === 39 ||
    (code >= 0xc0 && code < 0x2000)
  );
}
