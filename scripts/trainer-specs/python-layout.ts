/** A Python expression: a name or literal, or something in brackets that may need several lines. */
export type Expression =
  | string
  | { readonly head: string; readonly items: readonly Expression[]; readonly tail?: string };

export const widest = 120;

export function call(name: string, ...items: readonly Expression[]): Expression {
  return { head: `${name}(`, items };
}

export function subscript(name: string, ...items: readonly Expression[]): Expression {
  return { head: `${name}[`, items };
}

/** Appends text to an expression: `Literal["a"] | None`. */
export function followed(expression: Expression, tail: string): Expression {
  return typeof expression === "string" ? expression + tail : { ...expression, tail: (expression.tail ?? "") + tail };
}

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const endOf = ({ head, tail }: Exclude<Expression, string>) => (closing[head.slice(-1)] ?? "") + (tail ?? "");

function flat(expression: Expression): string {
  if (typeof expression === "string") return expression;
  return expression.head + expression.items.map(flat).join(", ") + endOf(expression);
}

/**
 * Lays out the expression as ruff's formatter does: on one line, else the content of its brackets on a separate line, else a line for each
 * item. `before` and `after` are the text around it on its first and last line.
 */
export function layOut(
  expression: Expression,
  { indent, before, after }: { readonly indent: string; readonly before: string; readonly after: string },
): string {
  const line = indent + before + flat(expression) + after;
  if (typeof expression === "string" || line.length <= widest) return line;
  const inner = `${indent}    `;
  const together = inner + expression.items.map(flat).join(", ");
  const isSplit = together.length > widest && expression.items.length > 0;
  const body = isSplit
    ? expression.items.map((item) => layOut(item, { indent: inner, before: "", after: "," })).join("\n")
    : together;
  return `${indent}${before}${expression.head}\n${body}\n${indent}${endOf(expression)}${after}`;
}

/** Wraps text into comment lines. */
export function comment(text: string, indent: string): string {
  const lines: string[] = [];
  let current = `${indent}#`;
  for (const word of text.split(" ")) {
    if (current.length + 1 + word.length > widest) {
      lines.push(current);
      current = `${indent}#`;
    }
    current += ` ${word}`;
  }
  return [...lines, current].join("\n");
}

/** Writes a JSON value in Python. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object")
    return `{${Object.entries(value)
      .map(([key, item]) => `${literal(key)}: ${literal(item)}`)
      .join(", ")}}`;
  return JSON.stringify(value);
}
