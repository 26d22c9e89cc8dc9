/**
 * Renders strings after `key:` like the YAML writer of DVC (ruamel.yaml, YAML 1.2, width 80), so files from here and from `dvc add` have the
 * same bytes. The package `yaml` can't do this: it leaves `1_000` and `2024-01-01` plain and folds at other places. Two kinds have the same
 * meaning but may look different: double-quoted strings of more than 80 columns (not folded here), and strings with U+0085, U+2028 or U+2029
 * (escaped here).
 */

const width = 80;

/** Plain scalars that a reader wouldn't read as a string. */
const resolvesElsewhere = [
  /^(?:true|True|TRUE|false|False|FALSE)$/,
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(?:[eE][-+]?[0-9]+)|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^(?:[-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+)$/,
  /^(?:<<|=|~|null|Null|NULL)$/,
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/,
];

const needsEscape = /[^\n\x20-\x7e\x85\xa0-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;
const lineBreak = /[\n\x85\u2028\u2029]/;
const blockIndicator = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t]|$))|:(?:[ \t]|$)|[ \t]#/;

/**
 * Renders the string with a leading space, to be written directly after the colon of a key.
 * @param column column after the colon, from 0
 * @param indent indentation of the lines of a folded string
 */
export function dvcScalar(text: string, column: number, indent: number): string {
  if (text === "") return " ''";
  const isPlain =
    !needsEscape.test(text) &&
    !lineBreak.test(text) &&
    !/^ | $/.test(text) &&
    !blockIndicator.test(text) &&
    !resolvesElsewhere.some((pattern) => pattern.test(text));
  if (isPlain) return plain(text, column, indent);
  if (needsEscape.test(text) || lineBreak.test(text) || text.includes("'")) return ` ${doubleQuoted(text)}`;
  return singleQuoted(text, column, indent);
}

function plain(text: string, startColumn: number, indent: number): string {
  let out = " ";
  let column = startColumn + 1;
  const breakLine = () => {
    out += `\n${" ".repeat(indent)}`;
    column = indent;
  };
  for (const [run] of text.matchAll(/ +|[^ ]+/g)) {
    const length = [...run].length;
    if (run === " " && column >= width) breakLine();
    else {
      if (run[0] !== " " && length + column > width && column > indent) breakLine();
      out += run;
      column += length;
    }
  }
  return out;
}

function singleQuoted(text: string, startColumn: number, indent: number): string {
  let out = " '";
  let column = startColumn + 2;
  let at = 0;
  for (const [run] of text.matchAll(/ +|[^ ]+/g)) {
    const isInside = at > 0 && at + run.length < text.length;
    if (run === " " && column > width && isInside) {
      out += `\n${" ".repeat(indent)}`;
      column = indent;
    } else {
      out += run;
      column += [...run].length;
    }
    at += run.length;
  }
  return `${out}'`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  "\0": "0",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
  "\x85": "N",
  "\u2028": "L",
  "\u2029": "P",
};

function doubleQuoted(text: string): string {
  let out = "";
  for (const char of text) {
    const short = shortEscapes[char];
    const point = char.codePointAt(0) ?? 0;
    if (short !== undefined) out += `\\${short}`;
    else if (char !== "\ufeff" && !needsEscape.test(char)) out += char;
    else if (point <= 0xff) out += `\\x${hex(point, 2)}`;
    else if (point <= 0xffff) out += `\\u${hex(point, 4)}`;
    else out += `\\U${hex(point, 8)}`;
  }
  return `"${out}"`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}
