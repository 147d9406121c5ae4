import { expect, it } from "vitest";
import { decodeText, kindOfText, namesRoot } from "../src/core/textFiles";

it("reads a text in the encoding that it says it is in", () => {
  // 你好 in GB 2312
  const head = '<?xml version="1.0" encoding="GB2312"?><vxml>';
  const bytes = new Uint8Array([...new TextEncoder().encode(head), 0xc4, 0xe3, 0xba, 0xc3]);
  expect(decodeText(bytes)).toBe(`${head}你好`);
  expect(decodeText(new Uint8Array([0xff, 0xfe, 0x60, 0x4f]))).toBe("你");
  expect(decodeText(new TextEncoder().encode("你好"))).toBe("你好");
});

it("tells a document that names an application root, and no other", () => {
  expect(namesRoot('<?xml version="1.0"?>\n<vxml version="2.0"\n application="root.vxml">')).toBe(true);
  expect(namesRoot('<vxml version="2.0"><!-- <vxml application="x"> --><form/></vxml>')).toBe(false);
  expect(namesRoot('<vxml version="2.0"><block>application=</block></vxml>')).toBe(false);
  expect(kindOfText("\ufeff <vxml/>")).toBe("voicexml");
});
