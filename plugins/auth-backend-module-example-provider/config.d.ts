export interface Config {
  auth?: {
    providers?: {
      /** Sign-in as one of these people without a password, from the machine that the portal runs on only. */
      example?: {
        /** Entity refs of the users who may be chosen, in the order in which they are offered. */
        people: string[];
      };
    };
  };
}
