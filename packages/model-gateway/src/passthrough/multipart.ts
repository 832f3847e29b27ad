import { invalidRequest } from '../errors';

/** No client of these endpoints sends more. */
const MAX_PARTS = 64;
const MAX_HEADER_BYTES = 2_048;
/** Of a part that is no file. */
const MAX_FIELD_BYTES = 256 * 1024;

/** Source: RFC 2046 section 5.1.1. */
const BOUNDARY =
  /^multipart\/form-data\s*;\s*boundary=(?:"([\w'()+,\-./:=? ]{1,70})"|([\w'()+\-./:=?]{1,70}))\s*$/i;
/** Some take a part whose file has no name for a field, and some do not. */
const DISPOSITION =
  /^content-disposition:[ \t]*form-data;[ \t]*name="([^"\\\r\n]{1,100})"(?:;[ \t]*filename="([^"\r\n]{0,499}[^"\\\r\n])")?(;[ \t]*filename\*=[\w'%.~+-]{0,1000})?[ \t]*$/i;
const OTHER_HEADER = /^content-(?:type|length):[^\r\n]*$/i;

/** A part of a form, and where its value stands in the body. */
export interface FormPart {
  name: string;
  isFile: boolean;
  /** Of a file. */
  fileName?: string;
  start: number;
  end: number;
}

/** A form whose files stay bytes. */
export interface Form {
  body: Buffer;
  parts: FormPart[];
}

/**
 * Finds the parts of a form without looking into its files. What could be read in
 * more ways than one is refused, because the provider must read the same model and
 * the same limits as the gateway.
 *
 * Source: RFC 7578.
 */
export function readForm(contentType: string | undefined, body: Buffer): Form {
  const found = BOUNDARY.exec(contentType ?? '');
  if (!found) {
    throw invalidRequest(
      'Send `multipart/form-data` with a boundary, as OpenAI describes it.',
    );
  }
  const delimiter = Buffer.from(`\r\n--${found[1] ?? found[2]}`);
  if (!body.subarray(0, delimiter.length - 2).equals(delimiter.subarray(2))) {
    throw malformed('it does not begin with its boundary');
  }
  const parts: FormPart[] = [];
  let at = delimiter.length - 2;
  for (;;) {
    const isLast = body.toString('latin1', at, at + 2) === '--';
    if (isLast) {
      const rest = body.subarray(at + 2);
      if (rest.length > 4 || rest.toString('latin1').trim() !== '') {
        throw malformed('something follows its end');
      }
      return { body, parts };
    }
    if (body.toString('latin1', at, at + 2) !== '\r\n') {
      throw malformed('a boundary is not followed by a new line');
    }
    if (parts.length === MAX_PARTS) {
      throw invalidRequest(`The form has more than ${MAX_PARTS} parts.`);
    }
    const headersEnd = body
      .subarray(at, at + MAX_HEADER_BYTES)
      .indexOf('\r\n\r\n');
    const start = at + headersEnd + 4;
    const end = headersEnd < 0 ? -1 : body.indexOf(delimiter, start - 2);
    if (end < start) {
      throw malformed('a part has no end, or headers that are too long');
    }
    const headers = readHeaders(body.toString('utf8', at + 2, start - 4));
    refuseSecond(headers, parts);
    parts.push({ ...headers, start, end });
    at = end + delimiter.length;
  }
}

/** Of two values for one name one provider takes the first, and another the last. */
function refuseSecond(
  { isFile, name }: Pick<FormPart, 'isFile' | 'name'>,
  parts: FormPart[],
): void {
  const isList = name.endsWith('[]');
  if (
    !isList &&
    parts.some(part => part.name === name && !(part.isFile && isFile))
  ) {
    throw invalidRequest(`\`${name}\` is sent twice; send it once.`);
  }
}

/** The fields of a form that are no files, as texts; a repeated one is a list. */
export function fieldsOf({
  body,
  parts,
}: Form): Record<string, string | string[]> {
  const fields = new Map<string, string | string[]>();
  for (const { end, isFile, name, start } of parts) {
    if (isFile) {
      continue;
    }
    if (end - start > MAX_FIELD_BYTES) {
      throw invalidRequest(
        `\`${name}\` is longer than ${MAX_FIELD_BYTES} bytes; send files with a file name.`,
      );
    }
    const value = body.toString('utf8', start, end);
    const known = fields.get(name);
    fields.set(name, known === undefined ? value : [known, value].flat());
  }
  return Object.fromEntries(fields);
}

/** The body with other values of some fields, and every other byte as it was. */
export function replaceFields(
  { body, parts }: Form,
  values: Readonly<Record<string, string>>,
): Buffer {
  const pieces: Buffer[] = [];
  let copied = 0;
  for (const { end, name, start } of parts) {
    if (Object.hasOwn(values, name)) {
      pieces.push(body.subarray(copied, start), Buffer.from(values[name]));
      copied = end;
    }
  }
  return Buffer.concat([...pieces, body.subarray(copied)]);
}

function readHeaders(
  text: string,
): Pick<FormPart, 'fileName' | 'isFile' | 'name'> {
  let disposition: RegExpExecArray | null = null;
  for (const line of text.split('\r\n')) {
    const found = DISPOSITION.exec(line);
    if (found && disposition) {
      throw malformed('a part has two names');
    }
    disposition = found ?? disposition;
    if (!found && !OTHER_HEADER.test(line)) {
      throw malformed(
        'a part has headers besides its name and type, or its file has no name',
      );
    }
  }
  if (!disposition) {
    throw malformed('a part has no name');
  }
  const [, name, fileName, encodedFileName] = disposition;
  const isFile = (fileName ?? encodedFileName) !== undefined;
  return { name, isFile, fileName };
}

function malformed(why: string) {
  return invalidRequest(`The form cannot be read: ${why}.`);
}
