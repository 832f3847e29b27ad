/** In the place of what `resolver.cjs` leaves out: it can be made, and says so to whoever uses it. */
const made = name =>
  new Proxy(
    {},
    {
      // A promise would be taken for one by its `then`.
      get: (_, member) =>
        typeof member === 'string' && member !== 'then'
          ? () => {
              throw new Error(
                `${name}.${member} is of a library that tests leave out; see tests/jest/resolver.cjs`,
              );
            }
          : undefined,
    },
  );

module.exports = new Proxy(
  {},
  {
    get: (_, name) =>
      name === '__esModule'
        ? false
        : function LeftOut() {
            return made(String(name));
          },
  },
);
