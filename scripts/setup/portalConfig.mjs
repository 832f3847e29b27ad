const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3})$/;

/**
 * What decides how the portal is started. It is a development portal, with its guest and its error
 * traces, only where the configuration says so and no other machine can reach it.
 */
export async function readPortalConfig(files, env) {
  // Is there only after the packages are installed.
  const { ConfigSources, FileConfigSource } = await import(
    '@backstage/config-loader'
  );
  const config = await ConfigSources.toConfig(
    ConfigSources.merge(
      files.map(file =>
        FileConfigSource.create({
          path: file,
          watch: false,
          substitutionFunc: async name => env[name],
        }),
      ),
    ),
  );
  try {
    return {
      production:
        env.NODE_ENV === 'production' ||
        config.getOptionalString('auth.environment') !== 'development' ||
        !LOOPBACK.test(config.getOptionalString('backend.listen.host') ?? ''),
      baseUrl: config.getString('app.baseUrl'),
      hasExampleCompany: (
        config.getOptionalConfigArray('catalog.locations') ?? []
      ).some(location =>
        /(^|\/)catalog\/all\.yaml$/.test(
          location.getOptionalString('target') ?? '',
        ),
      ),
    };
  } finally {
    config.close();
  }
}
