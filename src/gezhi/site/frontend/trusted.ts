// Where a string would become script, only addresses of our own are let through (Trusted Types);
// without createScript the browser refuses every string that is to be run. HTML passes: it is the
// parts of pages that our own server wrote, and the policy of the pages lets no script in it run.
interface Rules {
  createHTML(text: string): string;
  createScriptURL(url: string): string;
}
const types = (window as unknown as { trustedTypes?: { createPolicy(name: string, rules: Rules): unknown } }).trustedTypes;
types?.createPolicy("default", {
  createHTML: (text) => text,
  createScriptURL: (url) => {
    if (new URL(url, location.href).origin === location.origin) return url;
    throw new TypeError("not a script of ours");
  },
});
