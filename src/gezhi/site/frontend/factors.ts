// Passkeys: the server asks, the browser's passkeys answer, the form carries the answer back.
// Also the button that prints recovery codes.

type Described = { id: string; type: "public-key"; transports?: AuthenticatorTransport[] };

function bytes(text: string): ArrayBuffer {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0)).buffer;
}

function text(data: ArrayBuffer | null): string | undefined {
  if (!data) return undefined;
  const signs = Array.from(new Uint8Array(data), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const described = (all: Described[] | undefined) =>
  (all ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

async function make(asked: any): Promise<PublicKeyCredential | null> {
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    user: { ...asked.user, id: bytes(asked.user.id) },
    excludeCredentials: described(asked.excludeCredentials),
  };
  return (await navigator.credentials.create({ publicKey })) as PublicKeyCredential | null;
}

async function show(asked: any): Promise<PublicKeyCredential | null> {
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    allowCredentials: described(asked.allowCredentials),
  };
  return (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null;
}

function written(made: PublicKeyCredential): string {
  const said = made.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  return JSON.stringify({
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    clientExtensionResults: {},
    response: {
      clientDataJSON: text(said.clientDataJSON),
      attestationObject: text(said.attestationObject),
      authenticatorData: said.signature ? text(said.authenticatorData) : undefined,
      signature: text(said.signature),
      userHandle: text(said.userHandle),
    },
  });
}

async function answer(form: HTMLFormElement): Promise<void> {
  const field = form.elements.namedItem("passkey") as HTMLInputElement;
  const token = form.elements.namedItem("csrfmiddlewaretoken") as HTMLInputElement;
  const reply = await fetch(form.dataset.challenge ?? "", {
    method: "POST",
    headers: { "X-CSRFToken": token.value },
  });
  if (!reply.ok) throw new Error(String(reply.status));
  const asked = (await reply.json()).publicKey;
  const made = await (form.dataset.passkey === "create" ? make(asked) : show(asked));
  if (!made) throw new Error("none");
  field.value = written(made);
  form.submit();
}

document.querySelectorAll<HTMLFormElement>("form[data-passkey]").forEach((form) => {
  if (!window.PublicKeyCredential) return;
  form.hidden = false;
  const failed = form.querySelector<HTMLElement>("[data-failed]");
  const button = form.querySelector<HTMLButtonElement>("button");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation(); // it is sent by `answer`, and may be tried again
    if (failed) failed.hidden = true;
    if (button) button.disabled = true;
    answer(form).catch(() => {
      if (button) button.disabled = false;
      if (failed) failed.hidden = false;
    });
  });
});

document.querySelectorAll<HTMLButtonElement>("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
