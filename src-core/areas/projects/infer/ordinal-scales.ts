import type { ColumnProfile } from "./profile.ts";

/** Known scales of words, from lowest to highest; words for the same level are in one list. */
const scales: readonly (readonly (readonly string[])[])[] = [
  [
    ["none"],
    ["very low", "lowest"],
    ["low"],
    ["medium", "med", "mid", "middle", "moderate", "normal", "average"],
    ["high"],
    ["very high", "highest"],
    ["critical", "extreme"],
  ],
  [
    ["none"],
    ["minimal"],
    ["minor"],
    ["mild", "light"],
    ["moderate", "medium"],
    ["major"],
    ["severe", "serious"],
    ["critical", "fatal"],
  ],
  [
    ["xxxs", "3xs"],
    ["xxs", "2xs"],
    ["xs"],
    ["s"],
    ["m"],
    ["l"],
    ["xl"],
    ["xxl", "2xl"],
    ["xxxl", "3xl"],
    ["xxxxl", "4xl"],
    ["5xl"],
  ],
  [
    ["tiny", "extra small", "extra-small"],
    ["very small"],
    ["small"],
    ["medium", "mid"],
    ["large", "big"],
    ["very large"],
    ["extra large", "extra-large", "huge"],
  ],
  [
    ["terrible", "awful"],
    ["very poor", "very bad"],
    ["poor", "bad"],
    ["fair", "average", "ok", "okay", "acceptable", "medium"],
    ["good"],
    ["very good"],
    ["great"],
    ["excellent", "outstanding"],
  ],
  [["fair"], ["good"], ["very good"], ["premium"], ["ideal"]],
  [
    ["never"],
    ["almost never", "very rarely"],
    ["rarely", "seldom"],
    ["occasionally"],
    ["sometimes"],
    ["often", "frequently"],
    ["usually", "very often"],
    ["almost always"],
    ["always"],
  ],
  [
    ["strongly disagree"],
    ["disagree"],
    ["somewhat disagree"],
    ["neutral", "neither agree nor disagree", "undecided"],
    ["somewhat agree"],
    ["agree"],
    ["strongly agree"],
  ],
  [
    ["very dissatisfied"],
    ["dissatisfied", "unsatisfied"],
    ["neutral", "neither satisfied nor dissatisfied"],
    ["satisfied"],
    ["very satisfied"],
  ],
  [["very unlikely"], ["unlikely"], ["neutral", "possible"], ["likely"], ["very likely"], ["certain"]],
  [["very cold", "freezing"], ["cold"], ["cool"], ["mild"], ["warm"], ["hot"], ["very hot"]],
  [["very slow"], ["slow"], ["medium", "moderate", "normal"], ["fast"], ["very fast"]],
  [["very short"], ["short"], ["medium", "average"], ["long", "tall"], ["very long", "very tall"]],
  [["very weak"], ["weak"], ["medium", "moderate"], ["strong"], ["very strong"]],
  [
    ["very easy"],
    ["easy"],
    ["medium", "moderate", "normal"],
    ["hard", "difficult"],
    ["very hard", "very difficult"],
    ["expert"],
  ],
  [["novice", "beginner"], ["elementary"], ["intermediate"], ["advanced"], ["expert"], ["master"]],
  [["bronze"], ["silver"], ["gold"], ["platinum"], ["diamond"]],
  [["none"], ["primary", "elementary school"], ["secondary", "high school"], ["tertiary"]],
  [
    ["high school"],
    ["some college"],
    ["associate", "associate's degree"],
    ["bachelor", "bachelors", "bachelor's", "bachelor's degree"],
    ["master", "masters", "master's", "master's degree"],
    ["doctorate", "phd", "doctoral"],
  ],
  [
    ["first", "1st"],
    ["second", "2nd"],
    ["third", "3rd"],
    ["fourth", "4th"],
    ["fifth", "5th"],
  ],
  // German.
  [
    ["keine", "kein"],
    ["sehr niedrig", "sehr gering"],
    ["niedrig", "gering"],
    ["mittel", "normal", "mäßig"],
    ["hoch"],
    ["sehr hoch"],
  ],
  [["sehr klein", "winzig"], ["klein"], ["mittel"], ["groß", "gross"], ["sehr groß", "sehr gross"]],
  [["sehr schlecht"], ["schlecht"], ["mittel", "befriedigend"], ["gut"], ["sehr gut"], ["ausgezeichnet"]],
  [["nie", "niemals"], ["selten"], ["manchmal", "gelegentlich"], ["oft", "häufig"], ["meistens"], ["immer"]],
];

/** Numbered levels: "1 star", "5 stars", "level 3". */
const numbered: readonly RegExp[] = [
  /^(\d+)[ -]?(?:stars?|sterne?|\u2605|\*)$/,
  /^(?:level|grade|stage|tier|stufe) ?(\d+)$/,
];
const starsAlone = /^(?:\u2605+|\*+)$/;

/** With two values, a rank says no more than a column per value. */
const fewestLevels = 3;

/** The values of a column of strings from lowest to highest, if they all belong to one known scale; else null. */
export function orderOf({ type, values }: ColumnProfile): readonly string[] | null {
  if (type !== "string" || values === null || values.length < fewestLevels) return null;
  const texts = values.map(({ value }) => String(value));
  for (const rankOf of rankings) {
    const ranks = texts.map((text) =>
      rankOf(
        text
          .trim()
          .normalize("NFC")
          .toLowerCase()
          .replaceAll(/[_\s]+/g, " "),
      ),
    );
    // Two spellings of one level have no order; such a column stays one of categories.
    if (ranks.includes(-1) || new Set(ranks).size < texts.length) continue;
    return texts
      .map((text, i) => ({ text, rank: ranks[i] ?? 0 }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ text }) => text);
  }
  return rangesInOrder(texts);
}

const amount = "[$\\u20ac\\u00a3]? ?(\\d[\\d.,'\\u2019]*) ?(?:k|%|years?|yrs?|jahre)?";
const closed = new RegExp(`^${amount} ?(?:-|\\u2013|\\u2014|to|bis|\\.\\.) ?${amount}$`);
/** As pandas' and R's `cut` write them: (0, 10] · [10.0,20.0) */
const interval = /^[[(] ?(-?[\d.]+) ?, ?(-?[\d.]+) ?[\])]$/;
const below = new RegExp(`^(?:<=?|\u2264|under|below|up to|less than|bis|unter) ?${amount}$`);
const above = new RegExp(
  `^(?:>=?|\u2265|over|above|more than|\u00fcber|ab) ?${amount}$|^${amount} ?(?:\\+|and over|and older|or more|and above|\u00fcber)$`,
);

interface Range {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Ranges of numbers that don't overlap, from lowest to highest: "under 18", "18-25", "26-64", "65+"; null for any other texts. */
function rangesInOrder(texts: readonly string[]): readonly string[] | null {
  const ranges: Range[] = [];
  for (const text of texts) {
    const range = rangeOf(text);
    if (range === null) return null;
    ranges.push(range);
  }
  ranges.sort((a, b) => a.from - b.from);
  const isApart = ranges.every(({ to }, index) => to <= (ranges[index + 1]?.from ?? Infinity));
  return isApart && ranges.some(({ from, to }) => Number.isFinite(to - from)) ? ranges.map(({ text }) => text) : null;
}

function rangeOf(text: string): Range | null {
  const plain = text.trim().toLowerCase().replaceAll(/\s+/g, " ");
  const number = (digits: string | undefined) => Number(digits?.replaceAll(/[,'\u2019]/g, ""));
  const both = closed.exec(plain) ?? interval.exec(plain);
  if (both !== null) {
    const [from, to] = [number(both[1]), number(both[2])];
    return from < to ? { text, from, to } : null;
  }
  const upper = below.exec(plain);
  if (upper !== null) return { text, from: -Infinity, to: number(upper[1]) };
  const lower = above.exec(plain);
  return lower === null ? null : { text, from: number(lower[1] ?? lower[2]), to: Infinity };
}

/** The place of a word in each kind of scale; -1 if it doesn't belong to it. */
const rankings: readonly ((word: string) => number)[] = [
  ...scales.map((scale) => (word: string) => scale.findIndex((level) => level.includes(word))),
  ...numbered.map((pattern) => (word: string) => Number(pattern.exec(word)?.[1] ?? -1)),
  (word) => (starsAlone.test(word) ? word.length : -1),
];
