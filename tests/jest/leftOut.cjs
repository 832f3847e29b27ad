/** In the place of what `resolver.cjs` leaves out: says so to whoever uses it. */
module.exports = new Proxy(
  {},
  {
    get(_, name) {
      if (name === '__esModule') return false;
      return class LeftOut {
        constructor() {
          throw new Error(
            `${String(
              name,
            )} is of a library that tests leave out; see tests/jest/resolver.cjs`,
          );
        }
      };
    },
  },
);
