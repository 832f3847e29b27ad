/** Cosine similarity of two vectors of unit length. */
export function similarity(one: Float32Array, other: Float32Array): number {
  if (one.length !== other.length) {
    return 0;
  }
  let sum = 0;
  for (let index = 0; index < one.length; index += 1) {
    sum += one[index] * other[index];
  }
  return sum;
}

/** The vector of the same direction and of unit length; nothing for a zero. */
export function toUnitLength(vector: Float32Array): Float32Array | undefined {
  const length = Math.sqrt(similarity(vector, vector));
  return length > 0 && Number.isFinite(length)
    ? vector.map(value => value / length)
    : undefined;
}
