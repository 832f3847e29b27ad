/** As much of an OpenAPI document as is needed here. */
export interface OpenApiDocument {
  openapi: string;
  info: object;
  paths: Record<string, Record<string, any>>;
  components?: Record<string, Record<string, unknown>>;
}

/**
 * What a document says of requests, without its answers and the components that only they use. The validator
 * compiles each schema that it is given, at the start of each plugin, and most describe answers, which it does
 * not look at.
 */
export function requestsOf(document: OpenApiDocument): OpenApiDocument {
  const components: Record<string, Record<string, unknown>> = {};
  const keep = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) {
      return;
    }
    const [, kind, name] =
      /^#\/components\/([^/]+)\/([^/]+)$/.exec(
        (value as { $ref?: string }).$ref ?? '',
      ) ?? [];
    if (kind && !components[kind]?.[name]) {
      components[kind] ??= {};
      components[kind][name] = document.components?.[kind]?.[name];
      keep(components[kind][name]);
    }
    Object.values(value).forEach(keep);
  };
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, item]) => [
      path,
      Object.fromEntries(
        Object.entries(item).map(([key, part]) => [
          key,
          part.responses
            ? { ...part, responses: { default: { description: '' } } }
            : part,
        ]),
      ),
    ]),
  );
  keep(paths);
  // The validator rewrites what it is given.
  return structuredClone({
    openapi: document.openapi,
    info: document.info,
    paths,
    components,
  });
}
