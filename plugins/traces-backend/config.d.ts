import type { HumanDuration } from '@backstage/types';

export interface Config {
  traces?: {
    /**
     * Keeps what people, models and tools said, with secrets masked. False by default:
     * then only names, numbers and short facts of spans are kept.
     */
    content?: boolean;

    /** Processes that decode what is sent. 1 by default. */
    decoders?: number;

    /** Spans of one request; further ones are refused and counted. 20,000 by default. */
    maxSpansOfRequest?: number;

    /** Spans of one trace; further ones are refused and counted. 20,000 by default. */
    maxSpansOfTrace?: number;

    /** Spans that are kept in all; beyond that the oldest go early. 20 million by default. */
    maxSpans?: number;

    /** Share of ordinary traces that are kept as long as notable ones. 0.05 by default. */
    sampledShare?: number;

    /** Collectors that get what was taken, over OTLP/HTTP; without content and secrets that are not kept. */
    forward?: Array<{
      /** All of it, for example `https://collector.example.com/v1/traces`. */
      url: string;
      /**
       * Sent with each request, for example `authorization`.
       * @deepVisibility secret
       */
      headers?: { [name: string]: string };
    }>;

    retention?: {
      /** How long the spans of every trace are kept. 7 days by default. */
      spans?: string | HumanDuration;
      /** How long those of traces with errors, slow, expensive and flagged ones. 30 days by default. */
      notable?: string | HumanDuration;
      /** How long traces stand in lists. 90 days by default. Figures by hour stay 400 days. */
      summaries?: string | HumanDuration;
    };
  };
}
