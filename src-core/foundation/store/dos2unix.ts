/** DVC 2.x's rule for text: no NUL, and at most 30 % of the bytes are neither printable ASCII nor \n \r \t \f \b. */
export function isMostlyText(start: Uint8Array): boolean {
  if (start.length === 0) return true;
  let odd = 0;
  for (const byte of start) {
    if (byte === 0) return false;
    const isUsual =
      (byte >= 0x20 && byte < 0x7f) || byte === 10 || byte === 13 || byte === 9 || byte === 12 || byte === 8;
    if (!isUsual) odd += 1;
  }
  return odd / start.length <= 0.3;
}

/** The bytes with every `\r\n` as `\n`. */
export function toUnixLines(content: Uint8Array): Uint8Array {
  const out = new Uint8Array(content.length);
  let length = 0;
  for (let at = 0; at < content.length; at += 1) {
    const byte = content[at] ?? 0;
    if (byte === 13 && content[at + 1] === 10) continue;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}
