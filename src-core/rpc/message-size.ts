/**
 * True for a value that would take more bytes as JSON, about: characters count one byte each, which is the least they take. Ends as soon as
 * the bound is passed, so that a hostile message costs no more than a large one. Where a transport has no bytes (a port clones values),
 * this is what bounds a message.
 */
export function isLargerThan(value: unknown, mostBytes: number): boolean {
  let left = mostBytes;
  const seen = new Set<object>();
  const open: unknown[] = [value];
  while (open.length > 0 && left >= 0) {
    const next = open.pop();
    if (typeof next === "string") left -= next.length + 2;
    else if (typeof next !== "object" || next === null) left -= 4;
    else if (ArrayBuffer.isView(next)) left -= next.byteLength;
    else if (!seen.has(next)) {
      seen.add(next);
      left -= 2;
      for (const [key, inner] of Object.entries(next)) {
        left -= Array.isArray(next) ? 1 : key.length + 4;
        open.push(inner);
      }
    }
  }
  return left < 0;
}

const encoder = new TextEncoder();

/** A text's bytes in UTF-8, counted only where the number of characters doesn't decide. */
export function isTextLargerThan(text: string, mostBytes: number): boolean {
  if (text.length > mostBytes) return true;
  return text.length * 3 > mostBytes && encoder.encode(text).length > mostBytes;
}
