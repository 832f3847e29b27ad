/** The least that speech which can be understood takes, in bytes a second. */
const LEAST_BYTES_PER_SECOND = 500;
/** Nobody records speech with more; a head that says so shall not make a file short. */
const MOST_BYTES_PER_SECOND = 8 * 192_000 * 4;
/** What recordings of speech usually take. */
const USUAL_BYTES_PER_SECOND = 4_000;

/**
 * How long a recording is, in seconds: exactly for plain sound, which says how many
 * bytes a second has, and else by its size, at most and likely. A file of another
 * name may be read as what lies behind such a head.
 *
 * Source: Multimedia Programming Interface and Data Specifications 1.0, "WAVE".
 */
export function audioSeconds(
  file: Buffer,
  fileName = '',
): { most: number; likely: number } {
  const rate = /\.wav$/i.test(fileName) ? waveBytesPerSecond(file) : undefined;
  return {
    most: Math.ceil(file.length / (rate ?? LEAST_BYTES_PER_SECOND)),
    likely: Math.ceil(file.length / (rate ?? USUAL_BYTES_PER_SECOND)),
  };
}

function waveBytesPerSecond(file: Buffer): number | undefined {
  const isPlainWave =
    file.length > 44 &&
    file.toString('latin1', 0, 4) === 'RIFF' &&
    file.toString('latin1', 8, 16) === 'WAVEfmt ' &&
    file.readUInt16LE(20) === 1;
  if (!isPlainWave) {
    return undefined;
  }
  const [channels, samples, bits] = [
    file.readUInt16LE(22),
    file.readUInt32LE(24),
    file.readUInt16LE(34),
  ];
  const rate = Math.floor((channels * samples * bits) / 8);
  return rate >= LEAST_BYTES_PER_SECOND && rate <= MOST_BYTES_PER_SECOND
    ? rate
    : undefined;
}
