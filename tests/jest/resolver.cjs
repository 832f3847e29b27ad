/**
 * Backstage's backend brings clients of clouds and caches, a quarter of all that each suite loads. No test
 * talks to one, so they are left out; one that does finds out by name.
 */
const LEFT_OUT =
  /^(?:@aws-sdk\/.+|@azure\/.+|@google-cloud\/storage|@keyv\/(?:memcache|redis|valkey)|rate-limit-redis)$/;

module.exports = (request, options) =>
  options.defaultResolver(
    LEFT_OUT.test(request) ? require.resolve('./leftOut.cjs') : request,
    options,
  );
