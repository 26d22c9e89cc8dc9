/** One record of CSV text (RFC 4180). */
interface CsvRecord {
  /** Null if a quoted field never ends or goes on after its quote: not a record under this delimiter. */
  readonly fields: readonly string[] | null;
  /** False if a field without quotes contains one: under another delimiter it may be a quoted field. */
  readonly isStrict: boolean;
  /** A line without a character. */
  readonly isEmpty: boolean;
  /** What ends it; empty at the end of the text. */
  readonly lineEnd: string;
}

/** The first records of the text, at most `most`. */
export function csvRecords(text: string, delimiter: string, most: number): readonly CsvRecord[] {
  const records: CsvRecord[] = [];
  let at = 0;
  while (at < text.length && records.length < most) {
    const { record, end } = recordAt(text, at, delimiter);
    records.push(record);
    at = end;
  }
  return records;
}

function recordAt(text: string, from: number, delimiter: string): { readonly record: CsvRecord; readonly end: number } {
  const fields: string[] = [];
  let isSound = true;
  let isStrict = true;
  let at = from;
  for (;;) {
    const isQuoted = text[at] === '"';
    const field = isQuoted ? quotedAt(text, at) : plainAt(text, at, delimiter);
    fields.push(field.value);
    if (!isQuoted && field.value.includes('"')) isStrict = false;
    at = field.end;
    if (!field.isClosed)
      return { record: { fields: null, isStrict: false, isEmpty: false, lineEnd: "" }, end: text.length };
    if (at < text.length && text[at] !== delimiter && !isLineEnd(text[at])) {
      isSound = false;
      at = plainAt(text, at, delimiter).end;
    }
    if (text[at] !== delimiter) break;
    at += 1;
  }
  const end = at + (text.startsWith("\r\n", at) ? 2 : 1);
  const lineEnd = text.slice(at, end);
  return { record: { fields: isSound ? fields : null, isStrict, isEmpty: at === from, lineEnd }, end };
}

interface Field {
  readonly value: string;
  /** Where the next character is. */
  readonly end: number;
  readonly isClosed: boolean;
}

function quotedAt(text: string, from: number): Field {
  let value = "";
  for (let at = from + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return { value, end: text.length, isClosed: false };
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1, isClosed: true };
    value += '"';
    at = quote + 2;
  }
}

function plainAt(text: string, from: number, delimiter: string): Field {
  let at = from;
  while (at < text.length && text[at] !== delimiter && !isLineEnd(text[at])) at += 1;
  return { value: text.slice(from, at), end: at, isClosed: true };
}

function isLineEnd(character: string | undefined): boolean {
  return character === "\n" || character === "\r";
}
