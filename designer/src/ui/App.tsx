import { type ComponentType, Suspense, lazy, useEffect } from "react";
import { type Role, may } from "../api/session";
import { SignIn } from "./SignIn";
import { Empty, Loading } from "./parts/States";
import { type Route, useRoute } from "./router";
import { useSession } from "./session";
import { Shell } from "./shell/Shell";
import { useTexts } from "./texts";
import { ToastList } from "./toasts";
import { FlowsPage } from "./flows/FlowsPage";

interface Page {
  readonly view: ComponentType<{ id: string }>;
  readonly roles: readonly Role[];
}

/** Each page is loaded when it is first wanted. */
const PAGES: Record<Exclude<Route["page"], "missing">, Page> = {
  flows: { view: FlowsPage, roles: ["author", "analyst"] },
  editor: { view: lazy(() => import("./editor/EditorPage")), roles: ["author"] },
  analytics: { view: lazy(() => import("./analytics/AnalyticsPage")), roles: ["analyst"] },
  calls: { view: lazy(() => import("./calls/CallPage")), roles: ["analyst"] },
  prompts: { view: lazy(() => import("./prompts/PromptsPage")), roles: ["author"] },
  desk: { view: lazy(() => import("./desk/DeskPage")), roles: ["agent"] },
  admin: { view: lazy(() => import("./admin/AdminPage")), roles: ["operator", "admin"] },
};

function Current({ route }: { route: Route }) {
  const { t } = useTexts();
  const session = useSession((state) => state.session);
  if (session === undefined) return <Loading />;
  if (session === null) return <SignIn />;
  if (route.page === "missing") {
    return (
      <Shell>
        <Empty>{t("common.notFound")}</Empty>
      </Shell>
    );
  }
  const landing = route.page === "flows" && !may(session, "analyst") && may(session, "agent");
  const { view: View, roles } = PAGES[landing ? "desk" : route.page];
  if (!roles.some((role) => may(session, role))) {
    return (
      <Shell>
        <Empty>{t("shell.notAllowed", { roles: roles.join(", ") })}</Empty>
      </Shell>
    );
  }
  return (
    <Suspense fallback={<Loading />}>
      <View key={route.id} id={route.id} />
    </Suspense>
  );
}

export function App() {
  const route = useRoute();
  const load = useSession((state) => state.load);
  useEffect(() => void load(), [load]);
  return (
    <>
      <Current route={route} />
      <ToastList />
    </>
  );
}
