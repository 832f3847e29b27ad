/**
 * Text as it is compared: no case, no Markdown, no thousands separators, single spaces.
 *
 * @public
 */
export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/(\d)[,\u00a0\u202f'](?=\d{3}\b)/g, '$1')
    .replace(/[*_`|#>"“”]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * True when the text says the fact; a number must stand alone, 4 is not in 14.
 *
 * @public
 */
export function says(text: string, fact: string): boolean {
  const wanted = normalise(fact);
  const said = normalise(text);
  if (!/^\d+(?:\.\d+)?$/.test(wanted)) {
    return said.includes(wanted);
  }
  // 233.00 is also written 233
  const [whole, cents] = wanted.split('.');
  const fraction = Number(cents ?? 0)
    ? `\\.${cents.replace(/0+$/, '')}0*`
    : '(?:\\.0+)?';
  return new RegExp(
    `(?<![\\d.-])${whole}${fraction}(?![\\d]|\\.\\d|-\\d)`,
  ).test(said);
}

/**
 * `tool:default/orders.find_order`, `orders.find_order` and `orders_find_order` are one tool.
 *
 * @public
 */
export function sameTool(a: string, b: string): boolean {
  const bare = (name: string) =>
    name
      .replace(/^tool:[^/]+\//, '')
      .replace(/[^a-zA-Z0-9]+/g, '_')
      .toLowerCase();
  return bare(a) === bare(b);
}
