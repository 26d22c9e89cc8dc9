import { describe, expect, it } from "vitest";
import { csvHeader } from "./csv-header.ts";

const plain = { skippedLines: 0, remarks: [] };
const remarksOf = (text: string) => csvHeader(text)?.remarks.map(({ what, why }) => `${what}: ${why}`);

describe("a CSV header", () => {
  it("loses no column: BOM, quotes, empty and repeated names, any delimiter", () => {
    expect(csvHeader('\uFEFFa,"b ""c"", d",,a\n1,2,3,4')).toMatchObject({
      delimiter: ",",
      names: ["a", 'b "c", d', "column3", "a_1"],
    });
    expect(csvHeader("a;b\r\n1,5;2")).toEqual({ delimiter: ";", names: ["a", "b"], ...plain });
    expect(csvHeader('"a\nb"\n1')).toEqual({ delimiter: ",", names: ["a\nb"], ...plain });
    expect(csvHeader('"a,b\n1')).toBeNull();
    expect(csvHeader("")).toBeNull();
  });

  it("leaves a real name as it is, wherever it stands", () => {
    const names = (text: string) => csvHeader(text)?.names;
    expect(names("a,a_1,a\n1,2,3")).toEqual(["a", "a_1", "a_2"]);
    expect(names("a,a,a_1\n1,2,3")).toEqual(["a", "a_2", "a_1"]);
    expect(names(",column1,A,a\n1,2,3,4")).toEqual(["column1_1", "column1", "A", "a_1"]);
  });

  it("says which names were changed, and why", () => {
    expect(remarksOf("x,X,,x\n1,2,3,4")).toEqual([
      "column 2, X, is read as X_1: x and X differ only in case, and names of columns ignore it",
      "column 3 is read as column3: it has no name",
      "column 4, x, is read as x_2: the name occurs twice",
    ]);
    expect(remarksOf("a,b,é,É\n1,2,3,4")).toEqual([]);
    expect(remarksOf("a, a,b ,c\n1,2,3,4")).toEqual([
      "names of columns are read without the spaces around them: ` a`, and 1 more",
      "column 2, a, is read as a_1: the name occurs twice",
    ]);
    expect(remarksOf("a, b ,c, d\n1,2,3,4")).toEqual([
      "names of columns are read without the spaces around them: ` b `, and 1 more",
    ]);
  });

  it.each([
    [
      "quoted commas beside semicolons",
      '"Price, EUR";"Size, m2";n\n"1,5";2;3\n4,5;6;7\n',
      ";",
      ["Price, EUR", "Size, m2", "n"],
    ],
    ["quoted commas beside tabs", '"a, b, c, d"\te\n1\t2\n', "\t", ["a, b, c, d", "e"]],
    [
      "plain commas beside tabs",
      "name, first\tvalue, x, y\tn\n1\t2\t3\n4\t5\t6\n",
      "\t",
      ["name, first", "value, x, y", "n"],
    ],
    ["pipes with commas in every row", "a|b\n1,5|2,5\n3,5|4,5\n", "|", ["a", "b"]],
    ["quoted semicolons beside commas", 'a,"b;c;d;e"\n1,"x;y;z;w"\n', ",", ["a", "b;c;d;e"]],
    ["one broken row", "a;b,c;d\n1;2;3\n4;5\n6;7;8\n", ";", ["a", "b,c", "d"]],
    ["one column of sentences with quoted commas", 'text\n"a, b"\n"c, d, e"\n', ",", ["text"]],
    ["no row", "a;b;c\n", ";", ["a", "b", "c"]],
    ["line breaks inside quotes", '"a\nx";b\n"1\n2,3,4";5\n', ";", ["a\nx", "b"]],
  ])("takes the delimiter that the rows settle: %s", (_, text, delimiter, names) => {
    expect(csvHeader(text)).toEqual({ delimiter, names, ...plain });
  });

  it("takes the separator that a spreadsheet declares", () => {
    for (const text of ["sep=;\r\na,b;c\r\n1,2;3\r\n", "\uFEFFSEP=;\na,b;c\n1,2;3\n"]) {
      expect(csvHeader(text)).toMatchObject({ delimiter: ";", names: ["a,b", "c"], skippedLines: 1 });
    }
    expect(csvHeader("sep=^\na^b\n1^2\n")).toMatchObject({ delimiter: "^", names: ["a", "b"] });
    expect(csvHeader("sep=x,b\n1,2\n")).toMatchObject({ names: ["sep=x", "b"], skippedLines: 0 });
  });

  it("skips comments before the header, and keeps a header that begins like one", () => {
    expect(csvHeader("# exported by x; on monday\n# it's \"fine\nid;y\n1;2\n3;4\n")).toEqual({
      delimiter: ";",
      names: ["id", "y"],
      skippedLines: 2,
      remarks: [{ what: "lines 1 to 2 are skipped", why: "comments before the header" }],
    });
    expect(csvHeader("#id,y\n1,2\n3,4\n")).toEqual({ delimiter: ",", names: ["#id", "y"], ...plain });
    expect(csvHeader("# made by hand\n#id,y\n1,2\n3,4\n")).toMatchObject({ names: ["#id", "y"], skippedLines: 1 });
  });

  it("isn't misled by a record that the beginning of a file cuts off", () => {
    expect(csvHeader('a;b\n1;2\n3;"4', false)).toEqual({ delimiter: ";", names: ["a", "b"], ...plain });
  });
});
