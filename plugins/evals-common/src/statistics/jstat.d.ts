/** The part of jStat that is used here; the package brings no types. */
declare module 'jstat' {
  const jStat: {
    /** Natural logarithm of the beta function. */
    betaln(a: number, b: number): number;
    /** Regularised incomplete beta function I_x(a, b). */
    ibeta(x: number, a: number, b: number): number;
    /** The x at which I_x(a, b) is p. */
    ibetainv(p: number, a: number, b: number): number;
    chisquare: { inv(p: number, degreesOfFreedom: number): number };
    normal: {
      cdf(x: number, mean: number, deviation: number): number;
      inv(p: number, mean: number, deviation: number): number;
    };
  };
  export default jStat;
}
