export interface Config {
  /** What the guard looks for in what is written to agents, answered and returned by tools. */
  guard?: {
    /**
     * Of the rules that fit, the last one counts. Before these stand: in a prompt `mark`
     * for an injection and `mask` for a secret; in an answer `mask` for a secret and for a
     * link; in an answer `mark` for unsafe content and `mask` for a topic to avoid, which in
     * a prompt is `mark`; in a result `ask` for an injection, `mask` for a secret, and `mask` for personal
     * data where the tool's data is `restricted`.
     */
    rules?: Array<{
      /** What is written to an agent, what a model answers, or what a tool returns. */
      on: 'prompt' | 'answer' | 'result';
      /**
       * `link`: of an answer, where it can carry words to a host that is not listed.
       * `unsafe-content`: weapons, drugs, malware, self-harm, threats, hate and sexual
       * content about minors, by plain words in five languages. `topic`: see `topics`.
       * `unsupported-claim`: figures, dates and names of an answer that stand in nothing
       * the model was told, where it was told the results of tools; not looked for in answers
       * of more than 50,000 characters, nor where it was told more than 200,000.
       */
      finds:
        | 'injection'
        | 'secret'
        | 'personal-data'
        | 'link'
        | 'unsafe-content'
        | 'topic'
        | 'unsupported-claim';
      /**
       * `none` allows it. `mark` writes down what was found, and fences an injection in a
       * result. `mask` puts tokens in the place of secrets and personal data, for which
       * tools get the values back, and makes links inert. `ask` leaves calls of `external`
       * and `critical` tools in this conversation to people, unless all that they are
       * called with are a person's own words. `refuse` withholds a result; whoever wrote a
       * prompt reads in a sentence why there is no answer. Of an answer, `mask` leaves the
       * sentence out and `refuse` all that follows; both hold back the sentence that has not
       * ended.
       */
      action: 'mark' | 'mask' | 'ask' | 'refuse' | 'none';
      /** Only for these agents, by entity ref. */
      agents?: string[];
      /** Only for agents (prompt, answer) or tools (result) with data of these classes. */
      dataClassifications?: Array<
        'public' | 'internal' | 'confidential' | 'restricted'
      >;
    }>;
    /**
     * What agents do not speak of, or stay within. It goes by these words alone: the same
     * said in other words is not found.
     */
    topics?: Array<{
      /** As people call it, such as `medical advice`. They read it where it was left out. */
      name: string;
      /**
       * `avoid` it (default), or speak `only` of it: a question of six words or more with no
       * term of any of these is outside. What is done is said by `rules`.
       */
      stance?: 'avoid' | 'only';
      /** Words; `medic*` is how words begin, and a phrase stands as it is written. */
      terms: string[];
      /**
       * How many different terms of a topic to avoid are in a sentence and the one before
       * it; a phrase counts as two. Default 2.
       */
      atLeast?: number;
      /** Only for these agents, by entity ref. */
      agents?: string[];
    }>;
    /**
     * Hosts to which links in answers may carry words, as `docs.acme.example` or
     * `*.acme.example`. Those of the portal itself are always among them.
     */
    linkHosts?: string[];
    /**
     * Of tokens: at least 32 characters, the same on all replicas. Default is made of the
     * first of `backend.auth.keys`; without either tokens mean nothing after a restart.
     * @visibility secret
     */
    secret?: string;
  };
}
