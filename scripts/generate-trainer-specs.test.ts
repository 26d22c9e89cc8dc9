import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { trainerSpecFiles } from "./generate-trainer-specs.ts";
import { writeModules } from "./trainer-specs/python-module.ts";

const title = (name: string) => ({ title: name, description: `A ${name}` });
const write = (...schemas: readonly z.ZodType[]) =>
  writeModules([{ name: "made", about: "Made.", schemas }]).get("made");

describe("the trainer's reader of specifications", () => {
  it.each([...trainerSpecFiles()])("%s matches the contract (generate-trainer-specs.ts writes it)", (file, text) => {
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("has a class for an object with its fields' types and meanings, and a function that reads it", () => {
    const inner = z.object({ at_most: z.int().min(1).optional().describe("How many") });
    const text = write(
      z
        .object({
          kind: z.enum(["a", "b"]).default("a").describe("Which kind"),
          rest: z.array(inner).min(2).describe("The rest"),
        })
        .meta(title("Thing")),
    );
    expect(text).toContain(`@dataclass(frozen=True)
class Thing:
    """A Thing."""

    # Which kind.
    kind: Literal["a", "b"]
    # The rest.
    rest: list[ThingRest]
`);
    expect(text).toContain('        kind=fields("kind", otherwise(one_of("a", "b"), "a")),\n');
    expect(text).toContain('        rest=fields("rest", list_of(read_thing_rest, at_least=2)),\n');
    expect(text).toContain('        at_most=fields("at_most", optional(whole(at_least=1))),\n');
  });

  it("imports what an earlier module defines", () => {
    const part = z.object({ a: z.string().describe("A text") }).meta(title("Part"));
    const whole = z.object({ part }).meta(title("Whole"));
    const modules = writeModules([
      { name: "parts", about: "Parts.", schemas: [part] },
      { name: "wholes", about: "Wholes.", schemas: [whole] },
    ]);
    expect(modules.get("wholes")).toContain("from signalbox_trainer.specs.parts import Part, read_part\n");
    expect(modules.get("wholes")).not.toContain("class Part");
  });

  it("can't be written if a key has no description, two classes have one name, or Python has no counterpart", () => {
    const bare = z.object({ bare: z.string() }).meta(title("Thing"));
    expect(() => write(bare)).toThrow("Thing.bare has no description");
    expect(() => write(z.object({}).meta(title("Same")), z.object({}).meta(title("Same")))).toThrow("called Same");
    for (const schema of [z.date(), z.number().positive(), z.union([z.string(), z.number()])])
      expect(() => write(z.object({ it: schema.describe("It") }).meta(title("Thing")))).toThrow(/Python/);
    expect(() => write(z.object({}))).toThrow("has no title");
  });
});
