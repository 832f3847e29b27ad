declare module 'wink-porter2-stemmer' {
  /** Porter's second English stemmer: a lower-case word in, its stem out. */
  export default function stem(word: string): string;
}
