/**
 * Backstage's backend brings clients of clouds and caches, a quarter of all that each suite loads. No test
 * talks to one, so they are left out; one that does finds out by name.
 */
const LEFT_OUT =
  /^(?:@aws-sdk\/.+|@azure\/.+|@google-cloud\/storage|archiver|@keyv\/(?:memcache|redis|valkey)|rate-limit-redis)$/;

/**
 * Two parts of Backstage's app each bring an older copy of these, 1,300 files, for messages that no test
 * opens; here they share the one that everything else has.
 */
const SHARED = /^react-(?:aria|aria-components|stately)(?:\/|$)/;

module.exports = (request, options) => {
  if (LEFT_OUT.test(request)) {
    return require.resolve('./leftOut.cjs');
  }
  return options.defaultResolver(
    request,
    SHARED.test(request) ? { ...options, basedir: __dirname } : options,
  );
};

module.exports.LEFT_OUT = LEFT_OUT;
