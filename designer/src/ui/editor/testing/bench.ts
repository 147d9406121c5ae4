/** The editor's test bench on this server. */
import * as api from "../../../api/tests";
import type { Editor } from "../../../core/editor";
import { type TestService, Testing } from "../../../core/testing";
import { reasonOf } from "../../refusals";
import { tell } from "../../toasts";

const service: TestService = {
  list: api.listTests,
  add: api.addTest,
  change: api.changeTest,
  rename: api.renameTest,
  remove: api.deleteTest,
  setBeforePublish: api.setBeforePublish,
  run: api.runTests,
  propose: api.proposeTests,
};

export const testingOf = (editor: Editor): Testing => new Testing(service, () => editor.flow, (error) => tell("bad", reasonOf(error)));
