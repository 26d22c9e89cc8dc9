import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { eventsOf } from "./follow-events.ts";
import { followFile, followLines } from "./follow-file.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "sb-follow-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function newFile(): string {
  files += 1;
  return path.join(folder, `growing-${files}.log`);
}

async function collect(file: string, options: Parameters<typeof followFile>[1]): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const { bytes } of followFile(file, options)) pieces.push(Buffer.from(bytes));
  return Buffer.concat(pieces).toString();
}

describe("following a file", () => {
  test("hands out what is appended, in order, up to the writer's last byte", async () => {
    const file = newFile();
    let isDone = false;
    const read = collect(file, { until: () => isDone });
    let written = "";
    for (let index = 0; index < 30; index += 1) {
      const part = `part ${index} ${"x".repeat(index * 700)}\n`;
      appendFileSync(file, part);
      written += part;
      if (index % 5 === 0) await pause(20);
    }
    isDone = true;
    expect(await read).toBe(written);
  });

  test("continues from any offset it handed out, without loss or repetition, over any number of interruptions", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3000), { minLength: 1, maxLength: 8 }), async (cuts) => {
        const file = newFile();
        const content = Array.from({ length: 500 }, (_, index) => `line ${index} é\n`).join("");
        writeFileSync(file, content);
        const got: Buffer[] = [];
        let offset = 0;
        for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
          const stop = new AbortController();
          const from = offset;
          for await (const { bytes, end } of followFile(file, { offset, signal: stop.signal, until: () => true })) {
            const take = Math.min(bytes.length, cut);
            got.push(Buffer.from(bytes.subarray(0, take)));
            offset = end - bytes.length + take;
            if (offset - from >= cut) stop.abort();
          }
        }
        expect(Buffer.concat(got).toString()).toBe(content);
      }),
      { numRuns: 20 },
    );
  });

  test("ends at once when told to stop, and waits for a file that is not there yet", async () => {
    const stop = new AbortController();
    const read = collect(newFile(), { signal: stop.signal, until: () => false });
    setTimeout(() => stop.abort(), 30);
    expect(await read).toBe("");
  });

  test("keeps back a last line until its end is written, whatever bytes the writes were cut at", async () => {
    const file = newFile();
    const text = 'a "ü" 日本\nsecond\n\nlast without end';
    const bytes = Buffer.from(text);
    let isDone = false;
    const lines: (string | undefined)[] = [];
    const reading = (async () => {
      for await (const line of followLines(file, { until: () => isDone })) lines.push(line.text);
    })();
    for (const byte of bytes) {
      appendFileSync(file, Buffer.from([byte]));
      if (byte % 7 === 0) await pause(2);
    }
    await pause(60);
    isDone = true;
    await reading;
    expect(lines).toEqual(['a "ü" 日本', "second", ""]);
  });

  test("passes over a line of more than a mebibyte and goes on behind it", async () => {
    const file = newFile();
    writeFileSync(file, `first\n${"x".repeat(3 << 20)}\nlast\n`);
    const lines: (string | undefined)[] = [];
    for await (const line of followLines(file, { until: () => true })) lines.push(line.text);
    expect(lines).toEqual(["first", undefined, "last"]);
  });
});

test("events keep coming behind lines that are no events, and each such line is handed out as garbage", async () => {
  const file = newFile();
  const metric = { type: "metric", time: 1, key: "train_rmse", value: 2.5, step: 3 };
  writeFileSync(
    file,
    `${JSON.stringify(metric)}\nSegmentation fault\n{"type":"metric","time":"x"}\n\n{"type":"phase","time":2,"name":"fit"}\n`,
  );
  const events: unknown[] = [];
  const garbage: (string | undefined)[] = [];
  for await (const followed of eventsOf(followFile(file, { until: () => true })))
    if (followed.event === undefined) garbage.push(followed.garbage);
    else events.push(followed.event);
  expect(events).toEqual([metric, { type: "phase", time: 2, name: "fit" }]);
  expect(garbage).toEqual(["Segmentation fault", '{"type":"metric","time":"x"}']);
});
