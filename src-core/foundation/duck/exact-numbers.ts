/** Condition that a number is beyond ±2^53, where a double no longer holds every whole number; null for a null. */
export function beyondDouble(sql: string): string {
  return `(${sql} NOT BETWEEN -9007199254740992 AND 9007199254740992)`;
}
