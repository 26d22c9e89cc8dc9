import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type InitFolder, initFolder, tableFormats } from "../../../../test/support/init-folder.ts";
import { loadProject } from "../../configs/project.ts";

let lab: InitFolder;
beforeEach(() => {
  lab = initFolder();
});
afterEach(() => lab.remove());

/** 300 rows; a third of them has the first value. */
const twoClasses = (third: string, others: string) =>
  `SELECT i AS id, sin(i) AS x, CASE WHEN i % 3 = 0 THEN ${third} ELSE ${others} END AS y FROM range(300) t(i)`;

describe.each(tableFormats)("the positive class of a %s table", (format) => {
  it.each([
    ["the word that says yes, though it is the more frequent", "'nein'", "'ja'", "ja", /says yes/],
    ["yes in any case and language", "'Non'", "'OUI'", "OUI", /says yes/],
    ["1 beside 0", "0", "1", 1, /says yes/],
    ["true, which yes and no are read as", "'no'", "'yes'", true, /says yes/],
    ["the rarer one", "'bad'", "'good'", "bad", /the rarer class: 100 of 300 rows/],
    ["the rarer of 1 and 2, which say nothing", "2", "1", 2, /the rarer class/],
  ])("is %s", async (_, third, others, positive, why) => {
    const table = await lab.table(format, twoClasses(third, others));
    const made = await lab.init({ dir: "p", table, target: "y", task: "binary" });
    // A CSV file has no truth values and no numbers of its own: what is read is what counts.
    expect(loadProject(made.dir).config.positive_class).toBe(positive);
    const decision = made.decisions.find(({ topic }) => topic === "positive class");
    expect(decision).toMatchObject({ choice: String(positive), reason: expect.stringMatching(why) });
    const yaml = lab.read(made, "signalbox.yaml");
    expect(yaml).toMatch(new RegExp(`^# The class whose probability .*${why.source}.*\\npositive_class: `, "m"));
  });

  it("is the one that --positive names, and another name is refused with the classes", async () => {
    const table = await lab.table(format, twoClasses("'bad'", "'good'"));
    const made = await lab.init({ dir: "p", table, target: "y", positive: "good" });
    expect(loadProject(made.dir).config.positive_class).toBe("good");
    const refused = await lab.failure({ dir: "q", table, target: "y", positive: "god" });
    expect(refused).toMatchObject({ code: "projects/invalid", message: expect.stringMatching(/did you mean `good`/) });
  });

  it("can be named as the table has it where yes and no are read as truth values", async () => {
    const table = await lab.table(format, twoClasses("'no'", "'yes'"));
    const made = await lab.init({ dir: "p", table, target: "y", positive: "no" });
    expect(loadProject(made.dir).config.positive_class).toBe(false);
  });
});

it("is refused for a target that has none", async () => {
  const table = await lab.table("csv", "SELECT i AS id, i % 5 AS x, sin(i) AS y FROM range(300) t(i)");
  const refused = await lab.failure({ dir: "p", table, target: "y", positive: "1" });
  expect(refused.message).toMatch(/--positive: a regression task has no positive class/);
});
