/** How long ago, in the largest unit that says it: "8 min ago", "3 days ago". Both in milliseconds since 1970 UTC. */
export function ageOf(time: number, now: number): string {
  const seconds = Math.round((now - time) / 1_000);
  if (seconds < 0) return "in the future";
  if (seconds < 60) return seconds < 5 ? "just now" : `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ago`;
  return `${Math.floor(hours / 24)} days ago`;
}

/** Local time to the minute: "2026-11-21 12:04". */
export function localTime(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** "2026-11-21 12:04 (8 min ago)". */
export function timeWithAge(time: number, now: number): string {
  return `${localTime(time)} (${ageOf(time, now)})`;
}
