/** What the size advisor says to a question. */
export type Advice =
  | { answer: string; size: string }
  /** It needs to know more. */
  | { question: string };

const CENTIMETRES = /(\d{2,3}(?:[.,]\d)?)\s*(?:cm|centimet)/i;

/** Up to which chest, in centimetres, a size fits. */
const JACKETS: Array<[size: string, chest: number]> = [
  ['XS', 86],
  ['S', 94],
  ['M', 102],
  ['L', 110],
  ['XL', 118],
  ['XXL', 128],
];

/** Reads all that was said in a conversation and advises, or asks for what is missing. */
export function advise(said: string): Advice {
  const measure = CENTIMETRES.exec(said);
  const cm = measure && Number(measure[1].replace(',', '.'));
  if (/\b(boots?|shoes?)\b/i.test(said)) {
    return cm
      ? boots(cm)
      : { question: 'How long is the foot, heel to toe, in cm?' };
  }
  if (/\b(jackets?|coats?|fleeces?|shirts?)\b/i.test(said)) {
    return cm ? jacket(cm) : { question: 'How wide is the chest, in cm?' };
  }
  return { question: 'Is it for a jacket or for boots?' };
}

function jacket(chest: number): Advice {
  const fitting = JACKETS.find(([, most]) => chest <= most);
  return fitting && chest >= 70
    ? {
        size: fitting[0],
        answer: `Size ${fitting[0]} fits a chest of ${chest} cm. Between two sizes take the larger one for layers underneath.`,
      }
    : {
        question: `No jacket fits a chest of ${chest} cm. Is it measured right?`,
      };
}

function boots(foot: number): Advice {
  // Paris points: two thirds of a centimetre, with a centimetre and a half of room.
  const size = Math.ceil((foot + 1.5) * 1.5);
  return size >= 35 && size <= 49
    ? {
        size: `EU ${size}`,
        answer: `Boots of size EU ${size} fit a foot of ${foot} cm, with room for thick socks.`,
      }
    : { question: `No boots fit a foot of ${foot} cm. Is it measured right?` };
}
